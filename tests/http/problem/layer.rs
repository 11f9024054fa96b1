//! The layer: what of axum becomes a problem, what passes, and the classic envelope.

use api_patterns::problem::{FieldError, Json, Problem, ProblemLayer};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Extension, Form, Multipart, Path, Query};
use axum::http::{Method, Request, StatusCode, header};
use axum::response::IntoResponse;
use axum::{Router, routing};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Log, get, post, send};

#[derive(Deserialize)]
struct Input {
    #[allow(dead_code)]
    name: String,
}

async fn problem() -> Problem {
    Problem::conflict("taken")
        .code("sku_taken")
        .error(FieldError::pointer("/sku", "is taken"))
        .extension("existing", 7)
        .header(header::RETRY_AFTER, 3)
}

async fn streamed() -> impl IntoResponse {
    let chunks = futures_stream(["slow ", "bad ", "news"]);
    (
        StatusCode::BAD_REQUEST,
        [(header::CONTENT_TYPE, "text/plain")],
        Body::from_stream(chunks),
    )
}

/// Chunks whose total length is not known beforehand.
fn futures_stream(
    chunks: [&'static str; 3],
) -> impl futures_core::Stream<Item = Result<Bytes, std::convert::Infallible>> {
    struct Chunks(std::array::IntoIter<&'static str, 3>);
    impl futures_core::Stream for Chunks {
        type Item = Result<Bytes, std::convert::Infallible>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(
                self.0
                    .next()
                    .map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))),
            )
        }
    }
    Chunks(chunks.into_iter())
}

fn routes() -> Router {
    let status = |status: StatusCode, kind: &'static str, body: String| {
        move || async move { (status, [(header::CONTENT_TYPE, kind)], body) }
    };
    Router::new()
        .route("/path/{id}", routing::get(async |_: Path<u64>| ()))
        .route("/query", routing::get(async |_: Query<Input>| ()))
        .route("/json", routing::post(async |_: axum::Json<Input>| ()))
        .route("/form", routing::post(async |_: Form<Input>| ()))
        .route("/multipart", routing::post(async |_: Multipart| ()))
        .route("/extension", routing::get(async |_: Extension<u8>| ()))
        .route(
            "/limited",
            routing::post(async |_: Bytes| ()).layer(DefaultBodyLimit::max(4)),
        )
        .route("/problem", routing::get(problem))
        .route("/streamed", routing::get(streamed))
        .route("/ok", routing::get(async || "fine"))
        .route("/empty", routing::get(async || StatusCode::UNAUTHORIZED))
        .route(
            "/html",
            routing::get(status(StatusCode::NOT_FOUND, "text/html", "<p>".into())),
        )
        .route(
            "/other-json",
            routing::get(status(
                StatusCode::BAD_REQUEST,
                "application/json",
                "{}".into(),
            )),
        )
        .route(
            "/long",
            routing::get(status(
                StatusCode::BAD_REQUEST,
                "text/plain",
                "x".repeat(5000),
            )),
        )
        .route(
            "/charset",
            routing::get(status(
                StatusCode::CONFLICT,
                "Text/Plain ; charset=utf-8",
                " schön \n".into(),
            )),
        )
        .route(
            "/gzip",
            routing::get(async || {
                (
                    StatusCode::BAD_REQUEST,
                    [(header::CONTENT_ENCODING, "gzip")],
                    "not really",
                )
            }),
        )
}

fn app() -> Router {
    routes().layer(ProblemLayer::new())
}

