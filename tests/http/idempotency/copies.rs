//! Many copies at once.

use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, MemoryStore};
use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::post;
use http::StatusCode;

use super::{Reply, Runs, app, layer, place, post_to};

const WAIT: Duration = Duration::from_secs(600);

async fn storm(app: &Router, path: &'static str, copies: usize) -> Vec<Reply> {
    let send = |_| {
        let app = app.clone();
        tokio::spawn(async move { post_to(&app, path, "a").await })
    };
    let tasks: Vec<_> = (0..copies).map(send).collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.expect("no panic"));
    }
    replies
}

#[tokio::test(start_paused = true)]
async fn of_200_copies_that_wait_one_runs_and_all_get_its_answer() {
    let runs = Runs::default();
    let app = app(&runs, layer().wait(WAIT));
    let asked = tokio::time::Instant::now();
    let replies = storm(&app, "/slow", 200).await;
    let late = asked.elapsed().saturating_sub(Duration::from_secs(60));
    assert!(
        late < Duration::from_millis(10),
        "{late:?} by the paused clock"
    );
    assert_eq!(runs.count(), 1);
    assert_eq!(
        replies.iter().filter(|reply| !reply.is_replayed()).count(),
        1
    );
    for reply in &replies {
        assert_eq!(
            (reply.status, &reply.body[..]),
            (StatusCode::CREATED, &b"run 1"[..])
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_copies_on_several_threads_one_runs() {
    for _ in 0..5 {
        let runs = Runs::default();
        let app = app(&runs, layer().wait(WAIT));
        let replies = storm(&app, "/orders", 200).await;
        assert_eq!(runs.count(), 1);
        for reply in &replies {
            assert_eq!(reply.body, replies[0].body, "{reply:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_200_copies_that_do_not_wait_one_runs_and_the_others_are_told_when_to_come_back() {
    let runs = Runs::default();
    let app = app(&runs, layer().retry_after(Duration::from_millis(2500)));
    let replies = storm(&app, "/slow", 200).await;
    assert_eq!(runs.count(), 1);
    let (done, refused): (Vec<_>, Vec<_>) = replies
        .iter()
        .partition(|reply| reply.status == StatusCode::CREATED);
    assert_eq!((done.len(), refused.len()), (1, 199));
    for reply in refused {
        reply.expect_problem(409, "idempotency_in_flight");
        assert_eq!(reply.headers["retry-after"], "3");
    }
    assert_eq!(post_to(&app, "/slow", "a").await.body, "run 1");
}

#[tokio::test(start_paused = true)]
async fn patience_has_an_end() {
    let runs = Runs::default();
    let app = app(&runs, layer().wait(Duration::from_secs(5)));
    let first = {
        let app = app.clone();
        tokio::spawn(async move { post_to(&app, "/slow", "a").await })
    };
    tokio::task::yield_now().await;
    let asked = tokio::time::Instant::now();
    let refused = post_to(&app, "/slow", "a").await;
    refused.expect_problem(409, "idempotency_in_flight");
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(asked.elapsed().as_secs(), 5, "by the paused clock");
    assert_eq!(first.await.expect("no panic").body, "run 1");
    assert_eq!(runs.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_request_under_the_key_does_not_wait() {
    let runs = Runs::default();
    let app = app(&runs, layer().wait(WAIT));
    let first = {
        let app = app.clone();
        tokio::spawn(async move { post_to(&app, "/slow", "a").await })
    };
    tokio::task::yield_now().await;
    let asked = tokio::time::Instant::now();
    let other = post_to(&app, "/slow?other", "a").await;
    other.expect_problem(422, "idempotency_key_reused");
    assert!(asked.elapsed().is_zero(), "by the paused clock");
    first.await.expect("no panic");
}

/// Fails twice before it succeeds; each time a minute.
fn third_time(runs: &Runs) -> Router {
    let runs = runs.clone();
    let handler = async move || {
        let run = runs.begin();
        tokio::time::sleep(Duration::from_secs(60)).await;
        let status = match run {
            1 | 2 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::OK,
        };
        (status, format!("run {run}")).into_response()
    };
    Router::new()
        .route("/", post(handler))
        .layer(IdempotencyLayer::new(MemoryStore::new()).wait(WAIT))
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_next_of_those_who_wait_runs() {
    let runs = Runs::default();
    let replies = storm(&third_time(&runs), "/", 50).await;
    assert_eq!(runs.count(), 3);
    let failed = replies
        .iter()
        .filter(|reply| reply.status.is_server_error());
    assert_eq!(failed.count(), 2);
    let done = replies.iter().filter(|reply| reply.body == "run 3");
    assert_eq!(done.count(), 48);
}

#[tokio::test]
async fn a_copy_after_the_answer_does_not_wait() {
    let runs = Runs::default();
    let app = app(&runs, layer().wait(WAIT));
    place(&app, "a", "{}").await;
    assert!(place(&app, "a", "{}").await.is_replayed());
}
