//! Handlers that take longer than their lease, at each isolation level.

use std::sync::Arc;
use std::time::Duration;

use api_patterns::idempotency::{
    Claim, Effects, IdempotencyLayer, RecordDatabase, Reservation, Store, Work,
};
use api_patterns::problem::Problem;
use http::{Extensions, StatusCode};
use sqlx::QueryBuilder;
use tokio::sync::Notify;

use super::fixture::{
    Database, Runs, a_key, app, effect, print, request, send, send_until_answered,
};
use super::records::{answer, on_each_database};

const LEASE: Duration = Duration::from_millis(300);

on_each_database! { sqlite:
    a_handler_may_take_longer_than_its_lease,
    slow_requests_do_not_disturb_one_another,
}

on_each_database! { postgres:
    a_handler_may_take_longer_than_its_lease,
    slow_requests_do_not_disturb_one_another,
    an_open_transaction_does_not_hold_its_record,
}

on_each_database! { mysql:
    a_handler_may_take_longer_than_its_lease,
    slow_requests_do_not_disturb_one_another,
    an_open_transaction_does_not_hold_its_record,
}

on_each_database! { snapshots:
    a_handler_may_take_longer_than_its_lease,
    slow_requests_do_not_disturb_one_another,
    an_open_transaction_does_not_hold_its_record,
}

/// Its transaction has begun, and sees the database as it was before several renewals.
async fn slow<DB: RecordDatabase>(
    work: Work<DB>,
    look: String,
    table: &str,
) -> Result<(), Problem> {
    let mut tx = work.begin().await?;
    let seen = DB::number(QueryBuilder::new(look), &mut tx).await;
    seen.map_err(Problem::internal)?;
    drop(tx);
    tokio::time::sleep(LEASE * 3).await;
    effect(&work, table).await
}

async fn a_handler_may_take_longer_than_its_lease<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let started = Arc::new(Notify::new());
    let layer = IdempotencyLayer::new(database.store.clone()).lease(LEASE);
    let app = app(layer, {
        let (runs, started) = (runs.clone(), Arc::clone(&started));
        async move |work: Work<DB>| {
            let run = runs.next();
            started.notify_one();
            let look = format!("SELECT COUNT(*) FROM {table}");
            slow(work, look, &table).await?;
            Ok::<_, Problem>(run.to_string())
        }
    });
    let first = tokio::spawn({
        let app = app.clone();
        async move { send(&app, request("a")).await }
    });
    started.notified().await;
    let mut refused = 0;
    while !first.is_finished() {
        let (status, body) = send(&app, request("a")).await;
        assert!(
            status == StatusCode::CONFLICT || body == "1",
            "{status} {body}"
        );
        refused += u32::from(status == StatusCode::CONFLICT);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let answer = first.await.expect("no panic");
    assert_eq!(send(&app, request("a")).await, answer);
    assert_eq!(answer, (StatusCode::OK, "1".into()));
    assert!(refused > 0);
    assert_eq!((runs.count(), database.effects().await), (1, 1));
}

/// They have nothing in common but the table that they write to.
async fn slow_requests_do_not_disturb_one_another<DB: RecordDatabase>(database: &Database<DB>) {
    let table = database.effects.clone();
    let layer = IdempotencyLayer::new(database.store.clone()).lease(LEASE);
    let app = app(layer, async move |work: Work<DB>| {
        slow(
            work,
            "SELECT COUNT(*) FROM (SELECT 1) AS one".into(),
            &table,
        )
        .await
    });
    let keys = ["a", "b", "c"].map(|key| send_until_answered(&app, key));
    for (status, body) in futures_util::future::join_all(keys).await {
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    assert_eq!(database.effects().await, 3);
}

/// As of an instance whose host is gone, and whose connection the database still takes for alive.
async fn an_open_transaction_does_not_hold_its_record<DB: RecordDatabase>(database: &Database<DB>) {
    let (store, key) = (&database.store, a_key());
    let mut extensions = Extensions::new();
    let old = reserved(store, key, LEASE).await;
    let work = store.begin(&mut extensions);
    let handle = extensions.remove::<Work<DB>>().expect("a handle");
    let done = effect(&handle, &database.effects).await;
    done.expect("the effect is possible");

    let new = loop {
        match store.reserve(&key, &print(1), LEASE * 100).await {
            Ok(Reservation::InFlight(_)) => tokio::time::sleep(LEASE / 10).await,
            Ok(Reservation::Reserved(fence)) => break Claim { key, fence },
            other => panic!("{other:?}"),
        }
    };
    let said = answer();
    let late = store.complete(&old, work, Effects::Keep, &said, LEASE);
    let late = late.await;
    assert!(
        late.as_ref()
            .map_or_else(|error| error.is_temporary(), |done| !done),
        "{late:?}"
    );
    assert_eq!(database.effects().await, 0);
    assert!(store.renew(&new, LEASE).await.expect("it answers"));
}

async fn reserved<S: Store>(
    store: &S,
    key: api_patterns::idempotency::Key,
    lease: Duration,
) -> Claim {
    match store.reserve(&key, &print(1), lease).await {
        Ok(Reservation::Reserved(fence)) => Claim { key, fence },
        other => panic!("not reserved: {other:?}"),
    }
}
