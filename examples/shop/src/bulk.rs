//! Many items in one request; each succeeds or fails on its own.

use api_patterns::problem::{FieldErrors, Json, Problem, Validate};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const MAX_ITEMS: usize = 100;

/// The body of a bulk request. The items stay unparsed, so that one of the wrong type does not
/// stop its siblings.
#[derive(Debug, Deserialize)]
pub(crate) struct Items {
    items: Vec<Box<RawValue>>,
}

/// Items that may be tried, each with its index, and the outcome of the others.
pub(crate) struct Batch<T> {
    pub(crate) valid: Vec<(usize, T)>,
    pub(crate) errors: Vec<ItemError>,
}

impl Validate for Items {
    fn validate(&self, errors: &mut FieldErrors) {
        let bounds = 1..=MAX_ITEMS;
        errors.check(
            "items",
            bounds.contains(&self.items.len()),
            format!("must hold 1 to {MAX_ITEMS} items"),
        );
    }
}

impl Items {
    /// Parses and checks every item.
    pub(crate) fn parse<T: DeserializeOwned + Validate>(self) -> Batch<T> {
        let mut batch = Batch {
            valid: Vec::new(),
            errors: Vec::new(),
        };
        for (index, item) in self.items.into_iter().enumerate() {
            let parsed = Json::<T>::from_bytes(item.get().as_bytes());
            match parsed.and_then(|Json(item)| item.validated()) {
                Ok(item) => batch.valid.push((index, item)),
                Err(problem) => batch.errors.push(ItemError::new(index, problem)),
            }
        }
        batch
    }
}

/// What became of the items; 207 as a response.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome<T> {
    /// What was made, in the order of the request.
    pub(crate) created: Vec<T>,
    /// What failed, by its index in the request.
    pub(crate) errors: Vec<ItemError>,
}

impl<T> Outcome<T> {
    /// The outcome, with the errors put in the order of the request.
    pub(crate) fn new(created: Vec<T>, mut errors: Vec<ItemError>) -> Self {
        errors.sort_by_key(|error| error.index);
        Self { created, errors }
    }

    /// The outcome with other items: what a client sees in the place of what was made.
    pub(crate) fn map<U>(self, item: impl FnMut(T) -> U) -> Outcome<U> {
        Outcome {
            created: self.created.into_iter().map(item).collect(),
            errors: self.errors,
        }
    }
}

impl<T: Serialize> IntoResponse for Outcome<T> {
    fn into_response(self) -> Response {
        (StatusCode::MULTI_STATUS, Json(self)).into_response()
    }
}

/// An item that failed.
#[derive(Debug, Serialize)]
pub(crate) struct ItemError {
    index: usize,
    detail: String,
    status: u16,
    problem: Problem,
}

impl ItemError {
    /// The failure of the item at `index`.
    pub(crate) fn new(index: usize, problem: impl Into<Problem>) -> Self {
        let problem = problem.into();
        Self {
            index,
            detail: problem.get_detail().unwrap_or_default().to_owned(),
            status: problem.status().as_u16(),
            problem,
        }
    }
}
