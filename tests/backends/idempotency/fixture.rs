//! What the tests of stores need: databases with tables of their own, requests, a proxy's address.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use api_patterns::idempotency::{
    Fingerprint, IdempotencyLayer, Key, RecordDatabase, SqlStore, Work,
};
use api_patterns::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::post;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::pool::PoolOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection, MySql, Pool, Postgres, QueryBuilder, Sqlite};
use tests::service_url;
use tower::ServiceExt as _;

pub(super) type OptionsOf<DB> = <<DB as sqlx::Database>::Connection as Connection>::Options;

/// A database with a table of effects and one of records, both of its own.
pub(super) struct Database<DB: RecordDatabase> {
    pub(super) pool: Pool<DB>,
    pub(super) store: SqlStore<DB>,
    pub(super) effects: String,
    pub(super) records: String,
}

/// A file of SQLite, with those beside it.
pub(super) struct TemporaryFile(pub(super) PathBuf);

impl TemporaryFile {
    pub(super) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("{}.db", unique("records"))))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}

pub(super) fn unique(name: &str) -> String {
    format!("{name}_{}", uuid::Uuid::new_v4().simple())
}

pub(super) fn sqlite_options(file: &TemporaryFile) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&file.0)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
}

pub(super) async fn sqlite() -> Option<Database<Sqlite>> {
    let file = TemporaryFile::new();
    let options = sqlite_options(&file);
    Some(Database::new(options, Some(file), "").await)
}

pub(super) async fn postgres() -> Option<Database<Postgres>> {
    postgres_with("").await
}

pub(super) async fn postgres_repeatable_read() -> Option<Database<Postgres>> {
    postgres_with("SET default_transaction_isolation = 'repeatable read'").await
}

pub(super) async fn postgres_serializable() -> Option<Database<Postgres>> {
    postgres_with("SET default_transaction_isolation = 'serializable'").await
}

async fn postgres_with(settings: &'static str) -> Option<Database<Postgres>> {
    let url = service_url("TEST_POSTGRES_URL")?;
    let options: PgConnectOptions = url.parse().expect("an address");
    Some(Database::new(options, None, settings).await)
}

pub(super) async fn mysql() -> Option<Database<MySql>> {
    mysql_with("").await
}

/// MariaDB as it is by default from 11.6.2 on.
pub(super) async fn mysql_snapshot() -> Option<Database<MySql>> {
    mysql_with("/*M!101108 SET SESSION innodb_snapshot_isolation = ON */").await
}

pub(super) async fn mysql_serializable() -> Option<Database<MySql>> {
    mysql_with("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE").await
}

async fn mysql_with(settings: &'static str) -> Option<Database<MySql>> {
    let url = service_url("TEST_MYSQL_URL")?;
    let options: MySqlConnectOptions = url.parse().expect("an address");
    Some(Database::new(options, None, settings).await)
}

impl<DB: RecordDatabase> Database<DB> {
    /// With what each connection is told first.
    async fn new(
        options: OptionsOf<DB>,
        file: Option<TemporaryFile>,
        settings: &'static str,
    ) -> Self {
        let file = Arc::new(file);
        // The file is there as long as the pool is.
        let pool = PoolOptions::<DB>::new().after_connect(move |connection, _| {
            let file = Arc::clone(&file);
            Box::pin(async move {
                drop(file);
                match settings {
                    "" => Ok(()),
                    settings => DB::script(settings, connection).await,
                }
            })
        });
        let pool = pool.max_connections(4).connect_with(options).await;
        let pool = pool.expect("it answers");
        let records = unique("r");
        let effects = unique("e");
        let store = SqlStore::new(pool.clone()).table(&records);
        store.create_table().await.expect("the table is made");
        let database = Self {
            pool,
            store,
            effects,
            records,
        };
        let sql = format!("CREATE TABLE {} (note VARCHAR(100))", database.effects);
        database.run(sql).await;
        database
    }