fn assert_problem(answer: &Answer, status: u16, detail: &str) {
    assert_eq!(answer.status.as_u16(), status);
    assert_eq!(answer.content_type(), "application/problem+json");
    assert_eq!(answer.json()["status"], status);
    let found = answer.json()["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(found.contains(detail), "{found}");
    let length = answer
        .headers
        .get(header::CONTENT_LENGTH)
        .expect("a length");
    assert_eq!(
        length.to_str().expect("text"),
        answer.body.len().to_string()
    );
}

#[tokio::test]
async fn rejections_of_axum_become_problems() {
    let app = app();
    let json = "application/json";
    assert_problem(&get(&app, "/path/x").await, 400, "Cannot parse `x`");
    assert_problem(
        &get(&app, "/query?nam=x").await,
        400,
        "missing field `name`",
    );
    assert_problem(
        &post(&app, "/json", json, "{").await,
        400,
        "EOF while parsing",
    );
    assert_problem(
        &post(&app, "/json", json, "{}").await,
        422,
        "missing field `name`",
    );
    assert_problem(
        &post(&app, "/json", "text/csv", "{}").await,
        415,
        "application/json",
    );
    assert_problem(
        &post(&app, "/form", "text/csv", "").await,
        415,
        "x-www-form-urlencoded",
    );
    let form = "application/x-www-form-urlencoded";
    assert_problem(
        &post(&app, "/form", form, "a=b").await,
        422,
        "missing field `name`",
    );
    assert_problem(
        &post(&app, "/multipart", "multipart/form-data", "").await,
        400,
        "boundary",
    );
    assert_problem(
        &post(&app, "/limited", json, "12345").await,
        413,
        "length limit exceeded",
    );
    assert_problem(&get(&app, "/charset").await, 409, "schön");
}

#[tokio::test]
async fn an_extension_we_forgot_is_masked_and_logged() {
    let log = Log::start();
    let answer = get(&app(), "/extension").await;
    assert_problem(&answer, 500, "error on the server");
    assert!(!answer.body.contains("u8"), "{}", answer.body);
    assert_eq!(log.events().len(), 1);
    let error = log.events()[0]["fields"]["error"]
        .as_str()
        .map(str::to_owned);
    assert!(error.is_some_and(|error| error.contains("`u8`")));
}

#[tokio::test]
async fn routes_that_are_not_there_become_problems() {
    let app = app();
    assert_eq!(
        get(&app, "/nowhere").await.json(),
        json!({"type": "about:blank",  "title": "Not Found", "status": 404 })
    );
    assert_eq!(
        get(&app, "/empty").await.json(),
        json!({"type": "about:blank",  "title": "Unauthorized", "status": 401 })
    );
    let answer = post(&app, "/ok", "text/plain", "").await;
    assert_problem(&answer, 405, "");
    assert_eq!(answer.headers[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn other_answers_pass_untouched() {
    let app = app();
    let table = [
        ("/ok", 200, "text/plain; charset=utf-8", "fine"),
        ("/html", 404, "text/html", "<p>"),
        ("/other-json", 400, "application/json", "{}"),
        ("/streamed", 400, "text/plain", "slow bad news"),
        ("/long", 400, "text/plain", &"x".repeat(5000)),
        ("/gzip", 400, "text/plain; charset=utf-8", "not really"),
    ];
    for (path, status, content_type, body) in table {
        let answer = get(&app, path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.content_type(), content_type, "{path}");
        assert_eq!(answer.body, body, "{path}");
    }
}

#[tokio::test]
async fn a_problem_of_ours_keeps_its_headers_and_members() {
    let answer = get(&app(), "/problem").await;
    assert_problem(&answer, 409, "taken");
    assert_eq!(answer.headers[header::RETRY_AFTER], "3");
    assert_eq!(answer.json()["existing"], 7);
    assert_eq!(get(&routes(), "/problem").await.body, answer.body);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    // Inside the router, where axum strips the body afterwards, and around it, where it has.
    let around = Router::new().fallback_service(
        tower::ServiceBuilder::new()
            .layer(ProblemLayer::new())
            .service(routes()),
    );
    for (app, knows_text) in [(app(), true), (around, false)] {
        for (path, is_text) in [("/problem", false), ("/nowhere", false), ("/path/x", true)] {
            let by_get = get(&app, path).await;
            let request = Request::builder().method(Method::HEAD).uri(path);
            let by_head = send(&app, request.body(Body::empty()).expect("valid")).await;
            assert_eq!(by_head.body, "");
            assert_eq!(by_head.status, by_get.status);
            assert_eq!(by_head.content_type(), by_get.content_type(), "{path}");
            let length = by_head.headers.get(header::CONTENT_LENGTH);
            if knows_text || !is_text {
                assert_eq!(length, by_get.headers.get(header::CONTENT_LENGTH), "{path}");
            } else {
                assert_eq!(length, None, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn the_classic_envelope_is_one_choice_for_the_whole_app() {
    let _log = Log::start();
    let app = routes()
        .route(
            "/masked",
            routing::get(async || Problem::internal("hunter2")),
        )
        .route("/ours", routing::post(async |_: Json<Input>| ()))
        .layer(ProblemLayer::new().classic());
    let answer = get(&app, "/problem").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.content_type(), "application/json");
    assert_eq!(answer.headers[header::RETRY_AFTER], "3");
    let length = answer.headers[header::CONTENT_LENGTH]
        .to_str()
        .expect("text")
        .to_owned();
    assert_eq!(length, answer.body.len().to_string());
    assert_eq!(
        answer.json(),
        json!({
            "success": false, "error_code": "sku_taken", "message": "taken",
            "details": { "errors": [{ "pointer": "/sku", "detail": "is taken" }], "existing": 7 },
        })
    );
    let envelope = |code: &str, message: &str| -> Value {
        json!({ "success": false, "error_code": code, "message": message, "details": {} })
    };
    assert_eq!(
        get(&app, "/nowhere").await.json(),
        envelope("not_found", "Not Found")
    );
    assert_eq!(
        get(&app, "/charset").await.json(),
        envelope("conflict", "schön")
    );
    let masked = get(&app, "/masked").await;
    assert_eq!(masked.json()["error_code"], "internal_server_error");
    assert!(!masked.body.contains("hunter2"));
    let answer = post(&app, "/ours", "application/json", "{}").await;
    assert_eq!(answer.json()["error_code"], "invalid_body");
    assert_eq!(answer.json()["details"]["errors"][0]["pointer"], "/name");
    let answer = post(&app, "/ok", "text/plain", "").await;
    assert_eq!(answer.headers[header::ALLOW], "GET,HEAD");
    assert_eq!(
        answer.json(),
        envelope("method_not_allowed", "Method Not Allowed")
    );
}

#[tokio::test]
async fn the_instance_is_the_path_where_it_is_asked_for() {
    async fn own() -> Problem {
        Problem::not_found("d").instance("/mine")
    }
    let nested = Router::new()
        .route("/own", routing::get(own))
        .merge(routes());
    let app = Router::new()
        .nest("/api", nested)
        .layer(ProblemLayer::new().instance_from_path());
    let table = [
        ("/api/problem?secret=1", "/api/problem"),
        ("/api/own", "/mine"),
        ("/api/path/x", "/api/path/x"),
        ("/no%20where", "/no%20where"),
        ("//evil.example/x", "/evil.example/x"),
    ];
    for (uri, instance) in table {
        assert_eq!(get(&app, uri).await.json()["instance"], instance, "{uri}");
    }
    assert_eq!(get(&app, "/api/problem").await.json()["existing"], 7);
}
