//! Many items in one request; each succeeds or fails on its own.

use std::marker::PhantomData;

use api_patterns::problem::{FieldErrors, Json, Problem, Validate};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};

const MAX_ITEMS: usize = 100;

/// Several items at once; each succeeds or fails on its own.
// The items stay unparsed, so that one of the wrong type does not stop its siblings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(bound = "")]
pub(crate) struct Items<T> {
    #[schema(schema_with = requested::<T>)]
    items: Vec<Box<RawValue>>,
    #[serde(skip)]
    kind: PhantomData<T>,
}

/// Refuses query parameters: a client that asks for something here must not take silence for consent.
#[derive(Debug)]
pub(crate) struct NoParameters;

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.uri.query() {
            None | Some("") => Ok(Self),
            Some(_) => Err(Problem::new(StatusCode::BAD_REQUEST)
                .code("invalid_query")
                .detail("this route has no query parameters")),
        }
    }
}

/// Items that may be tried, each with its index, and the outcome of the others.
pub(crate) struct Batch<T> {
    pub(crate) valid: Vec<(usize, T)>,
    pub(crate) errors: Vec<ItemError>,
}

impl<T> Validate for Items<T> {
    fn validate(&self, errors: &mut FieldErrors) {
        let bounds = 1..=MAX_ITEMS;
        errors.check(
            "items",
            bounds.contains(&self.items.len()),
            format!("must hold 1 to {MAX_ITEMS} items"),
        );
    }
}

impl<T: DeserializeOwned + Validate> Items<T> {
    /// Parses and checks every item.
    pub(crate) fn parse(self) -> Batch<T> {
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

/// What became of the items.
// 207 as a response.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Outcome<T> {
    /// What was made, in the order of the request.
    #[schema(schema_with = made::<T>)]
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
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemError {
    /// Its place in the request, from 0.
    index: usize,
    /// What is wrong with it.
    detail: String,
    /// What would have been the status of a request of its own.
    #[schema(minimum = 400, maximum = 599)]
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

fn requested<T: ToSchema>() -> ArrayBuilder {
    let items = ArrayBuilder::new().items(component::<T>());
    items.min_items(Some(1)).max_items(Some(MAX_ITEMS))
}

fn made<T: ToSchema>() -> ArrayBuilder {
    let items = ArrayBuilder::new().items(component::<T>());
    items.description(Some("What was made, in the order of the request."))
}

/// The schema of `T` by its name, which a generic type knows only where it gathers itself.
fn component<T: ToSchema>() -> RefOr<Schema> {
    let mut gathered = Vec::new();
    T::schemas(&mut gathered);
    let own = T::schema();
    let named = gathered.into_iter().find(|(_, schema)| *schema == own);
    let name = named.map_or_else(|| T::name().into_owned(), |(name, _)| name);
    Ref::from_schema_name(name).into()
}
