//! What a copy is answered, and what is kept.

use api_patterns::idempotency::{IdempotencyKey, IdempotencyLayer, MemoryStore};
use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::post;
use axum::{Extension, Router};
use futures_util::stream;
use http::{Method, Request, StatusCode};

use super::{Reply, Runs, app, layer, order, place, plain, post_to, routes, send};

#[tokio::test]
async fn a_copy_gets_the_answer_of_the_first() {
    let (runs, app) = plain();
    let first = place(&app, "a", r#"{"sku":1}"#).await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert!(!first.is_replayed() && first.headers.contains_key("set-cookie"));
    for _ in 0..2 {
        let copy = place(&app, "a", r#"{"sku":1}"#).await;
        assert!(copy.is_replayed());
        assert_eq!((copy.status, &copy.body), (first.status, &first.body));
        for name in ["set-cookie", "date"] {
            assert!(!copy.headers.contains_key(name), "{name}");
        }
        for name in ["location", "content-type", "x-run", "content-length"] {
            assert_eq!(copy.headers.get(name), first.headers.get(name), "{name}");
        }
    }
    assert_eq!(runs.count(), 1);
    let other = place(&app, "b", r#"{"sku":1}"#).await;
    assert_eq!(other.headers["location"], "/orders/2");
}

#[tokio::test]
async fn bare_and_quoted_keys_are_one() {
    let (runs, app) = plain();
    let first = place(&app, "a1", "{}").await;
    let copy = place(&app, "\"a1\"", "{}").await;
    assert!(copy.is_replayed());
    assert_eq!(copy.body, first.body);
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn what_is_kept_depends_on_the_status() {
    let kept = [200, 201, 202, 204, 207, 303, 400, 402, 410, 415, 422];
    let asked_again = [
        401, 403, 404, 408, 409, 412, 423, 425, 428, 429, 500, 502, 503,
    ];
    for status in kept.into_iter().chain(asked_again) {
        let (runs, app) = plain();
        let path = format!("/status/{status}");
        let first = post_to(&app, &path, "a").await;
        let copy = post_to(&app, &path, "a").await;
        assert_eq!(
            (first.status.as_u16(), copy.status.as_u16()),
            (status, status)
        );
        let expected = kept.contains(&status);
        assert_eq!(copy.is_replayed(), expected, "{status}");
        assert_eq!(runs.count(), if expected { 1 } else { 2 }, "{status}");
    }
}

#[tokio::test]
async fn errors_are_kept_where_it_is_asked_for() {
    for (status, runs_expected) in [(500, 1), (503, 1), (429, 2), (409, 2)] {
        let runs = Runs::default();
        let app = app(&runs, layer().store_errors());
        for _ in 0..2 {
            let reply = post_to(&app, &format!("/status/{status}"), "a").await;
            assert_eq!(reply.status.as_u16(), status);
        }
        assert_eq!(runs.count(), runs_expected, "{status}");
    }
}

fn streamed(parts: Vec<Result<&'static str, std::io::Error>>) -> Body {
    Body::from_stream(stream::iter(parts))
}

/// Routes whose answers are long, of unknown length, or broken.
fn unusual(runs: &Runs) -> Router {
    let counted = |answer: fn() -> Body, status: StatusCode| {
        let runs = runs.clone();
        post(async move || {
            runs.begin();
            (status, answer()).into_response()
        })
    };
    let long = || Body::from("x".repeat(1025));
    let exact = || Body::from("x".repeat(1024));
    let stream = || streamed(vec![Ok("one"), Ok("two")]);
    Router::new()
        .route("/long", counted(long, StatusCode::OK))
        .route("/exact", counted(exact, StatusCode::OK))
        .route("/stream", counted(stream, StatusCode::OK))
        .route("/refused", counted(long, StatusCode::BAD_REQUEST))
        .layer(IdempotencyLayer::new(MemoryStore::new()).max_response(1024))
}

#[tokio::test]
async fn what_is_too_long_or_streamed_is_sent_and_not_repeated() {
    for (path, body) in [
        ("/long", "x".repeat(1025)),
        ("/stream", "onetwo".to_owned()),
    ] {
        let runs = Runs::default();
        let app = unusual(&runs);
        let first = post_to(&app, path, "a").await;
        assert_eq!(
            (first.status, &first.body[..]),
            (StatusCode::OK, body.as_bytes())
        );
        for _ in 0..2 {
            let copy = post_to(&app, path, "a").await;
            copy.expect_problem(409, "idempotency_answer_not_kept");
            assert_eq!(copy.json()["answered"], 200);
            assert!(!copy.is_replayed());
        }
        assert_eq!(runs.count(), 1, "{path}");
    }
}

#[tokio::test]
async fn the_longest_answer_is_kept_and_a_long_refusal_is_asked_for_again() {
    for (path, runs_expected) in [("/exact", 1), ("/refused", 2)] {
        let runs = Runs::default();
        let app = unusual(&runs);
        let first = post_to(&app, path, "a").await;
        let copy = post_to(&app, path, "a").await;
        assert_eq!((first.status, first.body), (copy.status, copy.body));
        assert_eq!(runs.count(), runs_expected, "{path}");
    }
}

#[tokio::test]
async fn other_methods_and_requests_without_a_key_pass_untouched() {
    let (runs, app) = plain();
    for method in [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
    ] {
        for key in ["a", "", "not, a key"] {
            let before = runs.count();
            let request = order(key).method(method.clone());
            let reply = send(&app, request.body(Body::empty()).expect("a request")).await;
            assert_eq!(reply.status, StatusCode::CREATED, "{method} {key:?}");
            assert!(reply.headers.contains_key("set-cookie") && !reply.is_replayed());
            assert_eq!(runs.count(), before + 1);
        }
    }
    let before = runs.count();
    for _ in 0..2 {
        let request = Request::post("/orders").body(Body::from("{}"));
        let reply = send(&app, request.expect("a request")).await;
        assert_eq!(reply.status, StatusCode::CREATED);
    }
    assert_eq!(runs.count(), before + 2);
}

#[tokio::test]
async fn a_key_is_required_where_the_layer_says_so() {
    let runs = Runs::default();
    let app = app(&runs, layer().required());
    let request = Request::post("/orders").body(Body::from("{}"));
    let refused = send(&app, request.expect("a request")).await;
    refused.expect_problem(400, "idempotency_key_missing");
    assert_eq!(refused.json()["errors"][0]["header"], "Idempotency-Key");
    assert_eq!(runs.count(), 0);
    let request = Request::get("/orders").body(Body::empty());
    let passed = send(&app, request.expect("a request")).await;
    assert_eq!(passed.status, StatusCode::CREATED);
    assert_eq!(place(&app, "a", "{}").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn methods_and_exceptions_are_named() {
    let runs = Runs::default();
    let skipped = |parts: &http::request::Parts| parts.uri.path() == "/status/200";
    let app = app(&runs, layer().methods([Method::PUT]).skip(skipped));
    let put = |path: &str| {
        let request = Request::put(path).header("idempotency-key", "a");
        request.body(Body::empty()).expect("a request")
    };
    for expected in [false, true] {
        assert_eq!(send(&app, put("/orders")).await.is_replayed(), expected);
    }
    for _ in 0..2 {
        assert!(!place(&app, "a", "{}").await.is_replayed(), "POST");
    }
    let layer = layer().required().skip(skipped);
    let app = routes(&runs).layer(layer);
    for _ in 0..2 {
        assert!(!post_to(&app, "/status/200", "a").await.is_replayed());
        let request = Request::post("/status/200").body(Body::empty());
        let reply = send(&app, request.expect("a request")).await;
        assert_eq!(reply.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_handler_can_read_the_key() {
    let app = Router::new()
        .route(
            "/",
            post(async |Extension(key): Extension<IdempotencyKey>| key.to_string()),
        )
        .layer(layer());
    assert_eq!(post_to(&app, "/", "\"a b\"").await.problem().0, 400);
    assert_eq!(post_to(&app, "/", "\"a,b\"").await.body, "a,b");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_for_its_time() {
    let runs = Runs::default();
    let keep = std::time::Duration::from_secs(60);
    let app = app(&runs, layer().keep(keep));
    place(&app, "a", "{}").await;
    tokio::time::sleep(keep / 2).await;
    assert!(place(&app, "a", "{}").await.is_replayed());
    // Counted from the answer, and not from the last copy.
    tokio::time::sleep(keep / 2).await;
    let anew: Reply = place(&app, "a", "[]").await;
    assert_eq!(anew.headers["location"], "/orders/2");
}
