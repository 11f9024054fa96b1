//! Errors to HTTP: one type for every answer that is not a success, by [RFC 9457].
//!
//! For every service whose clients are programs: they get a status, a machine-readable `code`, a
//! sentence, and each wrong place of their request, always in the same form, also from axum's own
//! rejections. What failed on our side goes to the log and not to the client.
//!
//! # Example
#![cfg_attr(feature = "macros", doc = "```")]
#![cfg_attr(not(feature = "macros"), doc = "```ignore")]
//! use api_patterns::problem::{Path, Problem, ProblemLayer};
//! use axum::{Router, routing::get};
//! # use axum::{body::Body, http::Request};
//! # use http_body_util::BodyExt as _;
//! # use tower::ServiceExt as _;
//!
//! #[derive(Debug, thiserror::Error, Problem)]
//! enum ShopError {
//!     #[error("there is no product {id}")]
//!     #[problem(status = 404, code = "product_not_found")]
//!     NoProduct { #[problem(extension)] id: u64 },
//!
//!     // No attribute: a masked 500, with its sources in the log.
//!     #[error("could not read the catalogue")]
//!     Catalogue(#[from] std::io::Error),
//! }
//!
//! async fn product(Path(id): Path<u64>) -> Result<String, ShopError> {
//!     Err(ShopError::NoProduct { id })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
//! let app = Router::new().route("/products/{id}", get(product)).layer(ProblemLayer::new());
//!
//! let response = app.oneshot(Request::get("/products/7").body(Body::empty())?).await?;
//! assert_eq!(response.headers()["content-type"], "application/problem+json");
//! let body = response.into_body().collect().await?.to_bytes();
//! assert_eq!(
//!     serde_json::from_slice::<serde_json::Value>(&body)?,
//!     serde_json::json!({
//!         "type": "about:blank",
//!         "title": "Not Found",
//!         "status": 404,
//!         "detail": "there is no product 7",
//!         "code": "product_not_found",
//!         "id": 7,
//!     }),
//! );
//! # Ok(()) }
//! ```
//!
//! # Example: all errors of a body at once
//! [`Json`] and [`Query`] report everything that does not fit the type; within [`Valid`] they also
//! report everything that [`Validate`] finds.
//! ```
//! use api_patterns::problem::{FieldErrors, Json, Valid, Validate};
//!
//! #[derive(serde::Deserialize)]
//! struct NewProduct { name: String, price_cents: i64 }
//!
//! impl Validate for NewProduct {
//!     fn validate(&self, errors: &mut FieldErrors) {
//!         errors.check("name", !self.name.is_empty(), "must not be empty");
//!         errors.check("price_cents", self.price_cents >= 0, "must be 0 or more");
//!     }
//! }
//!
//! async fn create(Valid(Json(product)): Valid<Json<NewProduct>>) -> String { product.name }
//!
//! let product = NewProduct { name: String::new(), price_cents: -1 };
//! assert_eq!(product.validated().err().unwrap().get_errors().len(), 2);
//! # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(create));
//! ```
//!
//! # Example: the classic envelope
//! The whole app answers `{"success": false, "error_code", "message", "details"}` instead, and no
//! handler changes.
//! ```
//! use api_patterns::problem::ProblemLayer;
//!
//! # fn routes() -> axum::Router { axum::Router::new() }
//! let app = routes().layer(ProblemLayer::new().classic());
//! # let _ = app;
//! ```
//!
//! # Differences from axum
//! * A type that does not fit is found by reading the body a second time, with stand-ins in the
//!   wrong places. Types with their own idea of a value (`try_from`, untagged and internally
//!   tagged enums) are reported as a whole; what else is wrong inside them may come to light only
//!   with the next request.
//! * `Json` refuses an array in place of a struct, whose fields serde would read from it in order.
//!   In what serde keeps aside before it knows the type (`flatten`, untagged and internally tagged
//!   enums), an array still passes.
//! * `Json` and `Query` show up to 32 errors. A long body with many of them may show fewer.
//! * `Router::layer` does not reach the fallback of an outer router: apply [`ProblemLayer`] to the
//!   outermost one, after the other layers.
//!
//! # Design
//! A [`Problem`](struct@Problem) that becomes a response is rendered at once, so that it needs no layer, and it
//! leaves itself in the response's extensions, where the layer finds it. Nothing is parsed back.
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

mod convert;
#[doc(hidden)]
pub mod derived;
mod details;
mod diagnose;
mod document;
mod extract;
mod field_error;
mod future;
mod layer;
#[cfg(feature = "utoipa")]
pub(crate) mod openapi;
mod pointer;
#[cfg(feature = "idempotency")]
mod recognize;
mod response;
mod validate;

pub use self::details::Problem;
#[cfg(feature = "bulk")]
pub(crate) use self::extract::media;
pub use self::extract::{Checkable, Form, Json, Path, Query, Valid};
pub use self::field_error::FieldError;
pub use self::future::ResponseFuture;
pub use self::layer::{ProblemLayer, ProblemService};
#[cfg(feature = "utoipa")]
pub use self::openapi::Problems;
#[cfg(feature = "idempotency")]
pub(crate) use self::recognize::recognize;
pub use self::validate::{FieldErrors, Validate};
#[cfg(feature = "patch")]
pub(crate) use self::{
    diagnose::MAX_ERRORS,
    diagnose::shown,
    extract::{RESERVED_NAME, essence, is_reserved, read_value},
    pointer::push_segment,
    validate::refuse,
};

/// Makes an error a [`Problem`](struct@Problem): implements `From` for it, and `IntoResponse` for the error.
///
/// On a struct, or on each variant of an enum, that implements [`Error`](std::error::Error), by
/// `thiserror` for example:
///
/// | attribute | meaning |
/// | --- | --- |
/// | none | a masked 500 |
/// | `status = 404` | the status, 400 to 599; needed beside the keys below |
/// | `code = "…"`, `title = "…"`, `type = "…"` | these members |
/// | `detail = "…"` | what the client reads; by default the error's own text for a 4xx, and a general sentence for a 5xx |
/// | `transparent` | the only field decides; it is a `Problem`, or derives it |
/// | on a field: `extension`, `extension = "name"` | the field is an extension member; it is `Serialize` |
///
/// A 5xx keeps the error as the problem's source, so the log gets its text and its sources.
///
/// With the feature `utoipa` the error is `utoipa::IntoResponses` too: one response per status,
/// with an example of each code, summed up by the first line of the variant's documentation.
///
/// # Example
/// ```
/// use api_patterns::problem::Problem;
///
/// #[derive(Debug, thiserror::Error, Problem)]
/// #[error("only {left} in stock")]
/// #[problem(status = 409, code = "out_of_stock")]
/// struct OutOfStock { #[problem(extension)] left: u32 }
///
/// #[derive(Debug, thiserror::Error, Problem)]
/// enum OrderError {
///     #[error(transparent)]
///     #[problem(transparent)]
///     Stock(#[from] OutOfStock),
///     #[error("the payment provider does not answer")]
///     #[problem(status = 503, code = "payment_down", detail = "payments are down; try again later")]
///     Payment(#[source] std::io::Error),
/// }
///
/// let problem = Problem::from(OrderError::from(OutOfStock { left: 3 }));
/// assert_eq!(problem.get_code(), Some("out_of_stock"));
/// assert_eq!(problem.get_extension("left"), Some(&3.into()));
/// ```
#[cfg(feature = "macros")]
pub use api_patterns_macros::Problem;
