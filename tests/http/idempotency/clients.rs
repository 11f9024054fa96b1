//! Clients that leave, and handlers that panic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, MemoryStore, Store};
use axum::Router;
use axum::body::Body;
use axum::routing::post;
use futures_util::{FutureExt as _, StreamExt as _, future, stream};
use http::{Request, StatusCode};
use tower::ServiceExt as _;

use super::stores::Faulty;
use super::{Runs, app, layer, order, post_to};

fn request(key: &str) -> Request<Body> {
    let request = Request::post("/slow").header("idempotency-key", key);
    request.body(Body::empty()).expect("a request")
}

/// Sends the request and leaves as soon as its handler, or what comes before, has to wait.
async fn leave(app: &Router, request: Request<Body>) {
    let mut answer = Box::pin(app.clone().oneshot(request));
    for _ in 0..3 {
        assert!(future::poll_immediate(&mut answer).await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_goes_on_without_its_client() {
    let runs = Runs::default();
    let app = app(&runs, layer());
    leave(&app, request("a")).await;
    assert_eq!(runs.count(), 1);
    let meanwhile = post_to(&app, "/slow", "a").await;
    meanwhile.expect_problem(409, "idempotency_in_flight");
    tokio::time::sleep(Duration::from_secs(61)).await;
    let answer = post_to(&app, "/slow", "a").await;
    assert_eq!(
        (answer.is_replayed(), &answer.body[..]),
        (true, &b"run 1"[..])
    );
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_waits_gets_the_answer_of_a_client_that_left() {
    let runs = Runs::default();
    let app = app(&runs, layer().wait(Duration::from_secs(600)));
    leave(&app, request("a")).await;
    let answer = post_to(&app, "/slow", "a").await;
    assert_eq!(answer.body, "run 1");
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_ends_with_its_client_where_the_layer_says_so() {
    let runs = Runs::default();
    let app = app(&runs, layer().cancel_with_client());
    leave(&app, request("a")).await;
    tokio::task::yield_now().await;
    let anew = post_to(&app, "/slow", "a").await;
    assert_eq!((anew.is_replayed(), &anew.body[..]), (false, &b"run 2"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_leaves_while_it_waits_does_nothing_more() {
    let runs = Runs::default();
    let app = app(&runs, layer().wait(Duration::from_secs(600)));
    leave(&app, request("a")).await;
    for _ in 0..50 {
        leave(&app, request("a")).await;
    }
    assert_eq!(post_to(&app, "/slow", "a").await.body, "run 1");
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_while_sending_has_asked_for_nothing() {
    let (runs, memory) = (Runs::default(), MemoryStore::new());
    let app = app(&runs, IdempotencyLayer::new(memory.clone()));
    let sent = stream::iter(["[1,"]).map(Ok::<_, std::io::Error>);
    let never_ends = Body::from_stream(sent.chain(stream::pending()));
    leave(&app, order("a").body(never_ends).expect("a request")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((runs.count(), memory.records()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_while_the_store_is_asked_leaves_no_reservation() {
    let runs = Runs::default();
    let store = Faulty::default().slow(Duration::from_secs(1));
    let app = app(&runs, IdempotencyLayer::new(store.clone()));
    leave(&app, request("a")).await;
    // The store answers, and is told at once that nobody needs it; which takes a second as well.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!((runs.count(), store.memory().records()), (0, 0));
    assert_eq!(post_to(&app, "/slow", "a").await.body, "run 1");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_though_its_client_leaves_while_it_is_kept() {
    for cancel in [false, true] {
        let runs = Runs::default();
        let store = Faulty::default().slow(Duration::from_secs(1));
        let layer = IdempotencyLayer::new(store);
        let layer = if cancel {
            layer.cancel_with_client()
        } else {
            layer
        };
        let app = app(&runs, layer);
        let left = tokio::time::timeout(
            Duration::from_millis(61_500),
            app.clone().oneshot(request("a")),
        );
        assert!(left.await.is_err(), "the store takes a second more");
        tokio::time::sleep(Duration::from_secs(2)).await;
        let copy = post_to(&app, "/slow", "a").await;
        assert_eq!((copy.is_replayed(), &copy.body[..]), (true, &b"run 1"[..]));
    }
}

fn panicking<S: Store>(runs: &Runs, layer: IdempotencyLayer<S>) -> Router {
    let runs = runs.clone();
    let handler = async move || {
        if runs.begin() == 1 {
            tokio::task::yield_now().await;
            panic!("as expected in this test");
        }
        "done"
    };
    Router::new().route("/", post(handler)).layer(layer)
}

#[tokio::test]
async fn a_panic_goes_on_and_frees_the_key() {
    for layer in [layer(), layer().cancel_with_client()] {
        let runs = Runs::default();
        let app = panicking(&runs, layer);
        let request = Request::post("/").header("idempotency-key", "a");
        let request = request.body(Body::empty()).expect("a request");
        let answer = std::panic::AssertUnwindSafe(app.clone().oneshot(request));
        let panic = answer.catch_unwind().await.expect_err("a panic");
        assert_eq!(panic.downcast_ref(), Some(&"as expected in this test"));
        let anew = post_to(&app, "/", "a").await;
        assert_eq!(
            (anew.status, &anew.body[..]),
            (StatusCode::OK, &b"done"[..])
        );
        assert_eq!(runs.count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_without_a_client_frees_the_key() {
    let runs = Runs::default();
    let app = panicking(&runs, layer());
    let request = Request::post("/").header("idempotency-key", "a");
    let mut answer = Box::pin(
        app.clone()
            .oneshot(request.body(Body::empty()).expect("a request")),
    );
    assert!(future::poll_immediate(&mut answer).await.is_none());
    drop(answer);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(post_to(&app, "/", "a").await.body, "done");
}

#[tokio::test]
async fn an_error_of_the_service_frees_the_key_and_goes_on() {
    let failed = Arc::new(AtomicBool::new(false));
    let inner = {
        let failed = failed.clone();
        tower::service_fn(move |_: Request<Body>| {
            let first = !failed.swap(true, Ordering::SeqCst);
            future::ready(match first {
                true => Err(std::io::Error::other("down")),
                false => Ok(http::Response::new(Body::from("up"))),
            })
        })
    };
    let service = tower::Layer::layer(&layer(), inner);
    let error = service
        .clone()
        .oneshot(request("a"))
        .await
        .expect_err("down");
    assert_eq!(error.to_string(), "down");
    let response = service.oneshot(request("a")).await.expect("up");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("idempotency-replayed"));
}

#[tokio::test]
async fn a_runtime_that_ends_takes_its_handlers_with_it() {
    let (runs, store) = (Runs::default(), MemoryStore::new());
    let app = app(&runs, IdempotencyLayer::new(store.clone()));
    let thread = {
        let app = app.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("a runtime")
                .block_on(leave(&app, request("a")));
        })
    };
    thread.join().expect("no panic");
    // The lease is what is left.
    assert_eq!((runs.count(), store.records()), (1, 1));
    let refused = post_to(&app, "/slow", "a").await;
    refused.expect_problem(409, "idempotency_in_flight");
}
