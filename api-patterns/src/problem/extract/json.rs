//! JSON bodies, both ways.

use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{holds_a_value, media_type, reserved, strict, summary};
#[cfg(feature = "patch")]
use crate::problem::FieldError;
use crate::problem::{Problem, diagnose};

/// A JSON body: an extractor that rejects with a [`Problem`](struct@Problem), and a response.
///
/// * 415 without a JSON `Content-Type` (`application/json` or `application/…+json`);
/// * 413 when the body is longer than axum's `DefaultBodyLimit` allows;
/// * 400 when it is not JSON, with `line` and `column`;
/// * 422 when it is not a `T`, with **all** errors at once (up to 32), each at its JSON pointer.
///   `T` needs nothing but `Deserialize` for this. An array is not a struct, though serde reads one
///   as its fields in order.
///
/// The errors cost nothing until there is one: a body is first read as usual, straight into a `T`.
/// To check values too, wrap it in [`Valid`](super::Valid).
///
/// # Example
/// ```
/// use api_patterns::problem::Json;
///
/// #[derive(Debug, serde::Deserialize)]
/// struct NewProduct { name: String, price_cents: i64 }
///
/// async fn create(Json(product): Json<NewProduct>) -> Json<i64> {
///     Json(product.price_cents)
/// }
///
/// let problem = Json::<NewProduct>::from_bytes(br#"{"name": 7}"#).unwrap_err();
/// let errors: Vec<_> = problem.get_errors().iter().map(|error| error.get_place()).collect();
/// assert_eq!(errors, ["/name", "/price_cents"]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

holds_a_value!(Json);

impl<T: DeserializeOwned> Json<T> {
    /// Reads a JSON document as the extractor does.
    ///
    /// # Errors
    /// A 400 problem for what is not JSON, and a 422 problem for what is not a `T`.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Problem> {
        if reserved::is_named_in(bytes) {
            return Err(Problem::unprocessable(reserved::DETAIL).code("invalid_body"));
        }
        strict::from_slice(bytes)
            .map(Self)
            .map_err(|error| refused::<T>(bytes, &error))
    }
}

/// Reads a part of a document; on failure all errors, at pointers into it.
#[cfg(feature = "patch")]
pub(crate) fn read_value<T: DeserializeOwned>(
    value: &serde_json::Value,
) -> Result<T, Vec<FieldError>> {
    strict::from_value(value).map_err(|first| {
        let errors = diagnose::of_json::<T>(value, 0);
        match errors.is_empty() {
            true => vec![FieldError::pointer("", first.to_string()).code("invalid")],
            false => errors,
        }
    })
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::bad_request(format!("the body is not valid JSON: {error}"))
        .code("malformed_json")
        .extension("line", error.line())
        .extension("column", error.column())
}

fn refused<T: DeserializeOwned>(bytes: &[u8], first: &serde_json::Error) -> Problem {
    // The category of the first error does not tell: what comes after a data error need not be
    // JSON, and serde_json calls a number where an enum should be an error of syntax.
    let document = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => return not_json(&error),
    };
    let errors = diagnose::of_json::<T>(&document, bytes.len());
    let detail = summary(&errors, 0).unwrap_or_else(|| first.to_string());
    Problem::unprocessable(detail)
        .code("invalid_body")
        .errors(errors)
}

impl<T, S> FromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !media_type::is_json(request.headers()) {
            return Err(media_type::unsupported("application/json"));
        }
        Self::from_bytes(&Bytes::from_request(request, state).await?)
    }
}

impl<T, S> OptionalFromRequest<S> for Json<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    /// `None` without a `Content-Type`.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state)
            .await
            .map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    /// A value that cannot be serialized is a masked 500.
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => {
                let content_type = HeaderValue::from_static("application/json");
                (StatusCode::OK, [(header::CONTENT_TYPE, content_type)], json).into_response()
            }
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}
