//! Patches: what a client may change, what it is told otherwise, and what comes of it.

mod bounds;
mod json;
mod merge;
mod nested;
mod openapi;
mod properties;

use api_patterns::patch::{AcceptPatch, Field, MergePatch, Patch, PatchRequest};
use api_patterns::problem::{FieldErrors, Json, Problem, ProblemLayer, Validate};
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::patch;
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tower::ServiceExt as _;

pub(crate) const MERGE: &str = "application/merge-patch+json";
pub(crate) const JSON: &str = "application/json-patch+json";

#[derive(Clone, Debug, PartialEq, Serialize, Patch)]
#[serde(rename_all = "camelCase")]
#[patch(immutable(id, created_at))]
pub(crate) struct Product {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) price_cents: i64,
    pub(crate) rating: Option<f64>,
    pub(crate) tags: Vec<String>,
    pub(crate) size: Option<Size>,
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(rename = "on_sale")]
    pub(crate) active: bool,
    pub(crate) created_at: String,
    #[serde(skip)]
    pub(crate) version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) unit: Option<String>,
}

pub(crate) fn lamp() -> Product {
    Product {
        id: 7,
        name: "Lamp".to_owned(),
        description: Some("It bends.".to_owned()),
        price_cents: 1999,
        rating: Some(8.0),
        tags: vec!["light".to_owned(), "desk".to_owned()],
        size: Some(Size {
            width: 20,
            height: 50,
            unit: Some("cm".to_owned()),
        }),
        labels: BTreeMap::from([("colour".to_owned(), "red".to_owned())]),
        active: true,
        created_at: "2026-11-20T20:00:00Z".to_owned(),
        version: 3,
    }
}

pub(crate) fn read(media_type: &str, body: &Value) -> Result<PatchRequest<Product>, Problem> {
    PatchRequest::from_bytes(media_type, body.to_string().as_bytes())
}

/// What a patch changes of the lamp.
pub(crate) fn changes(media_type: &str, body: &Value) -> Result<ProductPatch, Problem> {
    read(media_type, body)?.changes(&lamp())
}

pub(crate) fn problem(media_type: &str, body: &Value) -> Problem {
    let changes = changes(media_type, body);
    changes
        .err()
        .unwrap_or_else(|| panic!("{body} was accepted"))
}

/// Pointer and code of each error.
pub(crate) fn errors(problem: &Problem) -> Vec<(&str, &str)> {
    let errors = problem.get_errors().iter();
    errors
        .map(|error| (error.get_place(), error.get_code().unwrap_or_default()))
        .collect()
}

impl Validate for ProductPatch {
    fn validate(&self, errors: &mut FieldErrors) {
        let holds = self.name.is_absent_or(|name| !name.is_empty());
        errors.check("name", holds, "must not be empty");
        let holds = self.price_cents.is_absent_or(|cents| *cents >= 0);
        errors.check("priceCents", holds, "must be 0 or more");
    }
}

async fn change(patch: PatchRequest<Product>) -> Result<Response, Problem> {
    let mut product = lamp();
    let changes = patch.changes(&product)?.validated()?;
    changes.apply_to(&mut product);
    Ok(Json(product).into_response())
}

fn app() -> Router {
    let show = async || (AcceptPatch::of::<Product>(), Json(lamp()));
    Router::new()
        .route("/products/7", patch(change).get(show))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(ProblemLayer::new())
}

async fn send(content_type: Option<&str>, body: impl Into<Body>) -> Response {
    let request = Request::patch("/products/7");
    let request = match content_type {
        Some(value) => request.header("content-type", value),
        None => request,
    };
    let request = request.body(body.into()).expect("a request");
    app().oneshot(request).await.expect("an answer")
}

async fn body(response: Response) -> Value {
    let bytes = response.into_body().collect().await.expect("a body");
    serde_json::from_slice(&bytes.to_bytes()).expect("JSON")
}

