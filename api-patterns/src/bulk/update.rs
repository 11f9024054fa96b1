//! The item of a bulk update.

use serde::{Deserialize, Serialize};

use crate::problem::{FieldErrors, Validate};

/// An item that names what it changes: `{"id": 7, "data": {…}}`.
///
/// ```
/// use api_patterns::bulk::{Bulk, Duplicates, MultiStatus, Update};
/// use api_patterns::problem::{FieldErrors, Problem, Validate};
///
/// #[derive(serde::Deserialize)]
/// struct Price { price_cents: i64 }
///
/// impl Validate for Price {
///     fn validate(&self, errors: &mut FieldErrors) {
///         errors.check("price_cents", self.price_cents >= 0, "must be 0 or more");
///     }
/// }
///
/// async fn reprice(Bulk(items): Bulk<Update<i64, Price>>) -> MultiStatus<i64> {
///     let items = items.distinct_by(|item| item.id, Duplicates::RefuseLater);
///     items.run(async |Update { id, data }| Ok::<_, Problem>(id + data.price_cents)).await
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::patch(reprice));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Update<I, D> {
    /// What is changed.
    pub id: I,
    /// How it is changed.
    pub data: D,
}

impl<I, D: Validate> Validate for Update<I, D> {
    /// Validates the data, under `/data`.
    fn validate(&self, errors: &mut FieldErrors) {
        errors.nested("data", &self.data);
    }
}
