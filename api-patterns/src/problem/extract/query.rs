//! The query string.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{holds_a_value, reserved, summary};
use crate::problem::{FieldError, Problem, diagnose};

/// The query string as a `T`: axum's `Query`, but it rejects with a [`Problem`](struct@Problem).
///
/// A query that is not a `T` is a 400 that names **all** parameters that are wrong, missing, or
/// given twice.
///
/// # Example
/// ```
/// use api_patterns::problem::Query;
/// use axum::http::Uri;
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Search { q: String, limit: u8 }
///
/// async fn search(Query(search): Query<Search>) -> String { search.q }
///
/// let uri = Uri::from_static("/search?limit=many");
/// let problem = Query::<Search>::try_from_uri(&uri).unwrap_err();
/// let errors: Vec<_> = problem.get_errors().iter().map(|error| error.get_place()).collect();
/// assert_eq!(errors, ["limit", "q"]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Query<T>(pub T);

holds_a_value!(Query);

impl<T: DeserializeOwned> Query<T> {
    /// Reads the query of a URI as the extractor does.
    ///
    /// # Errors
    /// A 400 problem for a query that is not a `T`.
    pub fn try_from_uri(uri: &http::Uri) -> Result<Self, Problem> {
        let query = uri.query().unwrap_or_default();
        read(query.as_bytes())
            .map(Self)
            .map_err(|(detail, errors)| {
                Problem::bad_request(detail)
                    .code("invalid_parameter")
                    .errors(errors)
            })
    }
}

/// Reads `name=value` pairs; on failure a summary and all errors.
pub(super) fn read<T: DeserializeOwned>(pairs: &[u8]) -> Result<T, (String, Vec<FieldError>)> {
    if reserved::is_named_in_pairs(pairs) {
        return Err((reserved::DETAIL.to_owned(), Vec::new()));
    }
    serde_urlencoded::from_bytes(pairs).map_err(|first| {
        let pairs: Vec<_> = serde_urlencoded::from_bytes(pairs).unwrap_or_default();
        let errors = diagnose::of_pairs::<T>(&pairs);
        (
            summary(&errors, 0).unwrap_or_else(|| first.to_string()),
            errors,
        )
    })
}

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::try_from_uri(&parts.uri)
    }
}
