//! Records in a database.

use std::time::Duration;

use api_patterns::idempotency::{
    Answer, Claim, Effects, Fence, RecordDatabase, Reservation, SqlStore, Store,
};
use api_patterns::storage::StoreErrorKind;
use axum::body::Bytes;
use http::{Extensions, HeaderMap, StatusCode};

use super::fixture::{self, Database, a_key, print, within};

const LEASE: Duration = Duration::from_secs(60);

/// Makes a test of each function on each database.
macro_rules! on_each_database {
    ($($test:ident),* $(,)?) => {
        on_each_database! { sqlite: $($test),* }
        on_each_database! { postgres: $($test),* }
        on_each_database! { mysql: $($test),* }
    };
    // Where a transaction sees the database as it was at its beginning.
    (snapshots: $($test:ident),* $(,)?) => {
        on_each_database! { postgres_repeatable_read: $($test),* }
        on_each_database! { postgres_serializable: $($test),* }
        on_each_database! { mysql_snapshot: $($test),* }
        on_each_database! { mysql_serializable: $($test),* }
    };
    ($database:ident: $($test:ident),* $(,)?) => {
        mod $database {
            $(
                #[tokio::test]
                async fn $test() {
                    let made = crate::idempotency::fixture::$database().await;
                    let Some(database) = made else { return };
                    crate::idempotency::fixture::within(super::$test(&database)).await;
                    database.clear().await;
                }
            )*
        }
    };
}
pub(super) use on_each_database;

on_each_database! {
    expired_records_are_swept_the_oldest_first,
    a_fence_grows_after_its_record_was_released_or_has_expired,
    reservations_sweep_by_themselves,
    a_record_is_not_swept_before_its_lease,
    a_corrupt_answer_is_an_error,
    the_table_is_made_by_several_at_once,
    a_reservation_is_that_of_one_of_many_instances,
    nothing_is_kept_where_the_table_is_missing,
}

async fn reserve<DB: RecordDatabase>(store: &SqlStore<DB>, claimed: u8) -> Claim {
    let key = a_key();
    match store.reserve(&key, &print(claimed), LEASE).await {
        Ok(Reservation::Reserved(fence)) => Claim { key, fence },
        other => panic!("not reserved: {other:?}"),
    }
}

async fn end_at<DB: RecordDatabase>(database: &Database<DB>, fence: Fence, millis: i64) {
    let records = &database.records;
    let Fence(fence) = fence;
    let sql = format!("UPDATE {records} SET expires_at = {millis} WHERE fence = {fence}");
    database.run(sql).await;
}

pub(super) fn answer() -> Answer {
    Answer {
        status: StatusCode::CREATED,
        headers: HeaderMap::new(),
        body: Some(Bytes::from_static(b"done")),
    }
}

async fn expired_records_are_swept_the_oldest_first<DB: RecordDatabase>(database: &Database<DB>) {
    let store = &database.store;
    let mut claims = Vec::new();
    for _ in 0..4 {
        claims.push(reserve(store, 1).await);
    }
    assert_eq!(store.sweep(100).await.unwrap(), 0, "they are alive");
    end_at(database, claims[0].fence, 3).await;
    end_at(database, claims[1].fence, 1).await;
    end_at(database, claims[2].fence, 2).await;

    assert_eq!(store.sweep(2).await.unwrap(), 2);
    assert!(
        store.renew(&claims[0], LEASE).await.unwrap(),
        "the youngest of them stays"
    );
    assert!(!store.renew(&claims[1], LEASE).await.unwrap());
    assert!(!store.renew(&claims[2], LEASE).await.unwrap());
    assert!(store.renew(&claims[3], LEASE).await.unwrap());
    assert_eq!(store.sweep(100).await.unwrap(), 0);
    assert_eq!(database.records().await, 2);
}

async fn a_fence_grows_after_its_record_was_released_or_has_expired<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let store = &database.store;
    let mut claim = reserve(store, 1).await;
    for round in 0..6 {
        let work = store.begin(&mut Extensions::new());
        match round % 3 {
            0 => store.release(&claim, work).await.unwrap(),
            1 => end_at(database, claim.fence, 1).await,
            _ => {
                end_at(database, claim.fence, 1).await;
                assert_eq!(store.sweep(10).await.unwrap(), 1);
            }
        }
        let found = store.reserve(&claim.key, &print(2), LEASE).await.unwrap();
        let Reservation::Reserved(fence) = found else {
            panic!("round {round}: {found:?}");
        };
        assert!(
            fence > claim.fence,
            "round {round}: {fence:?} after {claim:?}"
        );
        claim.fence = fence;
    }
}

