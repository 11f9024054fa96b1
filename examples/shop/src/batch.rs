//! Many items in one request: as one document, or as lines.

use api_patterns::bulk::{Bulk, BulkLines, Items};
use api_patterns::problem::{Problem, Validate};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

/// The media type of lines.
const LINES: &str = "application/x-ndjson";

/// Items as the `Content-Type` says: 1 to 100 in `{"items": […]}`, or any number of lines.
#[derive(Debug)]
pub(crate) enum Batch<T> {
    Items(Items<T>),
    Lines(BulkLines<T>),
}

impl<T, S> FromRequest<S> for Batch<T>
where
    T: DeserializeOwned + Validate,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if are_lines(request.headers()) {
            let lines = BulkLines::from_request(request, state).await?;
            return Ok(Self::Lines(lines));
        }
        let Bulk(items) = Bulk::<T>::from_request(request, state).await?;
        Ok(Self::Items(items))
    }
}

/// Whether the body is one of lines.
pub(crate) fn are_lines(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(LINES)
}