    /// Another pool on the same database, as another instance has it.
    pub(super) async fn reconnect(&self) -> Pool<DB> {
        let options = (*self.pool.connect_options()).clone();
        let pool = PoolOptions::<DB>::new().max_connections(4);
        pool.connect_with(options).await.expect("it answers")
    }

    pub(super) async fn run(&self, sql: String) {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let done = DB::execute(QueryBuilder::new(sql), &mut connection).await;
        done.expect("the statement runs");
    }

    pub(super) async fn number(&self, sql: String) -> i64 {
        let mut connection = self.pool.acquire().await.expect("a connection");
        let number = DB::number(QueryBuilder::new(sql), &mut connection).await;
        number.expect("the statement runs")
    }

    pub(super) async fn effects(&self) -> i64 {
        self.number(format!("SELECT COUNT(*) FROM {}", self.effects))
            .await
    }

    pub(super) async fn records(&self) -> i64 {
        self.number(format!("SELECT COUNT(*) FROM {}", self.records))
            .await
    }

    pub(super) async fn clear(self) {
        self.run(format!("DROP TABLE {}", self.effects)).await;
        self.run(format!("DROP TABLE {}", self.records)).await;
        self.run(format!("DROP TABLE {}_leases", self.records))
            .await;
        self.pool.close().await;
    }

    /// The store alone; its tables stay where they are.
    pub(super) fn into_store(self) -> SqlStore<DB> {
        self.store
    }

    /// `POST /` with this handler behind a layer over the store.
    pub(super) fn app<H, T>(&self, handler: H) -> Router
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        app(IdempotencyLayer::new(self.store.clone()), handler)
    }
}

pub(super) fn app<S, H, T>(layer: IdempotencyLayer<S>, handler: H) -> Router
where
    S: api_patterns::idempotency::Store,
    H: Handler<T, ()>,
    T: 'static,
{
    Router::new().route("/", post(handler)).layer(layer)
}

/// One effect, in the transaction of the request.
pub(super) async fn effect<DB: RecordDatabase>(
    work: &Work<DB>,
    table: &str,
) -> Result<(), Problem> {
    let mut tx = work.begin().await?;
    let sql = format!("INSERT INTO {table} (note) VALUES ('done')");
    let done = DB::execute(QueryBuilder::new(sql), &mut tx).await;
    done.map(drop).map_err(Problem::internal)
}

/// A number that tells runs of a handler from one another.
#[derive(Clone, Default)]
pub(super) struct Runs(Arc<AtomicU32>);

impl Runs {
    pub(super) fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(super) fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(super) fn request(key: &str) -> Request<Body> {
    let request = Request::post("/").header("idempotency-key", key);
    request.body(Body::empty()).expect("a request")
}

pub(super) fn request_without_key() -> Request<Body> {
    Request::post("/").body(Body::empty()).expect("a request")
}

/// The status and body of the answer.
pub(super) async fn send(app: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = app.clone().oneshot(request).await;
    read(response.expect("routers do not fail")).await
}

pub(super) async fn read(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body");
    let body = String::from_utf8(body.to_bytes().to_vec()).expect("text");
    (status, body)
}

/// The answer to a request that is sent until no other copy is at work and the store can be asked.
pub(super) async fn send_until_answered(app: &Router, key: &str) -> (StatusCode, String) {
    within(async {
        loop {
            let (status, body) = send(app, request(key)).await;
            if !matches!(
                status,
                StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE
            ) {
                return (status, body);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

/// So that what never ends fails.
pub(super) async fn within<T>(future: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(Duration::from_secs(30), future).await;
    outcome.expect("it ends in time")
}

pub(super) fn a_key() -> Key {
    let mut bytes = [0; 32];
    fastrand::fill(&mut bytes);
    Key::from_bytes(bytes)
}

pub(super) fn print(byte: u8) -> Fingerprint {
    Fingerprint::from_bytes([byte; 32])
}
