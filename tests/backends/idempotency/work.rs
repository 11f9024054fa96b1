//! Effect and record, together or neither.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, RecordDatabase, SqlStore, Work};
use api_patterns::problem::Problem;
use api_patterns::storage::StoreErrorKind;
use http::StatusCode;
use sqlx::{MySql, Postgres, QueryBuilder, Sqlite};
use tokio::sync::Notify;
use tower::ServiceExt as _;

use super::fixture::{
    self, Database, app, effect, request, request_without_key, send, send_until_answered, within,
};
use super::proxy::{Mode, Proxy};
use super::records::on_each_database;

on_each_database! {
    an_effect_comes_with_its_record,
    an_effect_without_a_key_is_committed,
    a_handler_that_begins_nothing_is_recorded,
    a_handler_that_fails_has_no_effect,
    a_refusal_is_kept_and_its_effect_is_not,
    a_handler_that_panics_has_no_effect,
    a_client_that_leaves_undoes_the_effect,
    an_instance_that_is_killed_leaves_no_effect,
    a_fence_that_is_lost_undoes_the_effect,
    the_transaction_goes_on_when_it_was_given_back,
    a_transaction_that_is_not_given_back_is_undone,
    a_begin_that_is_dropped_leaves_things_as_they_were,
    work_of_a_request_that_has_ended_is_refused,
}

/// A number that tells runs of a handler from one another.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicU32>);

impl Runs {
    fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

async fn an_effect_comes_with_its_record<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app({
        let runs = runs.clone();
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            Ok::<_, Problem>((StatusCode::CREATED, format!("run {}", runs.next())))
        }
    });
    let first = send(&app, request("a")).await;
    assert_eq!(first, (StatusCode::CREATED, "run 1".into()));
    assert_eq!(send(&app, request("a")).await, first);
    assert_eq!(database.effects().await, 1);
    let other = send(&app, request("b")).await;
    assert_eq!(other, (StatusCode::CREATED, "run 2".into()));
    assert_eq!(database.effects().await, 2);
    assert_eq!(database.records().await, 2);
}

async fn an_effect_without_a_key_is_committed<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        match runs.next() {
            2 => Err(Problem::bad_request("this one fails")),
            run => Ok(run.to_string()),
        }
    });
    assert_eq!(send(&app, request_without_key()).await.0, StatusCode::OK);
    assert_eq!(database.effects().await, 1);
    let refused = send(&app, request_without_key()).await.0;
    assert_eq!(refused, StatusCode::BAD_REQUEST);
    assert_eq!(database.effects().await, 1);
    assert_eq!(database.records().await, 0);
}

async fn a_handler_that_begins_nothing_is_recorded<DB: RecordDatabase>(database: &Database<DB>) {
    let runs = Runs::default();
    let app = database.app(async move |_: Work<DB>| runs.next().to_string());
    assert_eq!(send(&app, request("a")).await.1, "1");
    assert_eq!(send(&app, request("a")).await.1, "1");
}

async fn a_handler_that_fails_has_no_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        match runs.next() {
            1 => Err(Problem::internal("out of order")),
            run => Ok(run.to_string()),
        }
    });
    let failed = send(&app, request("a")).await.0;
    assert_eq!(failed, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(database.effects().await, 0);
    assert_eq!(send(&app, request("a")).await.1, "2", "the key is free");
    assert_eq!(send(&app, request("a")).await.1, "2");
    assert_eq!(database.effects().await, 1);
}

async fn a_refusal_is_kept_and_its_effect_is_not<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app({
        let runs = runs.clone();
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            runs.next();
            Err::<(), _>(Problem::unprocessable("there is no such product"))
        }
    });
    let first = send(&app, request("a")).await;
    assert_eq!(first.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(&app, request("a")).await, first);
    assert_eq!(runs.count(), 1);
    assert_eq!(database.effects().await, 0);
}

async fn a_handler_that_panics_has_no_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        let run = runs.next();
        assert!(run > 1, "the first run panics");
        Ok::<_, Problem>(run.to_string())
    });
    let panicked = tokio::spawn(app.clone().oneshot(request("a"))).await;
    assert!(panicked.is_err_and(|error| error.is_panic()));
    assert_eq!(database.effects().await, 0);
    let (status, body) = send_until_answered(&app, "a").await;
    assert_eq!((status, &*body), (StatusCode::OK, "2"));
    assert_eq!(database.effects().await, 1);
}

async fn a_client_that_leaves_undoes_the_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let effected = Arc::new(Notify::new());
    let layer = IdempotencyLayer::new(database.store.clone()).cancel_with_client();
    let app = app(layer, {
        let effected = Arc::clone(&effected);
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            let run = runs.next();
            if run == 1 {
                effected.notify_one();
                std::future::pending::<()>().await;
            }
            Ok::<_, Problem>(run.to_string())
        }
    });
    tokio::select! {
        answer = app.clone().oneshot(request("a")) => panic!("{answer:?}"),
        () = effected.notified() => {}
    }
    assert_eq!(send_until_answered(&app, "a").await.1, "2");
    assert_eq!(database.effects().await, 1);
}

