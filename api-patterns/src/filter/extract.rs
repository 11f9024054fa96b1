//! Filters as an extractor.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::{Filter, Filters, parse};
use crate::problem::Problem;
use crate::query::QueryString;

impl<T: Filter> Filters<T> {
    /// Reads filters from a raw query string, as the extractor does.
    ///
    /// # Errors
    /// A 400 problem with one error per parameter that is unknown, not allowed, or does not parse.
    pub fn from_query(query: Option<&str>) -> Result<Self, Problem> {
        parse::parse(&QueryString::parse(query)?)
    }
}

impl<S, T> FromRequestParts<S> for Filters<T>
where
    S: Send + Sync,
    T: Filter,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::from_query(parts.uri.query())
    }
}
