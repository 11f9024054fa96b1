//! Requests that are safe to repeat.

mod bodies;
mod clients;
mod copies;
mod document;
mod hostile;
mod layers;
mod lease;
mod memory;
mod replay;
mod sockets;
mod stores;
mod streams;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, MemoryStore, Store};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use http::{HeaderMap, Request, StatusCode, request};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

api_patterns::idempotency_conformance! {
    memory_store: async { Some(MemoryStore::new()) }
}

/// How often handlers have run.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn begin(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// `201` with the number of the run, and fields that belong to one response.
async fn create(State(runs): State<Runs>, body: Bytes) -> Response {
    let run = runs.begin();
    let location = format!("/orders/{run}");
    let headers = [
        ("location", location.as_str()),
        ("content-type", "application/json"),
        ("set-cookie", "session=secret"),
        ("date", "Tue, 15 Nov 1994 08:12:31 GMT"),
        ("x-run", "1"),
    ];
    let body = format!(r#"{{"run":{run},"length":{}}}"#, body.len());
    (StatusCode::CREATED, headers, body).into_response()
}

/// Takes a minute.
async fn slow(State(runs): State<Runs>) -> Response {
    let run = runs.begin();
    tokio::time::sleep(Duration::from_secs(60)).await;
    (StatusCode::CREATED, format!("run {run}")).into_response()
}

/// Answers with the status in its path, and a body.
async fn with_status(State(runs): State<Runs>, path: axum::extract::Path<u16>) -> Response {
    let run = runs.begin();
    let status = StatusCode::from_u16(path.0).expect("a status");
    (status, format!("run {run}")).into_response()
}

fn routes(runs: &Runs) -> Router {
    Router::new()
        .route("/orders", any(create))
        .route("/orders/{id}/lines", post(create))
        .route("/slow", post(slow))
        .route("/status/{status}", post(with_status))
        .with_state(runs.clone())
}

fn app<S: Store>(runs: &Runs, layer: IdempotencyLayer<S>) -> Router {
    routes(runs).layer(layer)
}

fn layer() -> IdempotencyLayer {
    IdempotencyLayer::new(MemoryStore::new())
}

fn plain() -> (Runs, Router) {
    let runs = Runs::default();
    let app = app(&runs, layer());
    (runs, app)
}

fn order(key: &str) -> request::Builder {
    Request::post("/orders")
        .header("content-type", "application/json")
        .header("idempotency-key", key)
}

#[derive(Clone, Debug, PartialEq)]
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn is_replayed(&self) -> bool {
        self.headers
            .get("idempotency-replayed")
            .is_some_and(|value| value == "true")
    }

    /// Status and code of a problem.
    #[track_caller]
    fn problem(&self) -> (u16, String) {
        let kind = self.headers.get("content-type").map(|kind| kind.as_bytes());
        assert_eq!(kind, Some(&b"application/problem+json"[..]), "{self:?}");
        let code = self.json()["code"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), code)
    }

    #[track_caller]
    fn expect_problem(&self, status: u16, code: &str) {
        assert_eq!(self.problem(), (status, code.to_owned()), "{self:?}");
    }
}

async fn send(app: &Router, request: Request<Body>) -> Reply {
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.expect("a body").to_bytes(),
    }
}

/// Sends `body` as JSON to `/orders`.
async fn place(app: &Router, key: &str, body: &'static str) -> Reply {
    send(app, order(key).body(body.into()).expect("a request")).await
}

/// Sends nothing to this path.
async fn post_to(app: &Router, path: &str, key: &str) -> Reply {
    let request = Request::post(path).header("idempotency-key", key);
    send(app, request.body(Body::empty()).expect("a request")).await
}