/// With its runtime go its tasks and connections, in the middle of whatever they were doing.
async fn an_instance_that_is_killed_leaves_no_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let effected = Arc::new(Notify::new());
    let handler = {
        let (runs, effected) = (runs.clone(), Arc::clone(&effected));
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            let run = runs.next();
            if run == 1 {
                effected.notify_one();
                std::future::pending::<()>().await;
            }
            Ok::<_, Problem>(run.to_string())
        }
    };
    let lease = Duration::from_millis(300);
    let other = tokio::runtime::Runtime::new().expect("a runtime");
    let (options, records) = (database.pool.connect_options(), database.records.clone());
    other.spawn({
        let handler = handler.clone();
        async move {
            let pool = sqlx::Pool::<DB>::connect_lazy_with((*options).clone());
            let store = SqlStore::new(pool).table(&records);
            let app = app(IdempotencyLayer::new(store).lease(lease), handler);
            app.oneshot(request("a")).await
        }
    });
    effected.notified().await;
    other.shutdown_background();

    let store = database.store.clone();
    let app = app(IdempotencyLayer::new(store).lease(lease), handler);
    assert_eq!(send_until_answered(&app, "a").await.1, "2");
    assert_eq!(database.effects().await, 1);
    assert_eq!(runs.count(), 2);
}

async fn a_fence_that_is_lost_undoes_the_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let (pool, records) = (database.pool.clone(), database.records.clone());
    let app = database.app(async move |work: Work<DB>| {
        let run = runs.next();
        if run == 1 {
            // As if the lease had been over, somebody else had reserved the record and died.
            let mut connection = pool.acquire().await.map_err(Problem::internal)?;
            let sql = format!("UPDATE {records} SET fence = fence + 1, expires_at = 1");
            let stolen = DB::execute(QueryBuilder::new(sql), &mut connection).await;
            assert_eq!(stolen.map_err(Problem::internal)?, 1);
        }
        effect(&work, &table).await?;
        Ok::<_, Problem>(run.to_string())
    });
    let lost = send(&app, request("a")).await.0;
    assert!(
        matches!(lost, StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE),
        "{lost}"
    );
    assert_eq!(database.effects().await, 0);
    assert_eq!(send_until_answered(&app, "a").await.1, "2");
    assert_eq!(database.effects().await, 1);
}

async fn the_transaction_goes_on_when_it_was_given_back<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let table = database.effects.clone();
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        let mut tx = work.begin().await?;
        let again = work.clone().begin().await.expect_err("it is in use");
        assert_eq!(again.kind(), StoreErrorKind::Failed);
        // Nothing is committed, so only the same transaction sees it.
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let seen = DB::number(QueryBuilder::new(sql), &mut tx).await;
        drop(tx);
        effect(&work, &table).await?;
        Ok::<_, Problem>(seen.map_err(Problem::internal)?.to_string())
    });
    let answer = send(&app, request("a")).await;
    assert_eq!(answer, (StatusCode::OK, "1".into()));
    assert_eq!(database.effects().await, 2);
}

async fn a_transaction_that_is_not_given_back_is_undone<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let table = database.effects.clone();
    let finish = Arc::new(Notify::new());
    let app = database.app({
        let finish = Arc::clone(&finish);
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            let held = work.begin().await?;
            let finish = Arc::clone(&finish);
            tokio::spawn(async move {
                finish.notified().await;
                drop(held);
            });
            Ok::<_, Problem>("done")
        }
    });
    let (status, _) = send(&app, request("a")).await;
    assert!(status.is_server_error(), "{status}");
    finish.notify_one();
    // Once it is rolled back nobody is in the way.
    database
        .run(format!(
            "INSERT INTO {} (note) VALUES ('mine')",
            database.effects
        ))
        .await;
    assert_eq!(database.effects().await, 1);
}

async fn a_begin_that_is_dropped_leaves_things_as_they_were<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let table = database.effects.clone();
    let app = database.app(async move |work: Work<DB>| {
        {
            let mut begin = std::pin::pin!(work.begin());
            poll_fn(|cx| {
                drop(begin.as_mut().poll(cx));
                Poll::Ready(())
            })
            .await;
        }
        effect(&work, &table).await?;
        Ok::<_, Problem>("done")
    });
    assert_eq!(send(&app, request("a")).await.0, StatusCode::OK);
    assert_eq!(database.effects().await, 1);
}

async fn work_of_a_request_that_has_ended_is_refused<DB: RecordDatabase>(database: &Database<DB>) {
    let left = Arc::new(std::sync::Mutex::new(None));
    let app = database.app({
        let left = Arc::clone(&left);
        async move |work: Work<DB>| {
            left.lock().expect("no panic").replace(work);
        }
    });
    assert_eq!(send(&app, request("a")).await.0, StatusCode::OK);
    let work = left.lock().expect("no panic").take().expect("a handle");
    let refused = work.begin().await.expect_err("the request has ended");
    assert_eq!(refused.kind(), StoreErrorKind::Failed);
}

