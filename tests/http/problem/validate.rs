//! Validation: every violation at once, at its place.

use api_patterns::problem::{FieldErrors, Form, Json, Path, Query, Valid, Validate};
use axum::{Router, routing};
use serde::Deserialize;

use super::{get, post};

#[derive(Deserialize)]
struct Order {
    email: String,
    #[serde(default)]
    lines: Vec<Line>,
    gift: Option<Box<Line>>,
    from: u32,
    to: u32,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "a/b~c")]
    quantity: u32,
}

impl Validate for Order {
    fn validate(&self, errors: &mut FieldErrors) {
        if !self.email.contains('@') {
            errors.add_with_code("email", "no_address", "must be an address");
        }
        errors.nested("lines", &self.lines);
        errors.nested("gift", &self.gift);
        errors.at("lines", |errors| {
            errors.check("length", self.lines.len() < 40, "too many")
        });
        if self.from > self.to {
            errors.here("`from` is after `to`");
        }
    }
}

impl Validate for Line {
    fn validate(&self, errors: &mut FieldErrors) {
        errors.check("a/b~c", self.quantity > 0, "must be 1 or more");
    }
}

#[derive(Deserialize)]
struct Paging {
    limit: u32,
}

impl Validate for Paging {
    fn validate(&self, errors: &mut FieldErrors) {
        errors.check("limit", (1..=100).contains(&self.limit), "must be 1 to 100");
        assert_eq!(errors.is_empty(), (1..=100).contains(&self.limit));
    }
}

fn app() -> Router {
    Router::new()
        .route(
            "/json",
            routing::post(async |Valid(Json(order)): Valid<Json<Order>>| order.email),
        )
        .route("/query", routing::get(async |_: Valid<Query<Paging>>| "ok"))
        .route("/form", routing::post(async |_: Valid<Form<Paging>>| "ok"))
        .route(
            "/path/{limit}",
            routing::get(async |_: Valid<Path<Paging>>| "ok"),
        )
}

#[tokio::test]
async fn every_violation_is_reported_at_its_pointer() {
    let body = r#"{"email": "x", "lines": [{"a/b~c": 1}, {"a/b~c": 0}], "gift": {"a/b~c": 0}, "from": 2, "to": 1}"#;
    let answer = post(&app(), "/json", "application/json", body).await;
    assert_eq!(answer.status.as_u16(), 422);
    assert_eq!(answer.json()["code"], "invalid_body");
    assert_eq!(
        answer.places(),
        ["/email", "/lines/1/a~1b~0c", "/gift/a~1b~0c", ""]
    );
    assert_eq!(answer.errors()[0].1, "no_address");
    assert_eq!(
        answer.json()["detail"],
        "`/email`: must be an address (and 3 more errors)"
    );
}

#[tokio::test]
async fn a_valid_value_reaches_the_handler() {
    let body = r#"{"email": "x@y", "from": 1, "to": 1}"#;
    assert_eq!(
        post(&app(), "/json", "application/json", body).await.body,
        "x@y"
    );
    assert_eq!(get(&app(), "/query?limit=100").await.body, "ok");
}

#[tokio::test]
async fn data_errors_come_before_validation() {
    let answer = post(
        &app(),
        "/json",
        "application/json",
        r#"{"email": "x", "from": "1"}"#,
    )
    .await;
    assert_eq!(answer.places(), ["/from", "/to"]);
}

#[tokio::test]
async fn parameters_are_named_as_such() {
    let form = "application/x-www-form-urlencoded";
    let app = app();
    let answers = [
        (get(&app, "/query?limit=0").await, 400, "invalid_parameter"),
        (get(&app, "/path/101").await, 400, "invalid_parameter"),
        (
            post(&app, "/form", form, "limit=0").await,
            422,
            "invalid_body",
        ),
    ];
    for (answer, status, code) in answers {
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.json()["code"], code);
        assert_eq!(answer.json()["errors"][0]["parameter"], "limit");
    }
}

#[test]
fn the_first_violations_are_listed_and_the_rest_counted() {
    let lines: Vec<_> = (0..100).map(|_| Line { quantity: 0 }).collect();
    let problem = lines.validated().err().expect("violated");
    assert_eq!(problem.get_errors().len(), 32);
    assert_eq!(
        problem.get_detail(),
        Some("`/0/a~1b~0c`: must be 1 or more (and 99 more errors)")
    );
}
