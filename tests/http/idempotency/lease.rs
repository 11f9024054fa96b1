//! Reservations that last as long as they must, and no longer. The clock is paused.

use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, MemoryStore};
use http::StatusCode;

use super::stores::Faulty;
use super::{Runs, app, post_to};

const LEASE: Duration = Duration::from_secs(3);

async fn in_background(app: &axum::Router) -> tokio::task::JoinHandle<super::Reply> {
    let app = app.clone();
    let task = tokio::spawn(async move { post_to(&app, "/slow", "a").await });
    tokio::task::yield_now().await;
    task
}

#[tokio::test(start_paused = true)]
async fn a_handler_slower_than_its_lease_keeps_its_reservation() {
    let runs = Runs::default();
    let app = app(
        &runs,
        IdempotencyLayer::new(MemoryStore::new()).lease(LEASE),
    );
    let first = in_background(&app).await;
    for _ in 0..14 {
        tokio::time::sleep(Duration::from_secs(4)).await;
        let copy = post_to(&app, "/slow", "a").await;
        copy.expect_problem(409, "idempotency_in_flight");
    }
    assert_eq!(first.await.expect("no panic").status, StatusCode::CREATED);
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_tried_again_before_the_lease_ends() {
    let runs = Runs::default();
    let store = Faulty::default();
    let app = app(&runs, IdempotencyLayer::new(store.clone()).lease(LEASE));
    let first = in_background(&app).await;
    for _ in 0..10 {
        store.fail_renewals(3);
        tokio::time::sleep(Duration::from_secs(5)).await;
        let copy = post_to(&app, "/slow", "a").await;
        copy.expect_problem(409, "idempotency_in_flight");
    }
    assert_eq!(first.await.expect("no panic").status, StatusCode::CREATED);
    assert_eq!(runs.count(), 1);
}

/// Two instances on one store; the renewals of the first do not arrive. A run takes as many
/// seconds as its number says.
fn cut_off(runs: &Runs, seconds: [u64; 2]) -> [axum::Router; 2] {
    let handler = move |runs: Runs| async move {
        let run = runs.begin();
        tokio::time::sleep(Duration::from_secs(seconds[run - 1])).await;
        format!("run {run}")
    };
    let memory = MemoryStore::new();
    [usize::MAX, 0].map(|failing| {
        let store = Faulty::over(memory.clone());
        store.fail_renewals(failing);
        let runs = runs.clone();
        axum::Router::new()
            .route("/slow", axum::routing::post(move || handler(runs)))
            .layer(IdempotencyLayer::new(store).lease(LEASE))
    })
}

#[tokio::test(start_paused = true)]
async fn who_has_lost_the_reservation_gives_the_answer_of_the_other() {
    let runs = Runs::default();
    let [one, other] = cut_off(&runs, [60, 1]);
    let first = in_background(&one).await;
    tokio::time::sleep(LEASE).await;
    let second = post_to(&other, "/slow", "a").await;
    assert_eq!(
        (second.is_replayed(), &second.body[..]),
        (false, &b"run 2"[..])
    );
    let first = first.await.expect("no panic");
    assert_eq!(
        (first.is_replayed(), &first.body[..]),
        (true, &b"run 2"[..])
    );
    assert_eq!(post_to(&one, "/slow", "a").await.body, "run 2");
}

#[tokio::test(start_paused = true)]
async fn who_has_lost_the_reservation_says_nothing_before_the_other_does() {
    let runs = Runs::default();
    let [one, other] = cut_off(&runs, [10, 60]);
    let first = in_background(&one).await;
    tokio::time::sleep(LEASE).await;
    let second = in_background(&other).await;
    let first = first.await.expect("no panic");
    first.expect_problem(409, "idempotency_reservation_lost");
    assert_eq!(first.headers["retry-after"], "1");
    assert_eq!(second.await.expect("no panic").body, "run 2");
    assert_eq!(post_to(&one, "/slow", "a").await.body, "run 2");
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_stopped_when_its_reservation_is_lost() {
    let runs = Runs::default();
    let store = Faulty::default();
    let app = app(&runs, IdempotencyLayer::new(store.clone()).lease(LEASE));
    store.fail_renewals(usize::MAX);
    let first = in_background(&app).await;
    tokio::time::sleep(LEASE).await;
    let second = in_background(&app).await;
    store.fail_renewals(0);
    let asked = tokio::time::Instant::now();
    let first = first.await.expect("no panic");
    first.expect_problem(409, "idempotency_reservation_lost");
    assert!(asked.elapsed() < LEASE, "by the paused clock");
    assert_eq!(second.await.expect("no panic").body, "run 2");
}

#[tokio::test(start_paused = true)]
async fn a_reservation_that_ran_out_is_made_anew_where_nobody_has_taken_over() {
    let runs = Runs::default();
    let store = Faulty::default();
    let app = app(&runs, IdempotencyLayer::new(store.clone()).lease(LEASE));
    store.fail_renewals(usize::MAX);
    let first = in_background(&app).await;
    tokio::time::sleep(LEASE * 2).await;
    // Others make the store clear away what is over.
    for key in 0..200 {
        post_to(&app, "/status/200", &key.to_string()).await;
    }
    store.fail_renewals(0);
    tokio::time::sleep(LEASE).await;
    let copy = post_to(&app, "/slow", "a").await;
    copy.expect_problem(409, "idempotency_in_flight");
    assert_eq!(first.await.expect("no panic").body, "run 1");
    assert!(post_to(&app, "/slow", "a").await.is_replayed());
    assert_eq!(runs.count(), 201);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_kept_where_nobody_has_taken_over() {
    let runs = Runs::default();
    let store = Faulty::default();
    let app = app(&runs, IdempotencyLayer::new(store.clone()).lease(LEASE));
    store.fail_renewals(usize::MAX);
    let first = in_background(&app).await;
    tokio::time::sleep(LEASE * 2).await;
    // Others make the store clear away what is over.
    for key in 0..200 {
        post_to(&app, "/status/200", &key.to_string()).await;
    }
    let first = first.await.expect("no panic");
    assert_eq!(
        (first.status, &first.body[..]),
        (StatusCode::CREATED, &b"run 1"[..])
    );
    let copy = post_to(&app, "/slow", "a").await;
    assert_eq!((copy.is_replayed(), &copy.body[..]), (true, &b"run 1"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_instance_died_can_be_repeated_after_the_lease() {
    let (runs, store) = (Runs::default(), MemoryStore::new());
    let layer = || IdempotencyLayer::new(store.clone()).lease(LEASE);
    let dead = app(&runs, layer());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let task = runtime.spawn(async move { post_to(&dead, "/slow", "a").await });
        runtime.block_on(async { tokio::task::yield_now().await });
        drop(runtime);
        drop(task);
    });
    thread.join().expect("no panic");
    assert_eq!(runs.count(), 1);
    let alive = app(&runs, layer().wait(LEASE * 2));
    assert_eq!(post_to(&alive, "/slow", "a").await.body, "run 2");
}
