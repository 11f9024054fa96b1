//! Validation at the door.

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::StatusCode;
use http::request::Parts;

use super::{Form, Json, Path, Query};
use crate::problem::validate::{FieldErrors, Place};
use crate::problem::{Problem, Validate};

/// An extractor around another one that also validates its value.
///
/// All violations are reported at once: a 422 with JSON pointers for [`Json`], a 422 with
/// parameters for [`Form`], a 400 with parameters for [`Query`] and [`Path`].
///
/// # Example
/// ```
/// use api_patterns::problem::{FieldErrors, Json, Valid, Validate};
///
/// #[derive(serde::Deserialize)]
/// struct NewProduct { name: String, price_cents: i64 }
///
/// impl Validate for NewProduct {
///     fn validate(&self, errors: &mut FieldErrors) {
///         errors.check("name", !self.name.is_empty(), "must not be empty");
///         errors.check("price_cents", self.price_cents >= 0, "must be 0 or more");
///     }
/// }
///
/// async fn create(Valid(Json(product)): Valid<Json<NewProduct>>) -> String { product.name }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(create));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Valid<E>(pub E);

/// An extractor whose value [`Valid`] can validate: [`Json`], [`Form`], [`Query`], [`Path`].
pub trait Checkable: sealed::Sealed {
    /// Validates the value.
    ///
    /// # Errors
    /// A problem with all violations.
    fn check(&self) -> Result<(), Problem>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! checkable {
    ($($extractor:ident $place:ident $status:ident $code:literal)*) => {$(
        impl<T> sealed::Sealed for $extractor<T> {}

        impl<T: Validate> Checkable for $extractor<T> {
            fn check(&self) -> Result<(), Problem> {
                let mut errors = FieldErrors::in_the(Place::$place);
                self.0.validate(&mut errors);
                errors.into_result(StatusCode::$status, $code)
            }
        }
    )*};
}

checkable! {
    Json Body UNPROCESSABLE_ENTITY "invalid_body"
    Form Parameters UNPROCESSABLE_ENTITY "invalid_body"
    Query Parameters BAD_REQUEST "invalid_parameter"
    Path Parameters BAD_REQUEST "invalid_parameter"
}

impl<E, S> FromRequest<S> for Valid<E>
where
    E: FromRequest<S, Rejection = Problem> + Checkable,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let extracted = E::from_request(request, state).await?;
        extracted.check().map(|()| Self(extracted))
    }
}

impl<E, S> FromRequestParts<S> for Valid<E>
where
    E: FromRequestParts<S, Rejection = Problem> + Checkable,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let extracted = E::from_request_parts(parts, state).await?;
        extracted.check().map(|()| Self(extracted))
    }
}
