//! The same table in memory and in each database.

use api_patterns::pagination::{CursorPage, PageRequest};
use sqlx::{AssertSqlSafe, Executor as _, MySqlPool, PgPool, QueryBuilder, SqlitePool};
use tests::service_url;

use crate::row::Row;

pub(crate) enum Store {
    Memory(Vec<Row>),
    Sqlite(SqlitePool),
    Postgres(PgPool),
    MySql(MySqlPool),
}

const COLUMNS: &str = "id, at, score, name, flag, small, tag";

impl Store {
    pub(crate) async fn sqlite() -> Self {
        let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
        let pool = options
            .connect("sqlite::memory:")
            .await
            .expect("SQLite opens in memory");
        pool.execute(
            "CREATE TABLE walked (id INTEGER PRIMARY KEY, at TEXT NOT NULL, score REAL, name TEXT NOT NULL, \
             flag BOOLEAN NOT NULL, small INTEGER, tag TEXT); CREATE INDEX walked_at ON walked (at, id); \
             CREATE INDEX walked_score ON walked (score, id)",
        )
        .await
        .expect("the table is created");
        Self::Sqlite(pool)
    }

    /// A temporary table, so that tests do not meet: it lives as long as the one connection.
    pub(crate) async fn postgres() -> Option<Self> {
        let url = service_url("TEST_POSTGRES_URL")?;
        let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
        let pool = options.connect(&url).await.expect("PostgreSQL answers");
        pool.execute(
            "CREATE TEMPORARY TABLE walked (id BIGINT PRIMARY KEY, at TIMESTAMPTZ NOT NULL, score DOUBLE PRECISION, \
             name TEXT COLLATE \"C\" NOT NULL, flag BOOLEAN NOT NULL, small INTEGER, tag TEXT COLLATE \"C\"); \
             CREATE INDEX walked_at ON walked (at, id); CREATE INDEX walked_score ON walked (score, id)",
        )
        .await
        .expect("the table is created");
        Some(Self::Postgres(pool))
    }

    pub(crate) async fn mysql() -> Option<Self> {
        let url = service_url("TEST_MYSQL_URL")?;
        let options = sqlx::mysql::MySqlPoolOptions::new().max_connections(1);
        let pool = options.connect(&url).await.expect("MariaDB answers");
        // MariaDB reads a temporary table once a statement; an arm each needs a real one.
        let drop = "DROP TABLE IF EXISTS walked";
        pool.execute(drop).await.expect("an old table is dropped");
        pool.execute(
            "CREATE TABLE walked (id BIGINT PRIMARY KEY, at DATETIME(6) NOT NULL, score DOUBLE, \
             name VARCHAR(255) NOT NULL, flag BOOLEAN NOT NULL, small INTEGER, tag VARCHAR(255), \
             INDEX walked_at (at, id), INDEX walked_score (score, id)) \
             CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        )
        .await
        .expect("the table is created");
        Some(Self::MySql(pool))
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Memory(_) => "memory",
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
            Self::MySql(_) => "MariaDB",
        }
    }

    pub(crate) async fn clear(&mut self) {
        const CLEAR: &str = "DELETE FROM walked";
        match self {
            Self::Memory(rows) => rows.clear(),
            Self::Sqlite(pool) => drop(pool.execute(CLEAR).await.expect("cleared")),
            Self::Postgres(pool) => drop(pool.execute(CLEAR).await.expect("cleared")),
            Self::MySql(pool) => drop(pool.execute(CLEAR).await.expect("cleared")),
        }
    }

    pub(crate) async fn insert(&mut self, rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        macro_rules! insert {
            ($pool:expr) => {{
                let mut query = QueryBuilder::new(format!("INSERT INTO walked ({COLUMNS}) "));
                query.push_values(rows, |mut values, row| {
                    values
                        .push_bind(row.id)
                        .push_bind(row.at)
                        .push_bind(row.score)
                        .push_bind(row.name.clone())
                        .push_bind(row.flag)
                        .push_bind(row.small)
                        .push_bind(row.tag.clone());
                });
                query
                    .build()
                    .execute(&*$pool)
                    .await
                    .expect("rows are inserted");
            }};
        }
        match self {
            Self::Memory(table) => table.extend_from_slice(rows),
            Self::Sqlite(pool) => insert!(pool),
            Self::Postgres(pool) => insert!(pool),
            Self::MySql(pool) => insert!(pool),
        }
    }

    pub(crate) async fn delete(&mut self, id: i64) {
        let sql = || AssertSqlSafe(format!("DELETE FROM walked WHERE id = {id}"));
        match self {
            Self::Memory(rows) => rows.retain(|row| row.id != id),
            Self::Sqlite(pool) => drop(pool.execute(sql()).await.expect("deleted")),
            Self::Postgres(pool) => drop(pool.execute(sql()).await.expect("deleted")),
            Self::MySql(pool) => drop(pool.execute(sql()).await.expect("deleted")),
        }
    }

    pub(crate) async fn page(&self, page: PageRequest<Row>) -> CursorPage<Row> {
        // Columns of two tables, one of them under another name.
        const SELECT: &str = "SELECT w.id, w.at, w.score, other.name AS name, w.flag, w.small, other.tag \
             FROM walked w JOIN walked other ON other.id = w.id WHERE w.id <> ";
        macro_rules! fetch {
            ($pool:expr) => {
                // The bound value shows that each arm binds the application's values again.
                page.fetch($pool, |q| {
                    q.push(SELECT).push_bind(77_i64);
                })
                .await
            };
        }
        let page = match self {
            Self::Memory(rows) => page.select(rows.iter().filter(|row| row.id != 77).cloned()),
            Self::Sqlite(pool) => fetch!(pool),
            Self::Postgres(pool) => fetch!(pool),
            Self::MySql(pool) => fetch!(pool),
        };
        page.expect("a page is read")
    }
}
