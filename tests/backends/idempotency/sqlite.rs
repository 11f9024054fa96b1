//! One writer at a time, and reservations beside it.

use std::sync::Arc;
use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, SqlStore, Work};
use api_patterns::problem::Problem;
use http::StatusCode;
use sqlx::Sqlite;
use tokio::sync::{Mutex, Notify};

use super::fixture::{self, Runs, app, request, send, within};

/// The handler has the lock of writers for longer than its lease and than renewals wait for it.
#[tokio::test]
async fn a_lease_lasts_while_its_own_transaction_locks_sqlite() {
    let file = fixture::TemporaryFile::new();
    let options = fixture::sqlite_options(&file).busy_timeout(Duration::from_millis(50));
    let pool = sqlx::SqlitePool::connect_with(options)
        .await
        .expect("a file");
    let store = SqlStore::new(pool.clone());
    store.create_table().await.expect("a table");
    let lease = Duration::from_millis(300);
    let (runs, locked) = (Runs::default(), Arc::new(Notify::new()));
    let handler = {
        let (runs, locked) = (runs.clone(), Arc::clone(&locked));
        async move |work: Work<Sqlite>| {
            let mut tx = work.begin().await?;
            locked.notify_one();
            let create = sqlx::query("CREATE TABLE effects (note TEXT)");
            create.execute(&mut *tx).await.map_err(Problem::internal)?;
            tokio::time::sleep(lease * 5).await;
            Ok::<_, Problem>(runs.next().to_string())
        }
    };
    let app = app(IdempotencyLayer::new(store).lease(lease), handler);
    let first = tokio::spawn({
        let app = app.clone();
        async move { send(&app, request("a")).await }
    });
    locked.notified().await;
    let mut refused = 0;
    while !first.is_finished() {
        let (status, body) = send(&app, request("a")).await;
        // Also when the lease is over: whoever has the file locked may be at work on it.
        assert!(
            status == StatusCode::CONFLICT || body == "1",
            "{status} {body}"
        );
        refused += u32::from(status == StatusCode::CONFLICT);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let answer = first.await.expect("no panic");
    assert_eq!(answer, (StatusCode::OK, "1".into()));
    assert!(refused > 0);
    assert_eq!(send(&app, request("a")).await, answer);
    assert_eq!(runs.count(), 1);
}

/// Another request has the lock of writers for longer than the lease.
#[tokio::test]
async fn a_lease_outlasts_the_transaction_of_another_request_on_sqlite() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    let lease = Duration::from_millis(300);
    let (runs, pool) = (Runs::default(), database.pool.clone());
    let handler = {
        let runs = runs.clone();
        async move |_: Work<Sqlite>| {
            let mut locked = pool.begin_with("BEGIN IMMEDIATE").await.expect("the lock");
            tokio::time::sleep(lease * 3).await;
            sqlx::query("SELECT 1")
                .execute(&mut *locked)
                .await
                .expect("alive");
            drop(locked);
            tokio::time::sleep(lease).await;
            runs.next().to_string()
        }
    };
    let layer = IdempotencyLayer::new(database.store.clone()).lease(lease);
    let app = app(layer, handler);
    let first = send(&app, request("a")).await;
    assert_eq!(first, (StatusCode::OK, "1".into()));
    assert_eq!(send(&app, request("a")).await, first);
    assert_eq!(runs.count(), 1);
    database.clear().await;
}

/// The request's transaction has the only connection; renewals do not get one.
#[tokio::test]
async fn one_connection_is_enough_for_one_request_at_a_time() {
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect("sqlite::memory:").await.expect("it opens");
    let store = SqlStore::new(pool.clone());
    store.create_table().await.expect("a table");
    let lease = Duration::from_millis(90);
    let handler = async move |work: Work<Sqlite>| {
        let mut tx = work.begin().await?;
        let create = sqlx::query("CREATE TABLE effects (note TEXT)");
        create.execute(&mut *tx).await.map_err(Problem::internal)?;
        tokio::time::sleep(lease * 4).await;
        Ok::<_, Problem>("done")
    };
    let app = app(IdempotencyLayer::new(store).lease(lease), handler);
    for _ in 0..2 {
        let answer = within(send(&app, request("a"))).await;
        assert_eq!(answer, (StatusCode::OK, "done".into()));
    }
}

/// What a handler did elsewhere is not undone by what the store cannot do.
#[tokio::test]
async fn an_effect_outside_of_the_store_is_not_had_again_while_another_has_the_lock() {
    let file = fixture::TemporaryFile::new();
    let options = fixture::sqlite_options(&file).busy_timeout(Duration::from_millis(50));
    let pool = sqlx::SqlitePool::connect_with(options)
        .await
        .expect("a file");
    let store = SqlStore::new(pool.clone());
    store.create_table().await.expect("a table");
    let runs = Runs::default();
    let locked = Arc::new(Mutex::new(None));
    let handler = {
        let (runs, locked) = (runs.clone(), Arc::clone(&locked));
        async move |_: Work<Sqlite>| {
            let other = pool.begin_with("BEGIN IMMEDIATE").await.expect("the lock");
            locked.lock().await.replace(other);
            runs.next().to_string()
        }
    };
    let app = app(IdempotencyLayer::new(store), handler);
    let first = within(send(&app, request("a"))).await;
    assert_eq!(first, (StatusCode::OK, "1".into()), "it was done");
    let copy = within(send(&app, request("a"))).await;
    assert_eq!(copy.0, StatusCode::CONFLICT);
    drop(locked.lock().await.take());
    assert_eq!(runs.count(), 1);
}
