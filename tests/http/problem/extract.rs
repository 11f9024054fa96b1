//! The extractors: statuses, places, and what they accept.

use api_patterns::problem::{Form, Json, Path, Problem, Query};
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::{Router, routing};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Log, get, post};

#[derive(Debug, Serialize, Deserialize)]
struct Input {
    name: String,
    count: u8,
    #[serde(default)]
    flag: bool,
}

fn app() -> Router {
    async fn optional(body: Option<Json<Input>>) -> String {
        body.map_or_else(|| "none".to_owned(), |Json(input)| input.name)
    }
    Router::new()
        .route(
            "/json",
            routing::post(async |Json(input): Json<Input>| Json(input)),
        )
        .route("/optional", routing::post(optional))
        .route(
            "/form",
            routing::post(async |Form(input): Form<Input>| Json(input)),
        )
        .route(
            "/form",
            routing::get(async |Form(input): Form<Input>| Json(input)),
        )
        .route(
            "/query",
            routing::get(async |Query(input): Query<Input>| Json(input)),
        )
        .route(
            "/path/{name}/{count}",
            routing::get(async |_: Path<(String, u8)>| ()),
        )
        .route(
            "/named/{name}/{count}",
            routing::get(async |_: Path<Named>| ()),
        )
        .route(
            "/misfit/{name}",
            routing::get(async |_: Path<(String, u8)>| ()),
        )
        .route(
            "/unserializable",
            routing::get(async || Json(Unserializable)),
        )
        .layer(DefaultBodyLimit::max(64))
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Named {
    name: String,
    count: u8,
}

struct Unserializable;

impl Serialize for Unserializable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("hunter2"))
    }
}

#[tokio::test]
async fn json_is_accepted_by_its_media_type() {
    let app = app();
    let body = r#"{"name": "a", "count": 1}"#;
    for accepted in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/merge-patch+json",
        "application/vnd.shop.v2+json ;x=y",
    ] {
        let answer = post(&app, "/json", accepted, body).await;
        assert_eq!(
            answer.json(),
            json!({ "name": "a", "count": 1, "flag": false }),
            "{accepted}"
        );
        assert_eq!(answer.content_type(), "application/json");
    }
    for refused in [
        "",
        "text/json",
        "application/jsonp",
        "text/x+json",
        "multipart/form-data",
    ] {
        let answer = post(&app, "/json", refused, body).await;
        assert_eq!(answer.status.as_u16(), 415, "{refused}");
        assert_eq!(answer.json()["code"], "unsupported_media_type");
        assert_eq!(answer.headers[header::ACCEPT], "application/json");
    }
}

