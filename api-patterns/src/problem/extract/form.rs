//! Form bodies.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::Method;
use serde::de::DeserializeOwned;

use super::{holds_a_value, media_type, query};
use crate::problem::Problem;

/// A form (`application/x-www-form-urlencoded`) as a `T`: axum's `Form`, but it rejects with a
/// [`Problem`](struct@Problem).
///
/// The fields are in the body, and in the query for `GET` and `HEAD`. A form that is not a `T` is
/// a 422 (a 400 in the query) that names **all** fields that are wrong, missing, or given twice.
///
/// # Example
/// ```
/// use api_patterns::problem::Form;
///
/// #[derive(serde::Deserialize)]
/// struct Login { username: String, password: String }
///
/// async fn login(Form(login): Form<Login>) -> String { login.username }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(login));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

holds_a_value!(Form);

impl<T, S> FromRequest<S> for Form<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if [Method::GET, Method::HEAD].contains(request.method()) {
            return query::Query::try_from_uri(request.uri()).map(|query| Self(query.0));
        }
        if !media_type::is_form(request.headers()) {
            return Err(media_type::unsupported("application/x-www-form-urlencoded"));
        }
        let body = Bytes::from_request(request, state).await?;
        query::read(&body).map(Self).map_err(|(detail, errors)| {
            Problem::unprocessable(detail)
                .code("invalid_body")
                .errors(errors)
        })
    }
}
