//! Whom to believe.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::extract::connect_info::MockConnectInfo;
use http::{Extensions, HeaderMap, Request};

use super::error::NetworkError;
use super::forwarding::{self, Forwarding};
use super::network::Network;

/// Most hops that are looked at, whatever is configured.
const MAX_HOPS: usize = 32;

/// Which forwarding headers are believed, and from whom. Default: none, from nobody.
///
/// See the [module docs](super) for an example, and for what each choice means.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    trust: Trust,
    headers: ForwardingHeaders,
}

#[derive(Clone, Debug, Default)]
enum Trust {
    #[default]
    Nobody,
    Hops(usize),
    Networks(Arc<[Network]>),
}

/// In which headers the trusted proxies say what they have seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardingHeaders {
    /// `X-Forwarded-For`, `-Proto`, `-Host`, `-Port` and `-Prefix`.
    #[default]
    XForwarded,
    /// `Forwarded` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)), which has no prefix.
    Forwarded,
    /// The latter where it is there without `X-Forwarded-For`, which every proxy of the former
    /// family sets; otherwise the former. `X-Forwarded-Prefix` counts in both cases. A client can
    /// choose by sending `X-Forwarded-For` itself, so the proxy must set or remove **all** of them;
    /// with one family alone it is enough to set or remove that one.
    Either,
}

impl Proxies {
    /// Nothing is believed: the client is whoever has connected.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The nearest `count` proxies are trusted, whatever their addresses; at most 32.
    ///
    /// Every request must come through all of them: on a shorter way, elements that the client
    /// has written count as a proxy's.
    #[must_use]
    pub fn hops(count: usize) -> Self {
        Self {
            trust: Trust::Hops(count.min(MAX_HOPS)),
            headers: ForwardingHeaders::default(),
        }
    }

    /// The proxies in these networks are trusted: `10.0.0.0/8`, `::1`, `fd00::/8`.
    ///
    /// Nothing is believed unless the connection comes from one of them, which takes
    /// [`into_make_service_with_connect_info::<SocketAddr>`][connect] to know. From there the
    /// way is followed back while its addresses are in these networks, at most 32 hops.
    ///
    /// [connect]: axum::Router::into_make_service_with_connect_info
    ///
    /// # Errors
    /// For a text that is neither an IP address nor `address/length`.
    pub fn networks<I>(networks: I) -> Result<Self, NetworkError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let networks = networks.into_iter();
        let networks: Result<Arc<[Network]>, NetworkError> = networks
            .map(|network| Network::parse(network.as_ref()))
            .collect();
        Ok(Self {
            trust: Trust::Networks(networks?),
            headers: ForwardingHeaders::default(),
        })
    }

    /// The headers that the trusted proxies write. Default: [`ForwardingHeaders::XForwarded`].
    #[must_use]
    pub fn headers(mut self, headers: ForwardingHeaders) -> Self {
        self.headers = headers;
        self
    }

    /// The address of the client: the farthest one that is known from what is believed, and the
    /// peer's ([`ConnectInfo<SocketAddr>`]) where nothing is. IPv4-mapped IPv6 addresses come as
    /// IPv4.
    ///
    /// Its proxy's address stands for a client whose proxy hides it (`for=unknown`).
    #[must_use]
    pub fn client<B>(&self, request: &Request<B>) -> Option<IpAddr> {
        forwarding::way(self, request.headers(), peer(request.extensions())).client
    }

    /// What the trusted proxies say about the request.
    pub(super) fn forwarding(&self, headers: &HeaderMap, extensions: &Extensions) -> Forwarding {
        forwarding::read(self, headers, peer(extensions))
    }

    /// The family of headers to read for this request.
    /// Whoever sets `Forwarded` alone passes on whatever prefix a client makes up.
    pub(super) fn is_prefix_read(&self) -> bool {
        self.headers != ForwardingHeaders::Forwarded
    }

    pub(super) fn is_forwarded_read(&self, headers: &HeaderMap) -> bool {
        match self.headers {
            ForwardingHeaders::XForwarded => false,
            ForwardingHeaders::Forwarded => true,
            ForwardingHeaders::Either => forwarding::is_forwarded_said(headers),
        }
    }

    /// Follows the way of the request back from `peer`. `addresses` are what each hop says about
    /// the one before it, nearest first; `None` where it does not say.
    pub(super) fn follow(
        &self,
        peer: Option<IpAddr>,
        addresses: impl Iterator<Item = Option<IpAddr>>,
    ) -> Way {
        match &self.trust {
            Trust::Nobody => Way::new(0, peer),
            Trust::Hops(count) => {
                let farthest = addresses.take(*count).flatten().last();
                Way::new(*count, farthest.or(peer))
            }
            Trust::Networks(networks) => follow_networks(networks, peer, addresses),
        }
    }
}