#[tokio::test]
async fn both_forms_are_taken_by_their_content_type() {
    let cases = [
        (MERGE, r#"{"description": null, "priceCents": 5}"#),
        (
            "Application/Merge-Patch+JSON; charset=utf-8",
            r#"{"description": null, "priceCents": 5}"#,
        ),
        (
            JSON,
            r#"[{"op": "test", "path": "/id", "value": 7}, {"op": "remove", "path": "/description"},
                {"op": "replace", "path": "/priceCents", "value": 5}]"#,
        ),
    ];
    for (content_type, patch) in cases {
        let response = send(Some(content_type), patch).await;
        assert_eq!(response.status(), StatusCode::OK, "{content_type}");
        let mut expected = serde_json::to_value(lamp()).expect("JSON");
        expected["description"] = Value::Null;
        expected["priceCents"] = json!(5);
        assert_eq!(body(response).await, expected, "{content_type}");
    }
}

#[tokio::test]
async fn other_content_types_are_told_which_are_taken() {
    let others = [
        None,
        Some(""),
        Some("application/json"),
        Some("application/x-www-form-urlencoded"),
        Some("application/merge-patch"),
        Some("text/merge-patch+json"),
    ];
    for content_type in others {
        let response = send(content_type, "{}").await;
        assert_eq!(response.status(), 415, "{content_type:?}");
        let accepted = format!("{MERGE}, {JSON}");
        assert_eq!(response.headers()["accept-patch"], accepted.as_str());
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        let problem = body(response).await;
        assert_eq!(problem["code"], "unsupported_media_type");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains(MERGE) && detail.contains(JSON), "{detail}");
    }
}

#[tokio::test]
async fn a_resource_says_which_patches_it_takes() {
    let request = Request::get("/products/7").body(Body::empty());
    let response = app().oneshot(request.expect("a request")).await;
    let response = response.expect("an answer");
    assert_eq!(
        response.headers()["accept-patch"],
        format!("{MERGE}, {JSON}").as_str()
    );
    assert_eq!(PatchRequest::<Product>::ACCEPT, format!("{MERGE}, {JSON}"));
    let options = AcceptPatch::of::<Product>().into_response();
    assert_eq!(options.status(), StatusCode::OK);
    assert!(options.headers().contains_key("accept-patch"));
}

#[tokio::test]
async fn an_empty_patch_is_a_mistake() {
    for (content_type, patch) in [(MERGE, "{}"), (JSON, " [ ] ")] {
        let response = send(Some(content_type), patch).await;
        assert_eq!(response.status(), 400, "{patch}");
        assert_eq!(body(response).await["code"], "empty_patch");
    }
}

#[tokio::test]
async fn what_is_no_json_is_a_mistake_at_its_line() {
    for content_type in [MERGE, JSON] {
        for patch in ["", "{", "[{}", "nul", "{}{}", "\u{feff}{}", "{\"a\":1,}"] {
            let response = send(Some(content_type), patch).await;
            assert_eq!(response.status(), 400, "{patch}");
            let problem = body(response).await;
            assert_eq!(problem["code"], "malformed_json", "{patch}");
            assert!(problem["line"].is_u64(), "{problem}");
        }
        let bomb = "[".repeat(60_000);
        assert_eq!(send(Some(content_type), bomb).await.status(), 400);
        let long = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
        assert_eq!(send(Some(content_type), long).await.status(), 413);
    }
}

#[tokio::test]
async fn rules_of_the_application_point_at_the_members() {
    let patch = r#"{"name": "", "priceCents": -1, "rating": null}"#;
    let response = send(Some(MERGE), patch).await;
    assert_eq!(response.status(), 422);
    let problem = body(response).await;
    assert_eq!(problem["errors"][0]["pointer"], "/name");
    assert_eq!(problem["errors"][1]["pointer"], "/priceCents");
}

