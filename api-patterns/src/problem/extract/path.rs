//! The parameters of the path.

use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, RawPathParams};
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
        match path {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(failed))
                if matches!(failed.kind(), ErrorKind::ParseError { .. }) =>
            {
                let name = only_name(parts, state).await;
                Err(invalid(named(failed.into_kind(), name)))
            }
            Err(other) => Err(Problem::from(other)),
        }
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

/// The name of the parameter, where the path has one: axum does not tell it for a plain value.
async fn only_name<S: Send + Sync>(parts: &mut Parts, state: &S) -> Option<String> {
    let names = RawPathParams::from_request_parts(parts, state).await.ok()?;
    let mut names = names.iter().map(|(name, _)| name.to_owned());
    names.next().filter(|_| names.next().is_none())
}

fn named(kind: ErrorKind, name: Option<String>) -> ErrorKind {
    match (kind, name) {
        (
            ErrorKind::ParseError {
                value,
                expected_type,
            },
            Some(key),
        ) => ErrorKind::ParseErrorAtKey {
            key,
            value,
            expected_type,
        },
        (kind, _) => kind,
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
