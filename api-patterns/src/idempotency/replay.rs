//! What is kept of an answer, and the answer that is made of it.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, DATE, PROXY_AUTHENTICATE, SET_COOKIE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{Answer, Effects, refusal};

/// Tells a client that it reads an answer that was given before.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What belongs to one connection (RFC 9110 §7.6.1) or one response alone.
const OF_ONE_RESPONSE: [HeaderName; 12] = [
    SET_COOKIE,
    DATE,
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    // Of the bytes that are kept.
    CONTENT_LENGTH,
    REPLAYED,
];

/// What was done for an answer of this status.
pub(super) fn effects(status: StatusCode) -> Effects {
    match status.is_success() || status.is_redirection() {
        true => Effects::Keep,
        false => Effects::Undo,
    }
}

/// The answer as it is kept; `None` where the next copy is to run. `body` is `None` where it was
/// too long or is still being written.
pub(super) fn kept(response: &Response, body: Option<Bytes>, errors_too: bool) -> Option<Answer> {
    let status = response.status();
    let has_effect = effects(status) == Effects::Keep;
    // What had no effect can be had again.
    let can_be_kept = has_effect || body.is_some();
    (can_be_kept && is_final(status, errors_too)).then(|| Answer {
        status,
        headers: lasting(response.headers()),
        body,
    })
}

/// Whether the same request would be answered with this status again, now and later. What depends
/// on the time, on the state of other things or on credentials is asked again.
fn is_final(status: StatusCode, errors_too: bool) -> bool {
    match status.as_u16() {
        200..=399 => true,
        401 | 403 | 404 | 407 | 408 | 409 | 412 | 421 | 423..=426 | 428 | 429 => false,
        400..=499 => true,
        500..=599 => errors_too,
        _ => false,
    }
}

fn lasting(headers: &HeaderMap) -> HeaderMap {
    let mut lasting = headers.clone();
    for value in headers.get_all(CONNECTION) {
        let names = value.as_bytes().split(|byte| *byte == b',');
        for name in names.flat_map(|name| HeaderName::from_bytes(name.trim_ascii())) {
            lasting.remove(name);
        }
    }
    for name in OF_ONE_RESPONSE {
        lasting.remove(name);
    }
    lasting
}

/// The answer for a copy.
pub(super) fn replay(answer: Answer) -> Response {
    let Answer {
        status,
        headers,
        body,
    } = answer;
    let Some(body) = body else {
        return refusal::not_kept(status).into_response();
    };
    let mut response = Response::new(Body::from(body.clone()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    crate::problem::recognize(&mut response, &body);
    let yes = HeaderValue::from_static("true");
    response.headers_mut().insert(REPLAYED, yes);
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::response::Response;
    use bytes::Bytes;
    use http::StatusCode;

    use super::{kept, lasting};

    fn is_kept(status: u16, body: Option<Bytes>, errors_too: bool) -> bool {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        kept(&response, body, errors_too).is_some()
    }

    #[test]
    fn what_is_kept_depends_on_the_status() {
        let body = || Some(Bytes::from_static(b"x"));
        for status in [200, 201, 202, 204, 207, 303, 400, 402, 410, 413, 415, 422] {
            assert!(is_kept(status, body(), false), "{status}");
        }
        for status in [
            100, 101, 401, 403, 404, 408, 409, 412, 423, 424, 425, 428, 429,
        ] {
            assert!(!is_kept(status, body(), true), "{status}");
        }
        for status in [500, 502, 503, 504, 599] {
            assert!(!is_kept(status, body(), false), "{status}");
            assert!(is_kept(status, body(), true), "{status}");
        }
        for (status, expected) in [(200, true), (303, true), (422, false), (500, false)] {
            assert_eq!(
                is_kept(status, None, true),
                expected,
                "{status} without a body"
            );
        }
    }

    #[test]
    fn fields_of_one_response_are_not_kept() {
        let response = Response::builder()
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .header("date", "now")
            .header("connection", "close, x-hop , bad name")
            .header("x-hop", "1")
            .header("keep-alive", "timeout=5")
            .header("content-length", "1")
            .header("idempotency-replayed", "true")
            .header("location", "/orders/1")
            .header("link", "</a>; rel=a")
            .header("link", "</b>; rel=b")
            .body(())
            .expect("a response");
        let kept = lasting(response.headers());
        assert_eq!(kept.len(), 3, "{kept:?}");
        assert_eq!(kept["location"], "/orders/1");
        assert_eq!(kept.get_all("link").iter().count(), 2);
    }
}
