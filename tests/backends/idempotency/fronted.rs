//! Redis in front of a database.

use std::time::Duration;

use api_patterns::idempotency::{
    Claim, Effects, Fronted, IdempotencyLayer, MemoryStore, Reservation, Store, Work,
};
use api_patterns::problem::Problem;
use http::{Extensions, StatusCode};
use sqlx::Sqlite;

use super::conformance::{redis_at, redis_store};
use super::fixture::{self, a_key, app, effect, print, request, send, within};
use super::proxy::{Mode, Proxy};
use super::records::answer;

const LEASE: Duration = Duration::from_secs(60);

async fn reserved<S: Store>(store: &S, key: api_patterns::idempotency::Key) -> Claim {
    match store.reserve(&key, &print(1), LEASE).await {
        Ok(Reservation::Reserved(fence)) => Claim { key, fence },
        other => panic!("not reserved: {other:?}"),
    }
}

async fn done<S: Store>(store: &S, claim: &Claim) -> bool {
    let work = store.begin(&mut Extensions::new());
    let answer = answer();
    let done = store.complete(claim, work, Effects::Keep, &answer, LEASE);
    done.await.expect("it answers")
}

#[tokio::test]
async fn the_front_answers_replays_and_copies_without_the_database() {
    let Some(front) = redis_store().await else {
        return;
    };
    let database = fixture::sqlite().await.expect("SQLite is always there");
    let store = front.in_front_of(database.store.clone());
    let (kept, at_work) = (a_key(), a_key());
    let claim = reserved(&store, kept).await;
    assert!(done(&store, &claim).await);
    reserved(&store, at_work).await;
    database.clear().await;

    let found = store.reserve(&kept, &print(1), LEASE).await;
    assert!(matches!(found, Ok(Reservation::Done(_))), "{found:?}");
    let found = store.reserve(&kept, &print(2), LEASE).await;
    assert!(matches!(found, Ok(Reservation::Mismatch)), "{found:?}");
    let found = store.reserve(&at_work, &print(1), LEASE).await;
    assert!(matches!(found, Ok(Reservation::InFlight(_))), "{found:?}");
}

/// The instance was killed after the commit and before it told the front.
#[tokio::test]
async fn a_front_that_was_not_told_is_repaired_from_the_database() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    let front = MemoryStore::new();
    let store = Fronted::new(front.clone(), database.store.clone());
    let key = a_key();
    let lease = Duration::from_millis(100);
    let found = store.reserve(&key, &print(1), lease).await.unwrap();
    let Reservation::Reserved(fence) = found else {
        panic!("{found:?}");
    };
    assert!(done(&database.store, &Claim { key, fence }).await);
    let found = within(async {
        loop {
            match store.reserve(&key, &print(1), lease).await.unwrap() {
                Reservation::InFlight(_) => tokio::time::sleep(lease / 4).await,
                found => break found,
            }
        }
    });
    let Reservation::Done(found) = found.await else {
        panic!("it is done");
    };
    assert_eq!(found, answer());
    let found = front.reserve(&key, &print(1), lease).await.unwrap();
    assert!(
        matches!(found, Reservation::Done(_)),
        "the front knows: {found:?}"
    );
    database.clear().await;
}

#[tokio::test]
async fn what_the_front_has_lost_is_decided_behind() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    let store = |front| Fronted::new(front, database.store.clone());
    let key = a_key();
    let before = store(MemoryStore::new());
    let claim = reserved(&before, key).await;
    // The front was restarted, and all that it knew is gone.
    let after = store(MemoryStore::new());
    let found = after.reserve(&key, &print(1), LEASE).await.unwrap();
    assert!(matches!(found, Reservation::InFlight(_)), "{found:?}");
    let found = after.reserve(&key, &print(2), LEASE).await.unwrap();
    assert!(matches!(found, Reservation::Mismatch), "{found:?}");
    assert!(after.renew(&claim, LEASE).await.unwrap());
    assert!(done(&after, &claim).await);
    let found = after.reserve(&key, &print(1), LEASE).await.unwrap();
    assert!(matches!(found, Reservation::Done(_)), "{found:?}");
    database.clear().await;
}

#[tokio::test]
async fn a_claim_that_was_lost_behind_frees_the_front() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    let store = Fronted::new(MemoryStore::new(), database.store.clone());
    let claim = reserved(&store, a_key()).await;
    let sql = format!(
        "UPDATE {} SET fence = fence + 1, expires_at = 1",
        database.records
    );
    database.run(sql).await;
    assert!(!store.renew(&claim, LEASE).await.unwrap());
    assert!(!done(&store, &claim).await);
    let next = reserved(&store, claim.key).await;
    assert!(next.fence > claim.fence);
    database.clear().await;
}

#[tokio::test]
async fn a_front_that_is_away_or_slow_costs_no_request() {
    let Some(url) = tests::service_url("TEST_REDIS_URL") else {
        return;
    };
    let upstream = url.trim_start_matches("redis://").trim_end_matches('/');
    let proxy = Proxy::start(upstream.to_owned()).await;
    let front = redis_at(&format!("redis://{}/", proxy.address));
    let prefix = format!("{}:", fixture::unique("front"));
    let front = front.prefix(prefix).time_out(Duration::from_millis(200));
    let database = fixture::sqlite().await.expect("SQLite is always there");
    let store = front.in_front_of(database.store.clone());
    let (stop, table) = (tokio::sync::Notify::new(), database.effects.clone());
    let (stop, stopped) = (
        std::sync::Arc::new(stop),
        std::sync::Arc::new(tokio::sync::Notify::new()),
    );
    let handler = {
        let (stop, stopped) = (stop.clone(), stopped.clone());
        async move |work: Work<Sqlite>| {
            effect(&work, &table).await?;
            // What fails, fails in the middle of the request.
            stop.notify_one();
            stopped.notified().await;
            Ok::<_, Problem>("done")
        }
    };
    let app = app(IdempotencyLayer::new(store), handler);
    for (nth, mode) in [Mode::Forward, Mode::Stall].into_iter().enumerate() {
        let key = format!("key-{nth}");
        let answer = tokio::join!(within(send(&app, request(&key))), async {
            stop.notified().await;
            proxy.set(mode);
            stopped.notify_one();
        });
        assert_eq!(answer.0, (StatusCode::OK, "done".into()));
    }
    assert_eq!(database.effects().await, 2);
    let gone = proxy.stop().await;
    stopped.notify_one();
    let answer = within(send(&app, request("key-2"))).await;
    assert_eq!(answer.0, StatusCode::OK);
    // The front did not hear of the second; the third was done without it.
    assert_eq!(within(send(&app, request("key-2"))).await, answer);
    assert_eq!(database.effects().await, 3);
    drop(gone);
    database.clear().await;
}
