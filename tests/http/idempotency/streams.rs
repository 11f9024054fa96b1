//! Answers that do their work while they are sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api_patterns::idempotency::{
    Answer, Claim, Effects, Fingerprint, IdempotencyLayer, Key, MemoryStore, Reservation, Store,
};
use api_patterns::storage::StoreError;
use api_patterns::storage::StoreErrorKind::Unavailable;
use axum::body::{Body, Bytes};
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Router};
use futures_util::stream;
use http::{Extensions, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::stores::{Draft, Ledger};
use super::{Runs, layer, post_to};

/// Answers with four lines, one a second.
fn lines(runs: &Runs) -> Body {
    let run = runs.begin();
    Body::from_stream(stream::unfold(0, move |line| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let text = format!("{run}.{line}\n");
        (line < 4).then_some((Ok::<_, std::io::Error>(text), line + 1))
    }))
}

fn app<S: Store>(runs: &Runs, layer: IdempotencyLayer<S>) -> Router {
    let runs = runs.clone();
    let handler = post(async move || (StatusCode::MULTI_STATUS, lines(&runs)));
    Router::new().route("/", handler).layer(layer)
}

async fn opened(app: &Router) -> Response {
    let request = Request::post("/").header("idempotency-key", "a");
    let request = request.body(Body::empty()).expect("a request");
    app.clone().oneshot(request).await.expect("an answer")
}

async fn first_line(response: &mut Response) -> Bytes {
    let frame = response.body_mut().frame().await.expect("a line");
    frame.expect("it is sent").into_data().expect("data")
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_done_when_it_has_been_sent() {
    let runs = Runs::default();
    // The lease is over twice before the end.
    let app = app(&runs, layer().lease(Duration::from_secs(2)));
    let mut first = opened(&app).await;
    assert_eq!(first_line(&mut first).await, "1.0\n");
    let copy = post_to(&app, "/", "a").await;
    copy.expect_problem(409, "idempotency_in_flight");

    let rest = first.into_body().collect().await.expect("the rest");
    assert_eq!(rest.to_bytes(), "1.1\n1.2\n1.3\n");
    for _ in 0..2 {
        let copy = post_to(&app, "/", "a").await;
        copy.expect_problem(409, "idempotency_answer_not_kept");
    }
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_slow_keeps_its_key() {
    let runs = Runs::default();
    let app = app(&runs, layer());
    let mut first = opened(&app).await;
    first_line(&mut first).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let copy = post_to(&app, "/", "a").await;
    copy.expect_problem(409, "idempotency_in_flight");
    first.into_body().collect().await.expect("the rest");
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_left_is_not_done() {
    let runs = Runs::default();
    let app = app(&runs, layer());
    let mut first = opened(&app).await;
    first_line(&mut first).await;
    drop(first);
    // The key is freed in a task.
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(first_line(&mut opened(&app).await).await, "2.0\n");
}

#[tokio::test]
async fn a_stream_that_fails_is_not_done() {
    let runs = Runs::default();
    let counted = runs.clone();
    let handler = async move || {
        let run = counted.begin();
        let end = match run {
            1 => Err(std::io::Error::other("no more")),
            _ => Ok("end"),
        };
        Body::from_stream(stream::iter([Ok("begin "), end]))
    };
    let app = Router::new().route("/", post(handler)).layer(layer());
    let failed = opened(&app).await.into_body().collect().await;
    assert!(failed.is_err());
    tokio::task::yield_now().await;
    let second = opened(&app).await.into_body().collect().await;
    assert_eq!(second.expect("a body").to_bytes(), "begin end");
    assert_eq!(runs.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_reservation_is_lost_is_cut() {
    let (runs, store) = (Runs::default(), Forgetful::default());
    let app = app(
        &runs,
        IdempotencyLayer::new(store.clone()).lease(Duration::from_secs(3)),
    );
    let mut first = opened(&app).await;
    first_line(&mut first).await;
    store.lost.store(true, Ordering::SeqCst);
    assert!(first.into_body().collect().await.is_err());
}

/// What was done on the way is there with the record or not at all.
#[tokio::test]
async fn the_work_of_a_stream_is_ended_with_it() {
    for (broken, effects) in [(None, 1), (Some(Unavailable), 0)] {
        let ledger = Ledger::new(broken);
        let handler = async |Extension(draft): Extension<Draft>| {
            Body::from_stream(stream::once(async move {
                draft.write("on the way");
                Ok::<_, std::io::Error>("written")
            }))
        };
        let layer = IdempotencyLayer::new(ledger.clone());
        let app = Router::new().route("/", post(handler)).layer(layer);
        let sent = opened(&app).await.into_body().collect().await;
        assert_eq!(sent.is_ok(), broken.is_none());
        assert_eq!(ledger.effects().await.len(), effects);
    }
}

/// Says of every reservation that another has it.
#[derive(Clone, Default)]
struct Forgetful {
    memory: MemoryStore,
    lost: Arc<AtomicBool>,
}

impl Store for Forgetful {
    type Work = ();

    fn begin(&self, _: &mut Extensions) {}

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        self.memory.reserve(key, fingerprint, lease).await
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        let lost = self.lost.load(Ordering::SeqCst);
        Ok(!lost && self.memory.renew(claim, lease).await?)
    }

    async fn complete(
        &self,
        claim: &Claim,
        work: (),
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        self.memory
            .complete(claim, work, effects, answer, keep)
            .await
    }

    async fn release(&self, claim: &Claim, work: ()) -> Result<(), StoreError> {
        self.memory.release(claim, work).await
    }

    async fn end(&self, (): (), _: Effects) -> Result<(), StoreError> {
        Ok(())
    }
}
