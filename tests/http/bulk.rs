//! Many items in one request.

use api_patterns::bulk::{Bulk, MultiStatus};
use api_patterns::problem::{FieldErrors, Problem, Validate};
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::{Router, routing};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::problem::{Answer, send};

mod answers;
mod anything;
mod choices;
mod compressed;
mod deletes;
mod lines;
mod openapi;
mod refusals;
mod running;
mod sockets;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    #[serde(default)]
    count: u8,
}

impl Validate for Item {
    fn validate(&self, errors: &mut FieldErrors) {
        errors.check("name", !self.name.is_empty(), "must not be empty");
    }
}

/// A service that refuses some names.
async fn take(item: Item) -> Result<Item, Problem> {
    match item.name.as_str() {
        "taken" => Err(Problem::conflict("the name is taken").code("taken")),
        "broken" => Err(Problem::internal("hunter2")),
        _ => Ok(item),
    }
}

async fn take_all(Bulk(items): Bulk<Item>) -> MultiStatus<Item> {
    items.run(take).await
}

fn app() -> Router {
    let methods = routing::post(take_all).patch(take_all).put(take_all);
    Router::new().route("/items", methods)
}

async fn post(app: &Router, uri: &str, body: &Value) -> Answer {
    request(app, Method::POST, uri, &[], body).await
}

async fn request(
    app: &Router,
    method: Method,
    uri: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.header(header::CONTENT_TYPE, "application/json");
    send(
        app,
        request.body(Body::from(body.to_string())).expect("valid"),
    )
    .await
}

/// A body of items with these names.
fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Value {
    let items: Vec<_> = names
        .into_iter()
        .map(|name| json!({ "name": name }))
        .collect();
    json!({ "items": items })
}

/// Index and status of each failure.
fn failures(answer: &Value) -> Vec<(u64, u64)> {
    let errors = answer["errors"].as_array().expect("errors");
    let number = |value: &Value| value.as_u64().expect("a number");
    let failure = |error: &Value| {
        assert_eq!(error["problem"]["status"], error["status"]);
        assert!(!error["detail"].as_str().expect("a detail").is_empty());
        (number(&error["index"]), number(&error["status"]))
    };
    errors.iter().map(failure).collect()
}
