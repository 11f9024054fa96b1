//! What the targets in `targets/` call, and what they share: the rows whose keys and filters are tried.
//!
//! Each function takes what a client sent and panics where a promise is broken. None of them may
//! panic, loop or answer anything but a client error on any bytes.

#![forbid(unsafe_code)]

mod bulk;
mod conditional;
mod cursor;
mod headers;
mod idempotency;
mod json;
mod patch;
mod query;
mod row;

pub use self::bulk::bulk;
pub use self::conditional::conditional;
pub use self::cursor::cursor;
pub use self::headers::headers;
pub use self::idempotency::idempotency;
pub use self::json::json;
pub use self::patch::patch;
pub use self::query::query;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use api_patterns::problem::Problem;

/// Longest detail that may echo what a client sent.
const LONGEST_DETAIL: usize = 8 * 1024;

/// The output of an extractor whose input is all there, so that it never waits.
fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("an extractor waits for something"),
    }
}

/// A refusal blames the client, says something, and does not grow with what was sent.
fn check_refusal(problem: &Problem, statuses: &[u16]) {
    let status = problem.status().as_u16();
    assert!(statuses.contains(&status), "status {status}: {problem:?}");
    assert!(problem.get_code().is_some(), "no code: {problem:?}");
    let detail = problem.get_detail().unwrap_or_default();
    assert!(!detail.is_empty(), "no detail: {problem:?}");
    assert!(
        detail.len() <= LONGEST_DETAIL,
        "a detail of {} bytes",
        detail.len()
    );
}