#[test]
fn names_that_serde_json_keeps_for_itself_are_refused() {
    let bodies = [
        (
            MERGE,
            r#"{"labels":{"$serde_json::private::RawValue":"[[["}}"#,
        ),
        (MERGE, r#"{"\u0024serde_json::private::Number":"1"}"#),
        (
            JSON,
            r#"[{"op":"add","path":"/name","value":{"$serde_json::private::Number":"7"}}]"#,
        ),
    ];
    for (content_type, body) in bodies {
        let problem = PatchRequest::<Product>::from_bytes(content_type, body.as_bytes());
        let problem = problem.expect_err("reserved");
        assert_eq!(problem.status(), 422);
        let detail = problem.get_detail().unwrap_or_default();
        assert!(detail.contains("reserved"), "{detail}");
    }
}

#[test]
fn names_that_are_given_twice_are_refused_at_any_depth() {
    let bodies = [
        (MERGE, r#"{"name":"a","name":"b"}"#, "name"),
        (MERGE, r#"{"name":"a","n\u0061me":"a"}"#, "name"),
        (MERGE, r#"{"size":{"width":1,"width":2}}"#, "width"),
        (MERGE, r#"{"tags":[{"x":1,"x":1}]}"#, "x"),
        (
            JSON,
            r#"[{"op":"remove","op":"test","path":"/name"}]"#,
            "op",
        ),
        (
            JSON,
            r#"[{"op":"add","path":"/size","value":{"width":1,"width":2}}]"#,
            "width",
        ),
    ];
    for (content_type, body, name) in bodies {
        let problem = PatchRequest::<Product>::from_bytes(content_type, body.as_bytes());
        let problem = problem.expect_err("a name given twice");
        assert_eq!(
            (problem.status().as_u16(), problem.get_code()),
            (422, Some("invalid_body"))
        );
        let detail = problem.get_detail().unwrap_or_default();
        assert!(
            detail.contains(&format!("`{name}` is given more than once")),
            "{detail}"
        );
    }
}

/// As an item of a larger body.
#[test]
fn patches_within_a_body_have_the_same_errors_at_pointers_into_it() {
    #[derive(Debug, Deserialize)]
    struct Update {
        data: MergePatch<Product>,
    }
    impl Validate for Update {
        fn validate(&self, errors: &mut FieldErrors) {
            errors.nested("data", &self.data);
        }
    }
    let body = br#"{"data": {"id": 8, "colour": 1, "name": null, "tags": ["a", 5]}}"#;
    let Json(update) = Json::<Update>::from_bytes(body).expect("a patch");
    let problem = update.validated().expect_err("mistakes");
    assert_eq!(
        errors(&problem),
        [
            ("/data/colour", "unknown"),
            ("/data/id", "immutable"),
            ("/data/name", "not_nullable"),
            ("/data/tags/1", "invalid"),
        ]
    );
    let Json(update) = Json::<Update>::from_bytes(br#"{"data": {}}"#).expect("a patch");
    let problem = update.data.changes(&lamp()).expect_err("empty");
    assert_eq!(problem.get_code(), Some("empty_patch"));
    let problem = update.validated().expect_err("empty");
    assert_eq!(errors(&problem), [("/data", "empty_patch")]);
    let Json(update) = Json::<Update>::from_bytes(br#"{"data": {"name": "a"}}"#).expect("a patch");
    let update = update.validated().expect("no mistakes");
    let changes = update.data.changes(&lamp()).expect("changes");
    assert_eq!(changes.name, Field::Value("a".to_owned()));
}

#[test]
fn changes_know_what_they_are() {
    let none = ProductPatch::default();
    assert!(none.is_empty() && none.changed().next().is_none());
    let changes = changes(
        MERGE,
        &json!({"on_sale": false, "rating": null, "name": "Lamp"}),
    );
    let changes = changes.expect("changes");
    assert!(!changes.is_empty());
    assert_eq!(changes.changed().collect::<Vec<_>>(), ["rating", "on_sale"]);
    assert_eq!(changes.clone(), changes);
    assert!(format!("{changes:?}").starts_with("ProductPatch { name: Absent,"));
    let mut product = lamp();
    changes.apply_to(&mut product);
    let expected = Product {
        active: false,
        rating: None,
        ..lamp()
    };
    assert_eq!(product, expected);
}
