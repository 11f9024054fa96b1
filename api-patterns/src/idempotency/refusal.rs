//! What a request is told that is neither run nor answered from its record.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;

use crate::problem::{FieldError, Problem};
use crate::storage::StoreError;

pub(super) fn missing() -> Problem {
    Problem::bad_request("this request needs an `Idempotency-Key`, so that it can be repeated")
        .code("idempotency_key_missing")
        .error(FieldError::header("Idempotency-Key", "is missing"))
}

pub(super) fn in_flight(retry_after: Duration) -> Problem {
    let detail = "the first request with this `Idempotency-Key` is still at work";
    Problem::conflict(detail)
        .code("idempotency_in_flight")
        .header(RETRY_AFTER, seconds(retry_after))
}

pub(super) fn reused() -> Problem {
    let detail = "this `Idempotency-Key` belongs to a request with another target, content or \
                  content type; a new request needs a new key";
    Problem::unprocessable(detail)
        .code("idempotency_key_reused")
        .error(FieldError::header("Idempotency-Key", "is in use"))
}

pub(super) fn not_kept(first: StatusCode) -> Problem {
    let detail = format!(
        "the request was carried out and answered with {}; it is not carried out again, and the \
         answer was not kept",
        first.as_u16()
    );
    Problem::conflict(detail)
        .code("idempotency_answer_not_kept")
        .extension("answered", first.as_u16())
}

pub(super) fn lost(retry_after: Duration) -> Problem {
    let detail = "another copy of this request has taken its place; repeat it for the answer";
    Problem::conflict(detail)
        .code("idempotency_reservation_lost")
        .header(RETRY_AFTER, seconds(retry_after))
}

/// What would fail again is a 500, so that nobody repeats it for ever.
pub(super) fn store_failed(error: StoreError, retry_after: Duration) -> Problem {
    if !error.is_temporary() {
        return Problem::internal(error);
    }
    Problem::new(StatusCode::SERVICE_UNAVAILABLE)
        .code("idempotency_unavailable")
        .public_detail("the request can be repeated with the same `Idempotency-Key`")
        .header(RETRY_AFTER, seconds(retry_after))
        .source(error)
}

pub(super) fn too_long(most: usize) -> Problem {
    let detail =
        format!("a request with an `Idempotency-Key` has a body of up to {most} bytes here");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
        .code("payload_too_large")
        .detail(detail)
}

pub(super) fn incomplete() -> Problem {
    Problem::bad_request("the body did not arrive as a whole").code("incomplete_body")
}

/// Whole seconds, rounded up, and never 0 (RFC 9110 §10.2.3).
fn seconds(time: Duration) -> u64 {
    let seconds = time
        .as_secs()
        .saturating_add(u64::from(time.subsec_nanos() > 0));
    seconds.max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::seconds;

    #[test]
    fn a_client_is_never_told_to_come_back_at_once_or_too_early() {
        for (millis, expected) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (9_999, 10)] {
            assert_eq!(seconds(Duration::from_millis(millis)), expected);
        }
        assert_eq!(seconds(Duration::MAX), u64::MAX);
    }
}
