//! Stores that fail, that are slow, and that take part in the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api_patterns::idempotency::{
    Answer, Claim, Effects, Fingerprint, IdempotencyLayer, Key, MemoryStore, Reservation, Store,
    StoreFailure,
};
use api_patterns::storage::{StoreError, StoreErrorKind};
use axum::body::Body;
use axum::response::IntoResponse as _;
use axum::routing::post;
use axum::{Extension, Router};
use http::{Extensions, Request, StatusCode};
use tokio::sync::Mutex;

use super::{Runs, app, place, post_to, send};

/// A memory store that is slow, or cannot be reached, as the test says.
#[derive(Clone, Default)]
pub(crate) struct Faulty {
    memory: MemoryStore,
    faults: Arc<Faults>,
    latency: Duration,
}

#[derive(Default)]
struct Faults {
    reservations: AtomicUsize,
    renewals: AtomicUsize,
    answers: AtomicUsize,
    releases: AtomicUsize,
}

impl Faulty {
    pub(crate) fn over(memory: MemoryStore) -> Self {
        Self {
            memory,
            ..Self::default()
        }
    }

    pub(crate) fn slow(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    pub(crate) fn memory(&self) -> &MemoryStore {
        &self.memory
    }

    pub(crate) fn fail_renewals(&self, next: usize) {
        self.faults.renewals.store(next, Ordering::SeqCst);
    }

    async fn pass(&self, faults: &AtomicUsize) -> Result<(), StoreError> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let order = Ordering::SeqCst;
        let failed = faults.fetch_update(order, order, |left| left.checked_sub(1));
        match failed {
            Ok(_) => Err(StoreError::new(StoreErrorKind::Unavailable).with_source("secret")),
            Err(_) => Ok(()),
        }
    }
}

impl Store for Faulty {
    type Work = ();

    fn begin(&self, _: &mut Extensions) {}

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        self.pass(&self.faults.reservations).await?;
        self.memory.reserve(key, fingerprint, lease).await
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        self.pass(&self.faults.renewals).await?;
        self.memory.renew(claim, lease).await
    }

    async fn complete(
        &self,
        claim: &Claim,
        work: (),
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        self.pass(&self.faults.answers).await?;
        self.memory
            .complete(claim, work, effects, answer, keep)
            .await
    }

    async fn release(&self, claim: &Claim, work: ()) -> Result<(), StoreError> {
        self.pass(&self.faults.releases).await?;
        self.memory.release(claim, work).await
    }

    async fn end(&self, (): (), _: Effects) -> Result<(), StoreError> {
        unreachable!("a store without work is not told of requests without a key")
    }
}

api_patterns::idempotency_conformance! {
    faulty: async { Some(Faulty::default()) }
}

#[tokio::test]
async fn without_its_store_a_request_with_a_key_is_refused() {
    let (runs, store) = (Runs::default(), Faulty::default());
    let app = app(&runs, IdempotencyLayer::new(store.clone()));
    store.faults.reservations.store(1, Ordering::SeqCst);
    let refused = place(&app, "a", "{}").await;
    refused.expect_problem(503, "idempotency_unavailable");
    assert_eq!(refused.headers["retry-after"], "1");
    assert!(!String::from_utf8_lossy(&refused.body).contains("secret"));
    assert_eq!(runs.count(), 0);
    assert_eq!(place(&app, "a", "{}").await.status, StatusCode::CREATED);
    // What does not need the store does not suffer from it.
    store.faults.reservations.store(1, Ordering::SeqCst);
    let request = Request::post("/orders").body(Body::empty());
    let passed = send(&app, request.expect("a request")).await;
    assert_eq!(passed.status, StatusCode::CREATED);
}

#[tokio::test]
async fn without_its_store_a_request_passes_where_the_layer_says_so() {
    let (runs, store) = (Runs::default(), Faulty::default());
    let layer = IdempotencyLayer::new(store.clone()).when_store_fails(StoreFailure::Open);
    let app = app(&runs, layer);
    store.faults.reservations.store(1, Ordering::SeqCst);
    let passed = place(&app, "a", "{}").await;
    assert_eq!((passed.status, runs.count()), (StatusCode::CREATED, 1));
    // There is no record of it.
    assert!(!place(&app, "a", "{}").await.is_replayed());
    assert!(place(&app, "a", "{}").await.is_replayed());
}

