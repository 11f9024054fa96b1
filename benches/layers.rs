//! What each layer costs a request that does not use it: ours beside a layer that does nothing, on
//! a router whose handler answers at once.

use std::future::Future as _;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use api_patterns::conditional::{ETag, ETagLayer, Preconditions};
use api_patterns::idempotency::{IdempotencyLayer, MemoryStore};
use api_patterns::links::LinksLayer;
use api_patterns::problem::ProblemLayer;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use benches::{Bench, Case, Goal};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HOST, IF_NONE_MATCH, USER_AGENT};
use http::{Method, Request, StatusCode};
use sha2::{Digest as _, Sha256};
use tower::Service as _;
use tower::layer::layer_fn;

const PATH: &str = "/api/v1/products/7";
const BODY: &str = r#"{"id":7,"name":"Garden chair, foldable","price_cents":1999}"#;

const BARE: &str = "floor: bare router";
const NO_OP: &str = "floor: a layer that does nothing";

/// What all layers together may cost, in nanoseconds.
const TOGETHER: f64 = 1500.0;

fn main() {
    let mut bench = Bench::from_args();
    for method in [Method::GET, Method::POST] {
        bench.run(unused(&method));
    }
    for size in [1024, 64 * 1024] {
        bench.run(tags(size));
    }
    bench.finish();
}

/// A service of tower that hands on what it is given.
#[derive(Clone)]
struct NoOp<S>(S);

impl<S: tower::Service<R>, R> tower::Service<R> for NoOp<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

/// Not to be stored, so that nobody makes a tag of it.
fn answer() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, BODY).into_response()
}

async fn plain() -> Response {
    answer()
}

async fn with_preconditions(when: Preconditions) -> Response {
    drop(black_box(when));
    answer()
}

fn router(handlers: MethodRouter) -> Router {
    Router::new().route("/api/v1/products/{id}", handlers)
}

fn routes() -> Router {
    router(get(plain).post(plain))
}

fn together() -> Router {
    router(get(with_preconditions).post(with_preconditions))
        .layer(LinksLayer::new())
        .layer(ETagLayer::new())
        .layer(IdempotencyLayer::new(MemoryStore::new()))
        .layer(ProblemLayer::new())
}

/// A request as clients send it, with nothing in it that a layer looks for.
fn request(method: &Method) -> Request<()> {
    Request::builder()
        .method(method)
        .uri(PATH)
        .header(HOST, "shop.example")
        .header(USER_AGENT, "bench/1.0")
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::ACCEPT_ENCODING, "gzip")
        .header(http::header::AUTHORIZATION, "Bearer 0123456789abcdef")
        .body(())
        .expect("a request")
}

/// The answer of a router whose handler does not wait.
fn ask(router: &mut Router, request: &Request<()>) -> Response {
    let request = request.clone().map(|()| Body::empty());
    let answer = pin!(router.call(request));
    match answer.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response,
        Poll::Pending => panic!("a layer waits for something"),
    }
}

fn body(response: Response) -> Vec<u8> {
    let body = pin!(to_bytes(response.into_body(), usize::MAX));
    match body.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(bytes)) => bytes.into(),
        other => panic!("{other:?}"),
    }
}

fn unused(method: &Method) -> Case<'static> {
    let mut case = Case::new(format!("layers/unused/{method}"));
    let request = request(method);
    let contenders = [
        (BARE, routes()),
        (NO_OP, routes().layer(layer_fn(NoOp))),
        ("ProblemLayer", routes().layer(ProblemLayer::new())),
        ("LinksLayer", routes().layer(LinksLayer::new())),
        ("ETagLayer", routes().layer(ETagLayer::new())),
        (
            "IdempotencyLayer, no key",
            routes().layer(IdempotencyLayer::new(MemoryStore::new())),
        ),
        (
            "Preconditions, no headers",
            router(get(with_preconditions).post(with_preconditions)),
        ),
        ("all of ours together", together()),
    ];
    for (who, mut router) in contenders {
        let request = request.clone();
        let most = match who {
            BARE => None,
            "all of ours together" => Some(TOGETHER),
            _ => Some(TOGETHER / 5.0),
        };
        case.add(
            who,
            move || ask(&mut router, black_box(&request)),
            |response| {
                assert_eq!(response.status(), StatusCode::OK);
                let names: Vec<_> = response
                    .headers()
                    .keys()
                    .map(|name| name.as_str())
                    .collect();
                assert_eq!(names, ["content-type", "cache-control", "content-length"]);
                assert_eq!(body(response), BODY.as_bytes());
            },
        )
        .goals(most.map(|most| Goal::Over(most, BARE)));
    }
    case
}

/// For comparison: what it costs to use the layer that makes tags, in time and in what is saved.
fn tags(size: usize) -> Case<'static> {
    let mut case = Case::new(format!("layers/etag/{}_KiB", size / 1024));
    let content = vec![b'x'; size];
    let tag = ETag::of(&content).weakened().to_string();
    let shared = bytes::Bytes::from(content.clone());
    let routes = || {
        let shared = shared.clone();
        router(get(async move || shared))
    };
    let plain = request(&Method::GET);
    let mut seen = plain.clone();
    let value = tag.parse().expect("a tag is a header's value");
    seen.headers_mut().insert(IF_NONE_MATCH, value);

    let (mut bare, request) = (routes(), plain.clone());
    case.add(
        BARE,
        move || ask(&mut bare, black_box(&request)),
        |response| assert_eq!(body(response).len(), size),
    )
    .characters(size);
    let mut layered = routes().layer(ETagLayer::new());
    case.add(
        "ETagLayer, 200",
        move || ask(&mut layered, black_box(&plain)),
        |response| {
            assert_eq!(response.headers()[ETAG], tag);
            assert_eq!(body(response).len(), size);
        },
    )
    .characters(size);
    let mut layered = routes().layer(ETagLayer::new());
    case.add(
        "ETagLayer, 304",
        move || ask(&mut layered, black_box(&seen)),
        |response| {
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(body(response), b"");
        },
    )
    .characters(0);
    case.add(
        "floor: SHA-256 of the content",
        move || Sha256::digest(black_box(&content)),
        |hash| assert_eq!(hash.len(), 32),
    );
    case
}
