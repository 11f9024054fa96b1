//! The layer among others, and on services that are not axum's.

use std::cell::Cell;
use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, MemoryStore};
use api_patterns::links::{Linked, Links, LinksLayer};
use api_patterns::problem::{FieldError, Problem, ProblemLayer};
use api_patterns::proxy::BaseUrl;
use axum::Router;
use axum::body::Body;
use axum::routing::post;
use futures_util::future;
use http::{Request, Response, StatusCode};
use serde::Serialize;
use tower::{Layer as _, Service, ServiceExt};

use super::{Runs, app, layer, place, post_to, send};

#[derive(Serialize, Links)]
#[links(base = "/notes/{id}")]
struct Note {
    id: u64,
}

async fn note() -> (StatusCode, Linked<Note>) {
    tokio::time::sleep(Duration::from_secs(60)).await;
    (StatusCode::CREATED, Linked(Note { id: 1 }))
}

fn links() -> LinksLayer {
    LinksLayer::new().base(BaseUrl::fixed("https://shop.example").expect("a URL"))
}

/// As documented: links inside, problems outside.
fn documented() -> Router {
    Router::new()
        .route("/notes", post(note))
        .layer(links())
        .layer(layer())
        .layer(ProblemLayer::new().classic())
}

fn asked(accept: &str) -> Request<Body> {
    Request::post("/notes")
        .header("idempotency-key", "a")
        .header("accept", accept)
        .body(Body::empty())
        .expect("a request")
}

#[tokio::test(start_paused = true)]
async fn links_are_whole_whether_or_not_the_client_stays() {
    for stays in [true, false] {
        let app = documented();
        let mut first = Box::pin(app.clone().oneshot(asked("application/hal+json")));
        match stays {
            true => drop(first.await.expect("an answer")),
            false => {
                assert!(future::poll_immediate(&mut first).await.is_none());
                drop(first);
                tokio::time::sleep(Duration::from_secs(61)).await;
            }
        }
        let copy = send(&app, asked("application/hal+json")).await;
        assert!(copy.is_replayed());
        assert_eq!(copy.headers["content-type"], "application/hal+json");
        let link = &copy.json()["_links"]["self"]["href"];
        assert_eq!(link, "https://shop.example/notes/1");
        assert_eq!(copy.headers["vary"], "accept");
        assert_eq!(
            copy.headers["link"],
            r#"<https://shop.example/notes/1>; rel="self""#
        );
    }
}

#[tokio::test(start_paused = true)]
async fn links_of_a_layer_outside_are_whole_while_the_client_stays() {
    let app = Router::new()
        .route("/notes", post(note))
        .layer(layer())
        .layer(links());
    for _ in 0..2 {
        let reply = send(&app, asked("application/json")).await;
        let link = &reply.json()["links"][0]["href"];
        assert_eq!(link, "https://shop.example/notes/1");
    }
}

#[tokio::test]
async fn a_copy_gets_the_rendering_of_the_first() {
    let app = Router::new()
        .route("/notes", post(async || Linked(Note { id: 1 })))
        .layer(links())
        .layer(layer());
    let first = send(&app, asked("application/hal+json")).await;
    let copy = send(&app, asked("application/json")).await;
    assert_eq!((copy.is_replayed(), &copy.body), (true, &first.body));
}

async fn refuse() -> Problem {
    Problem::unprocessable("`/sku`: is unknown")
        .code("invalid_body")
        .error(FieldError::pointer("/sku", "is unknown"))
        .extension("skus", [1, 2])
}

#[tokio::test]
async fn problems_are_rendered_for_copies_as_for_the_first() {
    let plain = async || (StatusCode::BAD_REQUEST, "not so");
    for problems in [
        ProblemLayer::new(),
        ProblemLayer::new().classic(),
        ProblemLayer::new().instance_from_path(),
    ] {
        for outside in [true, false] {
            let routes = Router::new()
                .route("/problem", post(refuse))
                .route("/plain", post(plain));
            let app = match outside {
                true => routes.layer(layer()).layer(problems),
                false => routes.layer(problems).layer(layer()),
            };
            for path in ["/problem", "/plain"] {
                let first = post_to(&app, path, "a").await;
                let mut copy = post_to(&app, path, "a").await;
                assert!(copy.is_replayed());
                copy.headers.remove("idempotency-replayed");
                assert_eq!(copy, first, "{path} {problems:?} outside: {outside}");
            }
        }
    }
}

