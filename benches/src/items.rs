//! A table of any number of rows on a real database, the same on each of them: with ties in every
//! column but `id`, and with more NULLs than values in `rating`.

use std::path::PathBuf;
use std::sync::Arc;

use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
use sqlx::postgres::PgPoolOptions;
use sqlx::query::QueryAs;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{
    AssertSqlSafe, Database, Encode, Executor, FromRow, IntoArguments, PgPool, Pool, SqlitePool,
    Type,
};

/// A row.
#[derive(Clone, Debug, FromRow, Keyset, PartialEq)]
#[keyset(unique = id, default = "-created_at", sortable(id, created_at, price_cents, rating, batch))]
pub struct Item {
    /// Tells rows apart.
    pub id: i64,
    /// Microseconds; two rows share each value.
    pub created_at: i64,
    /// One of 20,000 prices.
    pub price_cents: i64,
    /// One of 101 ratings in 45 of 100 rows, NULL in the others.
    pub rating: Option<f64>,
    /// A tenth of the rows shares each value.
    pub batch: i64,
    /// Text that no order uses.
    pub name: String,
}

/// A value that a statement written by hand binds.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
}

/// A statement written by hand.
#[derive(Clone, Debug)]
pub struct ByHand {
    sql: Arc<str>,
    bound: Vec<Bound>,
}

impl ByHand {
    /// All columns of the table, and the statement's end.
    pub fn new(end: impl std::fmt::Display, bound: Vec<Bound>) -> Self {
        Self {
            sql: format!("{SELECT} {end}").into(),
            bound,
        }
    }

    async fn rows<DB>(&self, pool: &Pool<DB>) -> Result<Vec<Item>, sqlx::Error>
    where
        DB: Database,
        DB::Arguments: IntoArguments<DB>,
        Item: for<'r> FromRow<'r, DB::Row>,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        f64: for<'q> Encode<'q, DB> + Type<DB>,
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    {
        let query = sqlx::query_as(AssertSqlSafe(Arc::clone(&self.sql)));
        let bind = |query: QueryAs<'static, DB, Item, DB::Arguments>, bound: &Bound| match *bound {
            Bound::Integer(integer) => query.bind(integer),
            Bound::Float(float) => query.bind(float),
        };
        self.bound.iter().fold(query, bind).fetch_all(pool).await
    }
}

/// The table. One connection, and no question to the server whether it still stands: what is
/// measured is the statement.
#[derive(Debug)]
pub enum Items {
    /// In a file.
    Sqlite(SqlitePool, PathBuf),
    /// On a server.
    Postgres(PgPool),
}

const SELECT: &str = "SELECT id, created_at, price_cents, rating, batch, name FROM bench_items";

const CREATE: &str = "CREATE TABLE bench_items (
    id BIGINT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    price_cents BIGINT NOT NULL,
    rating DOUBLE PRECISION,
    batch BIGINT NOT NULL,
    name TEXT NOT NULL
)";

const VALUES: &str = "i, 1700000000000000 + i * 7919 % ($1 / 2) * 1000003, i * 31 % 20000,
    CASE WHEN i % 20 < 11 THEN NULL ELSE (i * 13 % 101) / 10.0 END, i % 10, 'item number ' || i";

const INDEXES: [&str; 4] = [
    "CREATE INDEX bench_items_created_at ON bench_items (created_at, id)",
    "CREATE INDEX bench_items_price ON bench_items (price_cents DESC, id)",
    "CREATE INDEX bench_items_rating ON bench_items (rating, id)",
    "CREATE INDEX bench_items_batch ON bench_items (batch, id)",
];

// Statements by hand spell out where NULLs stand, which a plain index does not serve.
const POSTGRES_ONLY: [&str; 2] = [
    "CREATE INDEX bench_items_rating_nulls ON bench_items (rating DESC NULLS LAST, id DESC)",
    "VACUUM ANALYZE bench_items",
];

impl Items {
    /// A file in the directory for temporary files of the build.
    pub async fn sqlite(rows: i64, file: PathBuf) -> Result<Self, sqlx::Error> {
        remove(&file);
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .pragma("synchronous", "off");
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        let insert = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
            INSERT INTO bench_items SELECT {VALUES} FROM n"
        );
        sqlx::raw_sql(CREATE).execute(&pool).await?;
        sqlx::query(AssertSqlSafe(insert))
            .bind(rows)
            .execute(&pool)
            .await?;
        for statement in INDEXES {
            sqlx::raw_sql(statement).execute(&pool).await?;
        }
        Ok(Self::Sqlite(pool, file))
    }

    /// A table on the server at `url`.
    pub async fn postgres(rows: i64, url: &str) -> Result<Self, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .connect(url)
            .await?;
        let insert =
            format!("INSERT INTO bench_items SELECT {VALUES} FROM generate_series(1, $1) AS i");
        sqlx::raw_sql("DROP TABLE IF EXISTS bench_items")
            .execute(&pool)
            .await?;
        sqlx::raw_sql(CREATE).execute(&pool).await?;
        sqlx::query(AssertSqlSafe(insert))
            .bind(rows)
            .execute(&pool)
            .await?;
        for statement in INDEXES.into_iter().chain(POSTGRES_ONLY) {
            sqlx::raw_sql(statement).execute(&pool).await?;
        }
        Ok(Self::Postgres(pool))
    }

    /// The database's name in the name of a case.
    pub fn database(&self) -> &'static str {
        match self {
            Self::Sqlite(..) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The page of a request: ours.
    pub async fn page(&self, request: PageRequest<Item>) -> CursorPage<Item> {
        let page = match self {
            Self::Sqlite(pool, _) => {
                request
                    .fetch(pool, |query| {
                        query.push(SELECT);
                    })
                    .await
            }
            Self::Postgres(pool) => {
                request
                    .fetch(pool, |query| {
                        query.push(SELECT);
                    })
                    .await
            }
        };
        page.expect("the statement of a page runs")
    }

    /// The rows of a statement written by hand.
    pub async fn rows(&self, by_hand: &ByHand) -> Vec<Item> {
        let rows = match self {
            Self::Sqlite(pool, _) => by_hand.rows(pool).await,
            Self::Postgres(pool) => by_hand.rows(pool).await,
        };
        rows.expect("the statement runs")
    }

    /// Removes the table.
    pub async fn remove(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(pool, file) => {
                pool.close().await;
                remove(&file);
            }
            Self::Postgres(pool) => {
                sqlx::raw_sql("DROP TABLE bench_items")
                    .execute(&pool)
                    .await?;
                pool.close().await;
            }
        }
        Ok(())
    }
}

// Nothing there is as good as removed.
fn remove(file: &std::path::Path) {
    let _ = std::fs::remove_file(file);
}
