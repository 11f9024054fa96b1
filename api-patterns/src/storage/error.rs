//! [`StoreError`]: why a store could not do what it was asked.

use std::error::Error as StdError;
use std::fmt;

use axum::BoxError;
use http::header::RETRY_AFTER;

use crate::problem::Problem;

/// Why a store could not do what it was asked.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<BoxError>,
}

/// The kinds of [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// It cannot be reached, or did not answer in time.
    Unavailable,
    /// It has no room, and will not forget what it has promised to keep.
    Full,
    /// It holds something that it did not write.
    Corrupt,
    /// It refused.
    Failed,
}

impl StoreError {
    /// An error of this kind.
    pub fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// The error behind it. Default: none.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Which kind it is.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same may succeed later.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Unavailable | StoreErrorKind::Full
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the store cannot be reached",
            StoreErrorKind::Full => "the store is full",
            StoreErrorKind::Corrupt => "the store holds what it did not write",
            StoreErrorKind::Failed => "the store failed",
        })
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// A 503 with `Retry-After` where the same may succeed later, else a 500; the cause is for the log.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if !error.is_temporary() {
            return Self::internal(error);
        }
        Self::unavailable("the store failed")
            .public_detail("what is needed to answer is not to be had at the moment; try again")
            .code("store_unavailable")
            .header(RETRY_AFTER, 1)
            .source(error)
    }
}
