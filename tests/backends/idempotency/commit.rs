//! Transactions that do not end as their handler thought.

use api_patterns::idempotency::{IdempotencyLayer, RecordDatabase, SqlStore, Work};
use api_patterns::problem::Problem;
use axum::Router;
use http::StatusCode;
use sqlx::{MySql, Postgres};
use tower::ServiceExt as _;

use super::fixture::{
    self, Database, Runs, app, effect, read, request, request_without_key, send,
    send_until_answered, within,
};
use super::proxy::{Mode, Proxy};

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
    failed_for_good(&app).await;
    assert_eq!(database.effects().await, 0);
    database.clear().await;
}

/// With and without a key: nobody is told to try again what will fail again.
async fn failed_for_good(app: &Router) {
    for request in [request("a"), request("a"), request_without_key()] {
        let response = app.clone().oneshot(request).await;
        let response = response.expect("routers do not fail");
        assert!(!response.headers().contains_key("retry-after"));
        let (status, body) = read(response).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            !body.contains("transaction"),
            "the cause is for the log: {body}"
        );
    }
}

/// A constraint that is checked at the commit.
#[tokio::test]
async fn a_transaction_that_cannot_be_committed_is_a_500() {
    let Some(database) = fixture::postgres().await else {
        return;
    };
    let table = database.effects.clone();
    let deferred = format!(
        "ALTER TABLE {table} ADD CONSTRAINT {table}_once UNIQUE (note) DEFERRABLE INITIALLY DEFERRED"
    );
    database.run(deferred).await;
    let app = database.app(async move |work: Work<Postgres>| {
        effect(&work, &table).await?;
        effect(&work, &table).await
    });
    failed_for_good(&app).await;
    assert_eq!(database.effects().await, 0);
    database.clear().await;
}

/// Two that each have read what the other has written; the other was first.
#[tokio::test]
async fn a_transaction_that_gives_way_to_another_is_a_503() {
    let Some(database) = fixture::postgres_serializable().await else {
        return;
    };
    let (runs, table) = (Runs::default(), database.effects.clone());
    let pool = database.pool.clone();
    let app = database.app(async move |work: Work<Postgres>| {
        let sql = format!("INSERT INTO {table} (note) SELECT COUNT(*)::TEXT FROM {table}");
        let insert = || sqlx::query(sqlx::AssertSqlSafe(sql.clone()));
        let mut tx = work.begin().await?;
        let mine = insert().execute(&mut *tx).await;
        mine.map_err(Problem::internal)?;
        if runs.next() == 1 {
            let mut other = pool.acquire().await.map_err(Problem::internal)?;
            let first = insert().execute(&mut *other).await;
            first.map_err(Problem::internal)?;
        }
        Ok::<_, Problem>("done")
    });
    let response = app.clone().oneshot(request("a")).await;
    let response = response.expect("routers do not fail");
    assert_eq!(response.headers()["retry-after"], "1");
    let (status, body) = read(response).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("idempotency_unavailable"), "{body}");
    assert_eq!(database.effects().await, 1, "that of the other");
    assert_eq!(send(&app, request("a")).await.0, StatusCode::OK);
    assert_eq!(database.effects().await, 2);
    database.clear().await;
}

/// The table of records was never made.
#[tokio::test]
async fn a_store_that_cannot_work_is_a_500() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    let store = SqlStore::new(database.pool.clone()).table("no_such_table");
    let app = app(IdempotencyLayer::new(store), async || "done");
    let response = app.oneshot(request("a")).await;
    let response = response.expect("routers do not fail");
    assert!(!response.headers().contains_key("retry-after"));
    let (status, body) = read(response).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.contains("no_such_table"), "{body}");
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
    failed_for_good(&app).await;
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
