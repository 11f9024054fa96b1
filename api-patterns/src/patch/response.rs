//! How a response says which patches a resource takes.

use std::convert::Infallible;

use axum::response::{IntoResponse, IntoResponseParts, Response, ResponseParts};
use http::{HeaderName, HeaderValue};

use super::extract::PatchRequest;
use super::schema::Patch;

/// RFC 5789 §3.1.
pub(super) const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

/// The header field `Accept-Patch` (RFC 5789 §3.1), as a part of a response to `GET` or `OPTIONS`.
///
/// # Example
#[cfg_attr(feature = "macros", doc = "```")]
#[cfg_attr(not(feature = "macros"), doc = "```ignore")]
/// use api_patterns::patch::{AcceptPatch, Patch};
/// use axum::response::IntoResponse;
///
/// #[derive(serde::Serialize, Patch)]
/// #[patch(accept_json)]
/// struct Settings { theme: String }
///
/// let response = (AcceptPatch::of::<Settings>(), "…").into_response();
/// assert_eq!(
///     response.headers()["accept-patch"],
///     "application/merge-patch+json, application/json-patch+json, application/json",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptPatch {
    accepted: &'static str,
}

impl AcceptPatch {
    /// What [`PatchRequest<T>`] takes.
    pub fn of<T: Patch>() -> Self {
        Self {
            accepted: PatchRequest::<T>::ACCEPT,
        }
    }

    /// The value of the header field.
    pub fn to_header_value(self) -> HeaderValue {
        HeaderValue::from_static(self.accepted)
    }
}

impl IntoResponseParts for AcceptPatch {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        let value = self.to_header_value();
        response.headers_mut().insert(ACCEPT_PATCH, value);
        Ok(response)
    }
}

impl IntoResponse for AcceptPatch {
    fn into_response(self) -> Response {
        (self, ()).into_response()
    }
}