#[tokio::test]
async fn work_without_a_layer_is_a_500() {
    let handler = async |_: Work<Sqlite>| ();
    let app = axum::Router::new().route("/", axum::routing::post(handler));
    let (status, _) = send(&app, request("a")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
}

/// PostgreSQL would answer the commit of a transaction that is spoilt with a rollback.
#[tokio::test]
async fn a_failed_statement_that_was_ignored_is_no_success() {
    let Some(database) = fixture::postgres().await else {
        return;
    };
    let table = database.effects.clone();
    let app = database.app(async move |work: Work<Postgres>| {
        effect(&work, &table).await?;
        let mut tx = work.begin().await?;
        let failed = sqlx::query("SELECT 1 / 0").execute(&mut *tx).await;
        assert!(failed.is_err());
        Ok::<_, Problem>("done")
    });
    for request in [request("a"), request_without_key()] {
        let (status, _) = send(&app, request).await;
        assert!(status.is_server_error(), "{status}");
    }
    assert_eq!(database.effects().await, 0);
    database.clear().await;
}

/// As a deadlock does on MySQL, and a full disk on SQLite.
async fn ended_from_within<DB: RecordDatabase>(database: Database<DB>) {
    let table = database.effects.clone();
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        let mut tx = work.begin().await?;
        DB::script("ROLLBACK", &mut tx)
            .await
            .map_err(Problem::internal)?;
        Ok::<_, Problem>("done")
    });
    for request in [request("a"), request_without_key()] {
        let (status, _) = send(&app, request).await;
        assert!(status.is_server_error(), "{status}");
    }
    assert_eq!(database.effects().await, 0);
    let open = format!(
        "SELECT COUNT(*) FROM {} WHERE answer IS NOT NULL",
        database.records
    );
    assert_eq!(
        database.number(open).await,
        0,
        "no record without its effect"
    );
    database.clear().await;
}

#[tokio::test]
async fn a_transaction_that_sqlite_has_ended_is_no_success() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    ended_from_within(database).await;
}

#[tokio::test]
async fn a_transaction_that_mysql_has_ended_is_no_success() {
    if let Some(database) = fixture::mysql().await {
        ended_from_within(database).await;
    }
}

/// The connection breaks at the commit, before the database has heard of it or after.
async fn broken_commit<DB: RecordDatabase>(
    database: Database<DB>,
    proxied: impl FnOnce(&fixture::OptionsOf<DB>, u16) -> fixture::OptionsOf<DB>,
    proxy: Proxy,
    mode: Mode,
) {
    let options = proxied(&database.pool.connect_options(), proxy.address.port());
    let pool = sqlx::Pool::<DB>::connect_lazy_with(options);
    let (runs, table) = (Runs::default(), database.effects.clone());
    let handler = async move |work: Work<DB>| {
        effect(&work, &table).await?;
        Ok::<_, Problem>(runs.next().to_string())
    };
    let store = SqlStore::new(pool).table(&database.records);
    let app = app(IdempotencyLayer::new(store), handler);
    proxy.set(mode);
    let (status, _) = within(send(&app, request("a"))).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(proxy.mode(), Mode::Forward, "the commit was met");

    let (status, body) = send_until_answered(&app, "a").await;
    let run = if mode == Mode::CutAfter("COMMIT") {
        "1"
    } else {
        "2"
    };
    assert_eq!((status, &*body), (StatusCode::OK, run));
    assert_eq!(database.effects().await, 1);
    database.clear().await;
}

#[tokio::test]
async fn a_commit_without_an_answer_is_no_success_on_postgres() {
    for mode in [Mode::CutBefore("COMMIT"), Mode::CutAfter("COMMIT")] {
        let Some(database) = fixture::postgres().await else {
            return;
        };
        let options = database.pool.connect_options();
        let upstream = format!("{}:{}", options.get_host(), options.get_port());
        let proxy = Proxy::start(upstream).await;
        let proxied = |options: &sqlx::postgres::PgConnectOptions, port| {
            let plain = sqlx::postgres::PgSslMode::Disable;
            options.clone().host("127.0.0.1").port(port).ssl_mode(plain)
        };
        broken_commit::<Postgres>(database, proxied, proxy, mode).await;
    }
}

#[tokio::test]
async fn a_commit_without_an_answer_is_no_success_on_mysql() {
    for mode in [Mode::CutBefore("COMMIT"), Mode::CutAfter("COMMIT")] {
        let Some(database) = fixture::mysql().await else {
            return;
        };
        let options = database.pool.connect_options();
        let upstream = format!("{}:{}", options.get_host(), options.get_port());
        let proxy = Proxy::start(upstream).await;
        let proxied = |options: &sqlx::mysql::MySqlConnectOptions, port| {
            let plain = sqlx::mysql::MySqlSslMode::Disabled;
            options.clone().host("127.0.0.1").port(port).ssl_mode(plain)
        };
        broken_commit::<MySql>(database, proxied, proxy, mode).await;
    }
}

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
    let runs = Runs::default();
    let handler = {
        let runs = runs.clone();
        async move |work: Work<Sqlite>| {
            let mut tx = work.begin().await?;
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
