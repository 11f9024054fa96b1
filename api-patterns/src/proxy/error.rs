//! What can be wrong in a configuration.

/// A text that is not an IP address or network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{network}` is not an IP address, or a network as address/length")]
pub struct NetworkError {
    pub(super) network: String,
}

/// A text that is not a host for [`BaseUrl::hosts`](super::BaseUrl::hosts).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{host}` is not a host, or host and port")]
pub struct HostError {
    pub(super) host: String,
}

/// A text that is not a base URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is not a base URL: {reason}")]
pub struct BaseUrlError {
    pub(super) url: String,
    pub(super) reason: &'static str,
}
