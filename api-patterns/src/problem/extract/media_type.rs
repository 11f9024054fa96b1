//! The media type of a request's body.

use http::{HeaderMap, header};

use crate::problem::Problem;

/// The type without its parameters, in lower case.
pub(crate) fn essence(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

/// `application/json`, or a type built on it, such as `application/merge-patch+json`.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|essence| {
        let subtype = essence.strip_prefix("application/");
        subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
    })
}

pub(super) fn is_form(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|essence| essence == "application/x-www-form-urlencoded")
}

/// 415, with the accepted type in `Accept` (RFC 9110 §15.5.16).
pub(crate) fn unsupported(expected: &'static str) -> Problem {
    Problem::new(http::StatusCode::UNSUPPORTED_MEDIA_TYPE)
        .code("unsupported_media_type")
        .detail(format!("expected a body with `Content-Type: {expected}`"))
        .header(header::ACCEPT, http::HeaderValue::from_static(expected))
}
