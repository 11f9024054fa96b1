//! What became of one item.

use http::StatusCode;

use super::choices::Made;
use crate::problem::Problem;

/// What an upsert did with one item; see [`MultiStatus::upserts`](super::MultiStatus::upserts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<R> {
    /// It was not there before.
    Created(R),
    /// It was there.
    Updated(R),
}

/// How many items a request was about: an extension of the response, for layers that count work
/// and not requests.
///
/// ```
/// use api_patterns::bulk::{Cost, MultiStatus};
/// use axum::response::IntoResponse;
///
/// let response = MultiStatus::of([Ok::<_, api_patterns::problem::Problem>("a"), Ok("b")]).into_response();
/// assert_eq!(response.extensions().get(), Some(&Cost(2)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(pub u32);

impl Cost {
    pub(super) fn of(items: usize) -> Self {
        Self(u32::try_from(items).unwrap_or(u32::MAX))
    }
}

/// An item that succeeded.
#[derive(Clone, Debug)]
pub(super) struct Done<R> {
    pub(super) body: R,
    pub(super) made: Made,
    pub(super) location: Option<String>,
    pub(super) etag: Option<String>,
}

impl<R> Done<R> {
    pub(super) fn new(body: R, made: Made) -> Self {
        Self {
            body,
            made,
            location: None,
            etag: None,
        }
    }

    pub(super) fn map<U>(self, map: impl FnOnce(R) -> U) -> Done<U> {
        Done {
            body: map(self.body),
            made: self.made,
            location: self.location,
            etag: self.etag,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self.made {
            Made::Created => StatusCode::CREATED,
            Made::Updated => StatusCode::OK,
        }
    }
}

/// 424 for an item that was not done, or undone, because of another one (RFC 4918 §11.4).
pub(super) fn failed_dependency() -> Problem {
    Problem::new(StatusCode::FAILED_DEPENDENCY)
        .code("failed_dependency")
        .detail("not done, because other items of the request failed")
}
