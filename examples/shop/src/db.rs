//! The database: SQLite in a file, or PostgreSQL, with the same statements on both.
//!
//! Repositories write each statement once and run it with [`with_db!`]. `$1` placeholders are
//! understood by both databases, and so is `INSERT … ON CONFLICT … RETURNING`.

use std::str::FromStr;
use std::time::Duration;

use api_patterns::sql::SqlDatabase as _;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, Sqlite, SqlitePool};

use crate::config::DatabaseUrl;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Longest wait for a free connection before a request is answered with 503.
const ACQUIRE: Duration = Duration::from_secs(5);
/// Longest wait for another writer of the same SQLite file. It covers the seeding of a new
/// database by an instance that started a moment earlier.
const BUSY: Duration = Duration::from_secs(15);

/// A pool of connections to the configured database.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    /// One file, many readers, one writer at a time.
    Sqlite(SqlitePool),
    /// A server that instances share.
    Postgres(PgPool),
}

/// Runs one expression with whichever pool there is; it is compiled once for each database.
macro_rules! with_db {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Sqlite($pool) => $body,
            $crate::db::Db::Postgres($pool) => $body,
        }
    };
}
pub(crate) use with_db;

impl Db {
    /// Connects, and brings the schema up to date.
    ///
    /// # Errors
    /// The database cannot be reached, or its schema is not one that this program made.
    pub(crate) async fn connect(url: &DatabaseUrl) -> Result<Self, DbError> {
        if url.is_postgres() {
            let pool = connect_postgres(url).await.map_err(DbError::Connect)?;
            POSTGRES.run(&pool).await?;
            Ok(Self::Postgres(pool))
        } else {
            let pool = connect_sqlite(url).await.map_err(DbError::Connect)?;
            // sqlx takes no lock on SQLite, and two instances may start on one new file: inside one
            // immediate transaction the second waits, and then finds the schema complete.
            let mut tx = Sqlite::begin_write(&pool).await.map_err(DbError::Connect)?;
            SQLITE.run_direct(None, &mut *tx, false).await?;
            tx.commit().await.map_err(DbError::Connect)?;
            Ok(Self::Sqlite(pool))
        }
    }

    /// Asks the database for a sign of life.
    pub(crate) async fn ping(&self) -> sqlx::Result<()> {
        with_db!(self, pool => sqlx::query("SELECT 1").execute(pool).await.map(drop))
    }

    /// Closes every connection; SQLite folds its write-ahead log back into the file.
    pub(crate) async fn close(&self) {
        with_db!(self, pool => pool.close().await);
    }
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    #[error("DATABASE_URL names a database that cannot be opened")]
    Connect(#[source] sqlx::Error),
    #[error("the schema of the database at DATABASE_URL cannot be brought up to date")]
    Migrate(#[from] MigrateError),
}

async fn connect_sqlite(url: &DatabaseUrl) -> sqlx::Result<SqlitePool> {
    let options = SqliteConnectOptions::from_str(url.as_str())?
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Safe with WAL: a power cut may undo the last commits, it cannot damage the file.
        .synchronous(SqliteSynchronous::Normal);
    SqlitePoolOptions::new()
        .max_connections(8)
        .acquire_timeout(ACQUIRE)
        .connect_with(options)
        .await
}

async fn connect_postgres(url: &DatabaseUrl) -> sqlx::Result<PgPool> {
    let options = PgConnectOptions::from_str(url.as_str())?.application_name("shop");
    // A pool tries again and again and then reports a time-out; one connection tells the reason.
    options.connect().await?.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .acquire_timeout(ACQUIRE);
    Ok(pool.connect_lazy_with(options))
}