#[tokio::test]
async fn refusals_of_the_layer_are_problems_in_the_app_s_rendering() {
    let runs = Runs::default();
    let app = super::app(&runs, layer()).layer(ProblemLayer::new().classic());
    place(&app, "a", "1").await;
    let refused = place(&app, "a", "2").await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["error_code"], "idempotency_key_reused");
    assert_eq!(refused.json()["success"], false);
}

#[tokio::test]
async fn a_nested_router_has_keys_of_its_own() {
    let runs = Runs::default();
    let inner = || super::routes(&runs).layer(layer());
    let app = Router::new().nest("/v1", inner()).nest("/v2", inner());
    for path in ["/v1/status/200", "/v2/status/200"] {
        assert!(!post_to(&app, path, "a").await.is_replayed());
        assert!(post_to(&app, path, "a").await.is_replayed());
    }
    // One layer for both: the routes differ.
    let app = Router::new()
        .nest("/v1", super::routes(&runs))
        .nest("/v2", super::routes(&runs))
        .layer(layer());
    for path in ["/v1/status/200", "/v2/status/200"] {
        assert!(!post_to(&app, path, "a").await.is_replayed());
    }
    let other = post_to(&app, "/v2/status/201", "a").await;
    other.expect_problem(422, "idempotency_key_reused");
    // Round a whole router nothing has been matched yet, so it is the path that counts.
    let app = layer().layer(super::routes(&runs));
    let mut bodies = Vec::new();
    for path in ["/status/200", "/status/201", "/status/200"] {
        let request = Request::post(path).header("idempotency-key", "a");
        let request = request.body(Body::empty()).expect("a request");
        let response = app.clone().oneshot(request).await.expect("an answer");
        bodies.push(response.status().as_u16());
    }
    assert_eq!(bodies, [200, 201, 200]);
}

/// Not `Sync`, and only to be called after it was ready: what tower allows.
#[derive(Default)]
struct Particular {
    ready: Cell<bool>,
}

impl Clone for Particular {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<Body>> for Particular {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready.set(true);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(self.ready.replace(false), "called before it was ready");
        future::ok(Response::new(Body::from("served")))
    }
}

#[tokio::test]
async fn the_service_that_was_ready_is_the_one_that_is_called() {
    let mut service = layer().layer(Particular::default());
    for (method, key) in [("POST", "a"), ("POST", "b"), ("GET", "a"), ("POST", "")] {
        let mut request = Request::builder().method(method);
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(Body::empty()).expect("a request");
        let ready = ServiceExt::<Request<Body>>::ready(&mut service).await;
        let response = ready.expect("ready").call(request).await;
        assert_eq!(response.expect("served").status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn any_body_will_do() {
    let inner = tower::service_fn(async |request: Request<Body>| {
        let body = http_body_util::BodyExt::collect(request.into_body()).await;
        let body = body.expect("a body").to_bytes();
        Ok::<_, Infallible>(Response::new(http_body_util::Full::new(body)))
    });
    let service = IdempotencyLayer::new(MemoryStore::new()).layer(inner);
    for key in [Some("a"), Some("a"), None] {
        let mut request = Request::post("/");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = http_body_util::Full::new(axum::body::Bytes::from_static(b"text"));
        let request = request.body(body).expect("a request");
        let response = service.clone().oneshot(request).await.expect("an answer");
        let body = http_body_util::BodyExt::collect(response.into_body()).await;
        assert_eq!(body.expect("a body").to_bytes(), "text");
    }
}

/// As on a part of an app and on the whole of it.
#[tokio::test]
async fn of_two_layers_the_outer_one_counts() {
    let (runs, store) = (Runs::default(), MemoryStore::new());
    let inner = app(&runs, IdempotencyLayer::new(store.clone()));
    let app = inner.layer(IdempotencyLayer::new(store));
    let first = place(&app, "a", "{}").await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert!(place(&app, "a", "{}").await.is_replayed());
    assert_eq!(runs.count(), 1);
}
