//! Many items in one request; each succeeds or fails on its own.

use api_patterns::problem::{FieldError, Problem};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::validate::{Validate, check, invalid};

const MAX_ITEMS: usize = 100;

/// The body of a bulk request. The items stay unparsed, so that one of the wrong type does not
/// stop its siblings.
#[derive(Debug, Deserialize)]
pub(crate) struct Items {
    items: Vec<Value>,
}

/// Items that may be tried, each with its index, and the outcome of the others.
pub(crate) struct Batch<T> {
    pub(crate) valid: Vec<(usize, T)>,
    pub(crate) errors: Vec<ItemError>,
}

impl Items {
    /// Parses and checks every item.
    ///
    /// # Errors
    /// A 422 problem for none or too many.
    pub(crate) fn parse<T: DeserializeOwned + Validate>(self) -> Result<Batch<T>, Problem> {
        if !(1..=MAX_ITEMS).contains(&self.items.len()) {
            let detail = format!("must hold 1 to {MAX_ITEMS} items, not {}", self.items.len());
            return Err(invalid(vec![FieldError::pointer("/items", detail)]));
        }
        let mut batch = Batch { valid: Vec::new(), errors: Vec::new() };
        for (index, item) in self.items.into_iter().enumerate() {
            match parse(index, item) {
                Ok(item) => batch.valid.push((index, item)),
                Err(problem) => batch.errors.push(ItemError::new(index, problem)),
            }
        }
        Ok(batch)
    }
}

fn parse<T: DeserializeOwned + Validate>(index: usize, item: Value) -> Result<T, Problem> {
    let base = format!("/items/{index}");
    let item = serde_json::from_value(item)
        .map_err(|error| invalid(vec![FieldError::pointer(&base, error.to_string())]))?;
    check(&item, &base)?;
    Ok(item)
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
        Outcome { created: self.created.into_iter().map(item).collect(), errors: self.errors }
    }
}

impl<T: Serialize> IntoResponse for Outcome<T> {
    fn into_response(self) -> Response {
        (StatusCode::MULTI_STATUS, axum::Json(self)).into_response()
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