/// The part of a request's way that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// How many of the nearest hops are trusted.
    pub(super) hops: usize,
    /// The farthest address that is known.
    pub(super) client: Option<IpAddr>,
}

impl Way {
    const fn new(hops: usize, client: Option<IpAddr>) -> Self {
        Self { hops, client }
    }
}

fn follow_networks(
    networks: &[Network],
    peer: Option<IpAddr>,
    mut addresses: impl Iterator<Item = Option<IpAddr>>,
) -> Way {
    let trusted = |address: IpAddr| networks.iter().any(|network| network.contains(address));
    let mut way = Way::new(0, peer);
    while way.hops < MAX_HOPS && way.client.is_some_and(trusted) {
        way.hops += 1;
        match addresses.next().flatten() {
            Some(address) => way.client = Some(address),
            None => break,
        }
    }
    way
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let connected = extensions.get::<ConnectInfo<SocketAddr>>();
    let mocked = extensions.get::<MockConnectInfo<SocketAddr>>();
    let address = connected
        .map(|info| info.0)
        .or_else(|| mocked.map(|info| info.0))?;
    Some(address.ip().to_canonical())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{MAX_HOPS, Proxies};

    fn address(text: &str) -> Option<IpAddr> {
        (text != "-").then(|| text.parse().expect("an address"))
    }

    /// Follows `addresses`, nearest first, and gives hops and client.
    fn follow(proxies: &Proxies, peer: &str, addresses: &[&str]) -> (usize, Option<IpAddr>) {
        let addresses = addresses.iter().map(|text| address(text));
        let way = proxies.follow(address(peer), addresses);
        (way.hops, way.client)
    }

    #[test]
    fn nobody_is_believed_by_default() {
        for proxies in [Proxies::none(), Proxies::default(), Proxies::hops(0)] {
            let found = follow(&proxies, "192.0.2.1", &["198.51.100.1"]);
            assert_eq!(found, (0, address("192.0.2.1")));
        }
    }

    #[test]
    fn hops_are_counted_from_the_nearest() {
        let two = Proxies::hops(2);
        for (addresses, client) in [
            (
                &["10.0.0.2", "198.51.100.1", "203.0.113.9"][..],
                "198.51.100.1",
            ),
            (&["10.0.0.2"], "10.0.0.2"),
            (&[], "10.0.0.1"),
            (&["10.0.0.2", "-", "203.0.113.9"], "10.0.0.2"),
            (&["-", "198.51.100.1"], "198.51.100.1"),
        ] {
            let found = follow(&two, "10.0.0.1", addresses);
            assert_eq!(found, (2, address(client)), "{addresses:?}");
        }
        assert_eq!(
            follow(&Proxies::hops(usize::MAX), "-", &[]),
            (MAX_HOPS, None)
        );
    }

    #[test]
    fn networks_are_followed_to_the_first_address_outside() {
        let inside = Proxies::networks(["10.0.0.0/8", "::1"]).expect("networks");
        for (peer, addresses, hops, client) in [
            (
                "10.0.0.1",
                &["198.51.100.1", "10.0.0.9"][..],
                1,
                "198.51.100.1",
            ),
            (
                "10.0.0.1",
                &["10.0.0.2", "198.51.100.1", "::1"],
                2,
                "198.51.100.1",
            ),
            ("::ffff:10.0.0.1", &["198.51.100.1"], 1, "198.51.100.1"),
            ("::1", &["10.0.0.2", "10.0.0.3"], 3, "10.0.0.3"),
            ("10.0.0.1", &["-", "198.51.100.1"], 1, "10.0.0.1"),
            ("10.0.0.1", &[], 1, "10.0.0.1"),
            ("192.0.2.1", &["10.0.0.2", "198.51.100.1"], 0, "192.0.2.1"),
            ("-", &["10.0.0.2"], 0, "-"),
        ] {
            let found = follow(&inside, peer, addresses);
            assert_eq!(found, (hops, address(client)), "{peer} {addresses:?}");
        }
        let endless = ["10.0.0.2"; 1000];
        assert_eq!(follow(&inside, "::1", &endless).0, MAX_HOPS);
        let nobody = Proxies::networks::<[&str; 0]>([]).expect("no networks");
        assert_eq!(follow(&nobody, "::1", &["10.0.0.2"]), (0, address("::1")));
        assert!(Proxies::networks(["10.0.0.0/8", "10.0.0.0/99"]).is_err());
    }
}