#[tokio::test]
async fn a_full_store_refuses_new_keys() {
    let runs = Runs::default();
    let store = MemoryStore::with_limits(2, 1024 * 1024);
    let app = app(&runs, IdempotencyLayer::new(store));
    for key in ["a", "b"] {
        assert_eq!(place(&app, key, "{}").await.status, StatusCode::CREATED);
    }
    let refused = place(&app, "c", "{}").await;
    refused.expect_problem(503, "idempotency_unavailable");
    for key in ["a", "b"] {
        assert!(place(&app, key, "{}").await.is_replayed());
    }
    assert_eq!(runs.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_offered_again_to_a_store_that_was_away() {
    let (runs, store) = (Runs::default(), Faulty::default());
    let app = app(&runs, IdempotencyLayer::new(store.clone()));
    store.faults.answers.store(2, Ordering::SeqCst);
    let first = place(&app, "a", "{}").await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert!(place(&app, "a", "{}").await.is_replayed());
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_is_said_though_it_cannot_be_kept() {
    let (runs, store) = (Runs::default(), Faulty::default());
    let app = app(&runs, IdempotencyLayer::new(store.clone()));
    store.faults.answers.store(usize::MAX, Ordering::SeqCst);
    let first = place(&app, "a", "{}").await;
    assert_eq!(
        (first.status, &first.json()["run"]),
        (StatusCode::CREATED, &1.into())
    );
    // Until the lease is over nothing runs a second time.
    tokio::time::sleep(Duration::from_secs(9)).await;
    let copy = place(&app, "a", "{}").await;
    copy.expect_problem(409, "idempotency_in_flight");
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_release_that_fails_leaves_the_key_to_its_lease() {
    let (runs, store) = (Runs::default(), Faulty::default());
    let app = app(&runs, IdempotencyLayer::new(store.clone()));
    store.faults.releases.store(1, Ordering::SeqCst);
    let failed = post_to(&app, "/status/500", "a").await;
    assert_eq!(failed.status, 500);
    let copy = post_to(&app, "/status/500", "a").await;
    copy.expect_problem(409, "idempotency_in_flight");
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(post_to(&app, "/status/500", "a").await.body, "run 2");
}

/// A store with a unit of work: a list of effects, which come to be with the record or not at all.
#[derive(Clone, Default)]
pub(super) struct Ledger {
    memory: MemoryStore,
    effects: Arc<Mutex<Vec<String>>>,
    /// What was asked of the store, in order.
    calls: Arc<std::sync::Mutex<Vec<&'static str>>>,
    broken: Option<StoreErrorKind>,
}

/// What a handler writes to.
#[derive(Clone, Default)]
pub(super) struct Draft(Arc<std::sync::Mutex<Vec<String>>>);

impl Draft {
    pub(super) fn write(&self, what: &str) {
        self.0.lock().expect("no panic").push(what.into());
    }
}

impl Ledger {
    pub(super) fn new(broken: Option<StoreErrorKind>) -> Self {
        Self {
            broken,
            ..Self::default()
        }
    }

    pub(super) async fn effects(&self) -> Vec<String> {
        self.effects.lock().await.clone()
    }

    fn called(&self, what: &'static str) {
        self.calls.lock().expect("no panic").push(what);
    }

    fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().expect("no panic"))
    }

    async fn settle(&self, work: Draft, effects: Effects) {
        let drafted = std::mem::take(&mut *work.0.lock().expect("no panic"));
        if effects == Effects::Keep {
            self.effects.lock().await.extend(drafted);
        }
    }
}

impl Store for Ledger {
    type Work = Draft;

    fn begin(&self, extensions: &mut Extensions) -> Draft {
        let draft = Draft::default();
        extensions.insert(draft.clone());
        draft
    }

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        self.called("reserve");
        self.memory.reserve(key, fingerprint, lease).await
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        self.memory.renew(claim, lease).await
    }

    async fn complete(
        &self,
        claim: &Claim,
        work: Draft,
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        self.called(match effects {
            Effects::Keep => "complete and keep",
            Effects::Undo => "complete and undo",
        });
        if let Some(kind) = self.broken {
            return Err(StoreError::new(kind).with_source("secret"));
        }
        let done = self
            .memory
            .complete(claim, (), effects, answer, keep)
            .await?;
        self.settle(work, if done { effects } else { Effects::Undo })
            .await;
        Ok(done)
    }

    async fn release(&self, claim: &Claim, work: Draft) -> Result<(), StoreError> {
        self.called("release");
        self.settle(work, Effects::Undo).await;
        self.memory.release(claim, ()).await
    }

    async fn end(&self, work: Draft, effects: Effects) -> Result<(), StoreError> {
        self.called(match effects {
            Effects::Keep => "end and keep",
            Effects::Undo => "end and undo",
        });
        if let Some(kind) = self.broken {
            return Err(StoreError::new(kind).with_source("secret"));
        }
        self.settle(work, effects).await;
        Ok(())
    }
}

fn writing(ledger: &Ledger) -> Router {
    let handler = async |Extension(draft): Extension<Draft>, path: axum::extract::Path<u16>| {
        draft
            .0
            .lock()
            .expect("no panic")
            .push(format!("effect {}", *path));
        let status = StatusCode::from_u16(*path).expect("a status");
        (status, "written").into_response()
    };
    Router::new()
        .route("/{status}", post(handler))
        .layer(IdempotencyLayer::new(ledger.clone()))
}

async fn without_key(app: &Router, path: &str) -> super::Reply {
    send(
        app,
        Request::post(path).body(Body::empty()).expect("a request"),
    )
    .await
}

#[tokio::test]
async fn effects_come_to_be_with_the_answer_or_not_at_all() {
    let cases = [
        ("/201", "complete and keep", true),
        ("/303", "complete and keep", true),
        ("/422", "complete and undo", false),
        ("/409", "release", false),
        ("/500", "release", false),
    ];
    for (path, last, has_effect) in cases {
        let ledger = Ledger::default();
        let app = writing(&ledger);
        post_to(&app, path, "a").await;
        assert_eq!(ledger.take_calls(), ["reserve", last], "{path}");
        post_to(&app, path, "a").await;
        let effects = ledger.effects.lock().await;
        assert_eq!(
            effects.len(),
            usize::from(has_effect),
            "{path}: {effects:?}"
        );
    }
}

#[tokio::test]
async fn a_request_without_a_key_has_its_work_ended_as_well() {
    let ledger = Ledger::default();
    let app = writing(&ledger);
    for (path, last) in [
        ("/201", "end and keep"),
        ("/422", "end and undo"),
        ("/500", "end and undo"),
    ] {
        let reply = without_key(&app, path).await;
        assert_eq!(reply.body, "written");
        assert_eq!(ledger.take_calls(), [last]);
    }
    assert_eq!(*ledger.effects.lock().await, ["effect 201"]);
}

#[tokio::test]
async fn what_may_not_have_come_to_be_is_not_said() {
    let ledger = Ledger {
        broken: Some(StoreErrorKind::Unavailable),
        ..Ledger::default()
    };
    let app = writing(&ledger);
    let reply = post_to(&app, "/201", "a").await;
    reply.expect_problem(503, "idempotency_unavailable");
    assert_eq!(
        ledger.take_calls(),
        ["reserve", "complete and keep", "release"]
    );
    assert_eq!(without_key(&app, "/201").await.status, 503);
    // It had no effect in any case.
    assert_eq!(without_key(&app, "/422").await.body, "written");
    assert!(ledger.effects.lock().await.is_empty());
}

/// Whoever is told to try again does so for ever.
#[tokio::test]
async fn what_would_fail_again_is_not_asked_for_again() {
    for (kind, status) in [
        (StoreErrorKind::Unavailable, 503),
        (StoreErrorKind::Full, 503),
        (StoreErrorKind::Failed, 500),
        (StoreErrorKind::Corrupt, 500),
    ] {
        let ledger = Ledger {
            broken: Some(kind),
            ..Ledger::default()
        };
        let app = writing(&ledger);
        for reply in [
            post_to(&app, "/201", "a").await,
            post_to(&app, "/201", "a").await,
            without_key(&app, "/201").await,
        ] {
            assert_eq!(reply.status, status, "{kind:?}");
            let again = reply.headers.contains_key("retry-after");
            assert_eq!(again, status == 503, "{kind:?}");
            let body = String::from_utf8_lossy(&reply.body);
            assert!(!body.contains("secret"), "{body}");
        }
        assert!(ledger.effects.lock().await.is_empty());
    }
}
