//! The parameters of the path.

use axum::extract::FromRequestParts;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::holds_a_value;
use crate::problem::{FieldError, Problem};

/// The parameters of the path as a `T`: axum's `Path`, but it rejects with a [`Problem`](struct@Problem).
///
/// A parameter of the wrong form is a 400 that names it. A `T` that does not fit the route is our
/// own mistake, and a masked 500.
///
/// # Example
/// ```
/// use api_patterns::problem::Path;
///
/// async fn product(Path(id): Path<u64>) -> String { format!("product {id}") }
/// # let _: axum::Router = axum::Router::new().route("/{id}", axum::routing::get(product));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

holds_a_value!(Path);

impl<T, S> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value))
            .map_err(Problem::from)
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        match rejection {
            PathRejection::FailedToDeserializePathParams(failed)
                if failed.status().is_client_error() =>
            {
                invalid(failed.into_kind())
            }
            other => Self::internal(other),
        }
    }
}

fn invalid(kind: ErrorKind) -> Problem {
    let text = kind.to_string();
    let (name, detail) = match kind {
        ErrorKind::ParseErrorAtKey {
            key,
            value,
            expected_type,
        } => (
            Some(key),
            format!("expected {expected_type}, found {value:?}"),
        ),
        ErrorKind::ParseError {
            value,
            expected_type,
        } => (None, format!("expected {expected_type}, found {value:?}")),
        ErrorKind::DeserializeError { key, message, .. } => (Some(key), message),
        ErrorKind::InvalidUtf8InPathParam { key } => (Some(key), "is not valid UTF-8".to_owned()),
        _ => (None, text),
    };
    let problem = Problem::new(http::StatusCode::BAD_REQUEST).code("invalid_parameter");
    match name {
        Some(name) => problem
            .detail(format!("`{name}`: {detail}"))
            .error(FieldError::parameter(name, detail).code("invalid")),
        None => problem.detail(detail),
    }
}