async fn reservations_sweep_by_themselves<DB: RecordDatabase>(database: &Database<DB>) {
    let store = &database.store;
    for _ in 0..10 {
        let old = reserve(store, 1).await;
        end_at(database, old.fence, 1).await;
    }
    for _ in 0..100 {
        reserve(store, 1).await;
    }
    while database.records().await > 100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Of a handler that takes longer than a record is remembered.
async fn a_record_is_not_swept_before_its_lease<DB: RecordDatabase>(database: &Database<DB>) {
    let store = &database.store;
    let claim = reserve(store, 1).await;
    assert!(store.renew(&claim, LEASE).await.unwrap());
    end_at(database, claim.fence, 1).await;
    assert_eq!(store.sweep(10).await.unwrap(), 0);
    let found = store.reserve(&claim.key, &print(1), LEASE).await;
    assert!(matches!(found, Ok(Reservation::InFlight(_))), "{found:?}");

    let leases = format!("{}_leases", database.records);
    let ended = format!("UPDATE {leases} SET expires_at = 1");
    database.run(ended).await;
    assert_eq!(store.sweep(10).await.unwrap(), 1);
    let left = format!("SELECT COUNT(*) FROM {leases}");
    assert_eq!(database.number(left).await, 0);
}

async fn a_corrupt_answer_is_an_error<DB: RecordDatabase>(database: &Database<DB>) {
    let store = &database.store;
    let claim = reserve(store, 1).await;
    let work = store.begin(&mut Extensions::new());
    let done = store
        .complete(&claim, work, Effects::Keep, &answer(), LEASE)
        .await;
    assert!(done.unwrap());
    // Bytes in PostgreSQL, and in SQLite whatever is put there.
    let sql = format!("UPDATE {} SET answer = 'garbled'", database.records);
    database.run(sql).await;
    let found = store.reserve(&claim.key, &print(1), LEASE).await;
    assert_eq!(found.unwrap_err().kind(), StoreErrorKind::Corrupt);
    let other = store.reserve(&claim.key, &print(2), LEASE).await;
    assert!(matches!(other, Ok(Reservation::Mismatch)), "{other:?}");
}

async fn the_table_is_made_by_several_at_once<DB: RecordDatabase>(database: &Database<DB>) {
    let name = fixture::unique("t");
    let store = SqlStore::new(database.pool.clone()).table(&name);
    let created = (0..4).map(|_| store.create_table());
    for created in futures_util::future::join_all(created).await {
        created.unwrap();
    }
    reserve(&store, 1).await;
    assert!(store.schema().contains(&name));
    for table in [name.clone(), format!("{name}_leases")] {
        database.run(format!("DROP TABLE {table}")).await;
    }
}

async fn a_reservation_is_that_of_one_of_many_instances<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let mut stores = vec![database.store.clone()];
    for _ in 0..2 {
        let pool = database.reconnect().await;
        stores.push(SqlStore::new(pool).table(&database.records));
    }
    for _ in 0..20 {
        let key = a_key();
        let calls = (0..12).map(|nth| {
            let store = stores[nth % stores.len()].clone();
            tokio::spawn(async move { store.reserve(&key, &print(1), LEASE).await })
        });
        let mut fences = Vec::new();
        for found in futures_util::future::join_all(calls).await {
            match found.unwrap().unwrap() {
                Reservation::Reserved(fence) => fences.push(fence),
                Reservation::InFlight(left) => assert!(left <= LEASE, "{left:?}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(fences.len(), 1, "{fences:?}");
    }
}

async fn nothing_is_kept_where_the_table_is_missing<DB: RecordDatabase>(database: &Database<DB>) {
    let store = SqlStore::new(database.pool.clone()).table("no_such_table");
    let found = store.reserve(&a_key(), &print(1), LEASE).await;
    assert_eq!(found.unwrap_err().kind(), StoreErrorKind::Failed);
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_unavailable() {
    let Some(database) = fixture::postgres().await else {
        return;
    };
    let proxy = super::proxy::Proxy::start("127.0.0.1:1".into()).await;
    let address = proxy.stop().await.address();
    let options = (*database.pool.connect_options()).clone();
    let options = options.host("127.0.0.1").port(address.port());
    let pool = sqlx::PgPool::connect_lazy_with(options);
    let store = SqlStore::new(pool).time_out(Duration::from_millis(300));
    let found = within(store.reserve(&a_key(), &print(1), LEASE)).await;
    assert_eq!(found.unwrap_err().kind(), StoreErrorKind::Unavailable);
    database.clear().await;
}

#[tokio::test]
async fn names_of_tables_are_checked() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    for name in ["", "1st", "a.b", "a b", "a\"b", "größe", &"a".repeat(49)] {
        let store = database.store.clone();
        let named = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.table(name)));
        assert!(named.is_err(), "{name:?}");
    }
    let store = database.store.clone().table(&"A_9".repeat(16));
    store.create_table().await.unwrap();
}