#[tokio::test]
async fn what_is_not_json_is_a_400_that_says_where() {
    let app = app();
    let table = [
        ("", 1, 0),
        ("{\"name\":\n x}", 2, 2),
        (r#"{"name": 5, "count": }"#, 1, 22),
        ("{}x", 1, 3),
        ("\u{feff}{}", 1, 1),
    ];
    for (body, line, column) in table {
        let answer = post(&app, "/json", "application/json", body).await;
        assert_eq!(answer.status.as_u16(), 400, "{body}");
        assert_eq!(answer.content_type(), "application/problem+json");
        let json = answer.json();
        assert_eq!(json["code"], "malformed_json", "{body}");
        assert_eq!(
            (&json["line"], &json["column"]),
            (&json!(line), &json!(column)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_long_body_is_a_413() {
    let answer = post(&app(), "/json", "application/json", &" ".repeat(65)).await;
    assert_eq!(answer.status.as_u16(), 413);
    assert_eq!(answer.json()["code"], "payload_too_large");
}

#[tokio::test]
async fn a_body_may_be_optional() {
    let app = app();
    let none = super::send(
        &app,
        axum::http::Request::post("/optional")
            .body(axum::body::Body::empty())
            .expect("valid"),
    );
    assert_eq!(none.await.body, "none");
    let some = post(
        &app,
        "/optional",
        "application/json",
        r#"{"name": "a", "count": 1}"#,
    )
    .await;
    assert_eq!(some.body, "a");
    let wrong = post(&app, "/optional", "application/json", "{}").await;
    assert_eq!(wrong.places(), ["/count", "/name"]);
}

#[tokio::test]
async fn all_parameters_of_a_query_are_reported() {
    let app = app();
    let answer = get(&app, "/query?count=256&flag=maybe&count=7").await;
    assert_eq!(answer.status.as_u16(), 400);
    assert_eq!(answer.json()["code"], "invalid_parameter");
    let number = "expected an integer from 0 to 255, found \"256\"";
    assert_eq!(
        answer.errors(),
        [
            ("count", "invalid", number),
            ("flag", "invalid", "expected true or false, found \"maybe\""),
            ("name", "missing", "is missing"),
        ]
        .map(|(place, code, detail)| (
            place.to_owned(),
            code.to_owned(),
            detail.to_owned()
        ))
    );
    assert_eq!(
        answer.json()["detail"],
        format!("`count`: {number} (and 2 more errors)")
    );
    let answer = get(&app, "/query?name=a&count=1&name=b").await;
    assert_eq!(answer.json()["detail"], "`name`: is given more than once");
    assert_eq!(
        get(&app, "/query?name=%C3%A9+x&count=1").await.json()["name"],
        "é x"
    );
}

#[tokio::test]
async fn forms_are_read_from_body_and_query() {
    let app = app();
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        post(&app, "/form", form, "name=a&count=1").await.json()["count"],
        1
    );
    assert_eq!(get(&app, "/form?name=a&count=1").await.json()["count"], 1);
    let answer = post(&app, "/form", form, "count=x").await;
    assert_eq!(
        (answer.status.as_u16(), answer.places()),
        (422, vec!["count".into(), "name".into()])
    );
    let answer = get(&app, "/form?count=x").await;
    assert_eq!(
        (answer.status.as_u16(), answer.places()),
        (400, vec!["count".into(), "name".into()])
    );
    assert_eq!(
        post(&app, "/form", "application/json", "{}")
            .await
            .status
            .as_u16(),
        415
    );
    assert_eq!(
        post(&app, "/form", form, &"x".repeat(65))
            .await
            .status
            .as_u16(),
        413
    );
}

#[tokio::test]
async fn a_wrong_part_of_the_path_is_named() {
    let app = app();
    for path in ["/path/a/x", "/named/a/x"] {
        let answer = get(&app, path).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert_eq!(answer.json()["code"], "invalid_parameter");
        assert_eq!(answer.content_type(), "application/problem+json");
    }
    let answer = get(&app, "/named/a/x").await;
    assert_eq!(answer.places(), ["count"]);
    assert_eq!(answer.json()["detail"], "`count`: expected u8, found \"x\"");
    assert_eq!(get(&app, "/named/%ff/1").await.status.as_u16(), 400);
}

#[tokio::test]
async fn our_own_mistakes_are_masked() {
    for path in ["/misfit/a", "/unserializable"] {
        let log = Log::start();
        let answer = get(&app(), path).await;
        assert_eq!(answer.status.as_u16(), 500, "{path}");
        assert!(
            !answer.body.contains("hunter2") && !answer.body.contains("tuple"),
            "{path}"
        );
        assert_eq!(log.events().len(), 1, "{path}");
    }
}

#[test]
fn rejections_of_axum_convert_with_a_question_mark() {
    fn read(uri: &axum::http::Uri) -> Result<String, Problem> {
        let axum::extract::Query(input) = axum::extract::Query::<Input>::try_from_uri(uri)?;
        Ok(input.name)
    }
    let problem = read(&"/?name=a".parse().expect("valid")).expect_err("no count");
    assert_eq!(problem.status().as_u16(), 400);
    assert!(problem.to_string().contains("missing field `count`"));
}

#[tokio::test]
async fn the_only_parameter_of_a_path_is_named() {
    use api_patterns::problem::Path;
    use axum::routing::get;
    use axum::{Router, body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn one(Path(id): Path<i64>) -> String {
        id.to_string()
    }
    let app: Router = Router::new().route("/products/{id}", get(one));
    let request = Request::get("/products/abc").body(Body::empty());
    let response = app
        .oneshot(request.expect("a request"))
        .await
        .expect("an answer");
    assert_eq!(response.status(), 400);
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(body["errors"][0]["parameter"], "id", "{body}");
}
