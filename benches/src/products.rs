//! Products that are inserted many at a time: a table that is the same on each database, and the
//! ways by which teams fill it.

use std::path::PathBuf;

use api_patterns::problem::{FieldErrors, Problem, Validate};
use api_patterns::sql::SqlDatabase;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, FromRow, Pool, Postgres, QueryBuilder, Sqlite};

/// A product to be inserted.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NewProduct {
    /// Unique.
    pub sku: String,
    /// Any text.
    pub name: String,
    /// Not negative, as a CHECK of the table says.
    pub price_cents: i64,
}

// What the cases call bad is known by the database alone.
impl Validate for NewProduct {
    fn validate(&self, _: &mut FieldErrors) {}
}

/// A row.
#[derive(Clone, Debug, Deserialize, FromRow, PartialEq, Serialize)]
pub struct Product {
    /// Given by the database.
    pub id: i64,
    /// Unique.
    pub sku: String,
    /// Any text.
    pub name: String,
    /// Not negative.
    pub price_cents: i64,
}

/// The problem of an item that the database refuses.
pub fn problem(error: sqlx::Error) -> Problem {
    match error.as_database_error() {
        Some(refused) if refused.is_unique_violation() => {
            Problem::conflict("there is a product with this SKU")
        }
        Some(refused) if refused.is_check_violation() => {
            Problem::unprocessable("the price is negative")
        }
        _ => Problem::internal(error),
    }
}

/// How many of the SKUs are taken already.
pub const TAKEN: usize = 16;

/// A SKU that is taken.
pub fn taken(nth: usize) -> String {
    assert!(nth < TAKEN, "{nth}");
    format!("TAKEN-{nth:02}")
}

/// A database with its table and its statements.
pub trait Backend: SqlDatabase {
    /// In the name of a case.
    const CALLED: &'static str;
    /// Its statements for many items; the first is the fastest for a thousand.
    const MANY: &'static [Many];
    #[doc(hidden)]
    const TABLE: &'static str;

    /// One connection, and no question whether it still stands: what is measured is statements.
    fn connect(place: &Place) -> impl Future<Output = sqlx::Result<Pool<Self>>>;

    /// Inserts one.
    fn insert(
        connection: &mut Self::Connection,
        item: NewProduct,
    ) -> impl Future<Output = sqlx::Result<Product>> + Send;

    /// Inserts many by one statement.
    fn insert_many(
        how: Many,
        connection: &mut Self::Connection,
        items: &[NewProduct],
    ) -> impl Future<Output = sqlx::Result<Vec<Product>>> + Send;

    #[doc(hidden)]
    fn skus(pool: &Pool<Self>) -> impl Future<Output = sqlx::Result<Vec<String>>>;
}

/// Where the databases are.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file of SQLite; the one there is removed.
    pub file: PathBuf,
    /// The server of PostgreSQL.
    pub url: Option<String>,
}

/// A statement for many items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// `VALUES` with a parameter for each value of each item.
    Values,
    /// `UNNEST` of a parameter for each column.
    Unnest,
}

const INSERT_ONE: &str = "INSERT INTO bench_products (sku, name, price_cents) \
    VALUES ($1, $2, $3) RETURNING id, sku, name, price_cents";

const UNNEST: &str = "INSERT INTO bench_products (sku, name, price_cents) \
    SELECT * FROM UNNEST($1::text[], $2::text[], $3::bigint[]) \
    RETURNING id, sku, name, price_cents";

macro_rules! statements {
    () => {
        async fn insert(
            connection: &mut Self::Connection,
            item: NewProduct,
        ) -> sqlx::Result<Product> {
            let NewProduct {
                sku,
                name,
                price_cents,
            } = item;
            let query = sqlx::query_as(INSERT_ONE)
                .bind(sku)
                .bind(name)
                .bind(price_cents);
            query.fetch_one(connection).await
        }

        async fn skus(pool: &Pool<Self>) -> sqlx::Result<Vec<String>> {
            let query = sqlx::query_scalar("SELECT sku FROM bench_products ORDER BY id");
            query.fetch_all(pool).await
        }
    };
}

/// `INSERT … VALUES (…), (…) RETURNING …`.
macro_rules! values {
    ($items:expr, $connection:expr) => {{
        let mut query = QueryBuilder::new("INSERT INTO bench_products (sku, name, price_cents) ");
        query.push_values($items, |mut row, item| {
            row.push_bind(&item.sku)
                .push_bind(&item.name)
                .push_bind(item.price_cents);
        });
        query.push(" RETURNING id, sku, name, price_cents");
        query.build_query_as().fetch_all($connection).await
    }};
}

impl Backend for Sqlite {
    const CALLED: &'static str = "sqlite";
    const MANY: &'static [Many] = &[Many::Values];
    const TABLE: &'static str = "CREATE TABLE bench_products (id INTEGER PRIMARY KEY,
        sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
        price_cents BIGINT NOT NULL CHECK (price_cents >= 0))";

    async fn connect(place: &Place) -> sqlx::Result<Pool<Self>> {
        for end in ["", "-wal", "-shm"] {
            let mut file = place.file.clone().into_os_string();
            file.push(end);
            // Nothing there is as good as removed.
            let _ = std::fs::remove_file(file);
        }
        let options = SqliteConnectOptions::new()
            .filename(&place.file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false);
        pool.connect_with(options).await
    }

    async fn insert_many(
        how: Many,
        connection: &mut Self::Connection,
        items: &[NewProduct],
    ) -> sqlx::Result<Vec<Product>> {
        assert_eq!(how, Many::Values);
        values!(items, connection)
    }

    statements!();
}

impl Backend for Postgres {
    const CALLED: &'static str = "postgres";
    const MANY: &'static [Many] = &[Many::Unnest, Many::Values];
    const TABLE: &'static str = "DROP TABLE IF EXISTS bench_products;
        CREATE TABLE bench_products (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        sku TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
        price_cents BIGINT NOT NULL CHECK (price_cents >= 0)) WITH (autovacuum_enabled = off)";

    async fn connect(place: &Place) -> sqlx::Result<Pool<Self>> {
        let url = place.url.as_deref().expect("the place of a server");
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false);
        pool.connect(url).await
    }

    async fn insert_many(
        how: Many,
        connection: &mut Self::Connection,
        items: &[NewProduct],
    ) -> sqlx::Result<Vec<Product>> {
        if how == Many::Values {
            return values!(items, connection);
        }
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        columns.extend(
            items
                .iter()
                .map(|item| (item.sku.as_str(), item.name.as_str(), item.price_cents)),
        );
        let (skus, names, prices) = columns;
        let query = sqlx::query_as(UNNEST).bind(skus).bind(names).bind(prices);
        query.fetch_all(connection).await
    }

    statements!();
}

/// What is wrong with one item in a hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// Its SKU is taken.
    Taken,
    /// Its price is what a CHECK forbids.
    Negative,
}

impl Flaw {
    /// In the name of a case.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "good",
            Self::Taken => "1%_not_unique",
            Self::Negative => "1%_against_check",
        }
    }
}

/// Where bad items are among a thousand and among a hundred: drawn once, as clients do not spread
/// their mistakes evenly.
fn bad_places(size: usize) -> &'static [usize] {
    match size {
        100 => &[51],
        1_000 => &[20, 68, 92, 105, 158, 241, 310, 405, 490, 738],
        _ => unreachable!("no places are drawn for {size} items"),
    }
}

/// The items of a request, and the statuses of those that are refused.
#[derive(Debug)]
pub struct Batch {
    /// In the order of the request.
    pub items: Vec<NewProduct>,
    refused: Vec<(usize, u16)>,
}

impl Batch {
    /// 100 or 1,000 items.
    pub fn new(size: usize, flaw: Flaw) -> Self {
        let item = |nth| NewProduct {
            sku: format!("SKU-{nth:06}"),
            name: format!("Garden chair, foldable, model {nth}"),
            price_cents: 1_999 + nth as i64,
        };
        let mut batch = Self {
            items: (0..size).map(item).collect(),
            refused: Vec::new(),
        };
        for (nth, &place) in bad_places(size).iter().enumerate() {
            let item = &mut batch.items[place];
            let status = match flaw {
                Flaw::None => continue,
                Flaw::Taken => {
                    item.sku = taken(nth);
                    409
                }
                Flaw::Negative => {
                    item.price_cents = -1;
                    422
                }
            };
            batch.refused.push((place, status));
        }
        batch
    }

    /// The status of the item at a place, if it is refused.
    pub fn status(&self, place: usize) -> Option<u16> {
        let at = self
            .refused
            .binary_search_by_key(&place, |refused| refused.0);
        at.ok().map(|at| self.refused[at].1)
    }

    /// Without those that are refused.
    pub fn good(&self) -> Self {
        let items = self.items.iter().enumerate();
        let items = items.filter(|(place, _)| self.status(*place).is_none());
        Self {
            items: items.map(|(_, item)| item.clone()).collect(),
            refused: Vec::new(),
        }
    }

    /// Whether none is refused.
    pub fn is_good(&self) -> bool {
        self.refused.is_empty()
    }
}

/// The outcome of each item, in the order of the request.
pub type Outcomes = Vec<Result<Product, Problem>>;

/// A new table with the SKUs that are taken.
pub async fn create<DB: Backend>(place: &Place) -> sqlx::Result<Pool<DB>> {
    let pool = DB::connect(place).await?;
    let mut connection = pool.acquire().await?;
    DB::script(DB::TABLE, &mut connection).await?;
    for nth in 0..TAKEN {
        let item = NewProduct {
            sku: taken(nth),
            name: "an older product".to_owned(),
            price_cents: 1,
        };
        DB::insert(&mut connection, item).await?;
    }
    drop(connection);
    Ok(pool)
}

/// Removes what was inserted.
pub async fn restore<DB: Backend>(pool: &Pool<DB>) -> sqlx::Result<()> {
    const _: () = assert!(TAKEN == 16, "they have the first ids");
    let mut connection = pool.acquire().await?;
    DB::script("DELETE FROM bench_products WHERE id > 16", &mut connection).await
}

/// Drops the table.
pub async fn remove<DB: Backend>(pool: Pool<DB>) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    DB::script("DROP TABLE bench_products", &mut connection).await?;
    drop(connection);
    pool.close().await;
    Ok(())
}

/// Each by a statement that is committed at once.
pub async fn one_by_one<DB: Backend>(
    pool: &Pool<DB>,
    items: Vec<NewProduct>,
) -> sqlx::Result<Outcomes> {
    let mut outcomes = Vec::with_capacity(items.len());
    for item in items {
        let mut connection = pool.acquire().await?;
        outcomes.push(DB::insert(&mut connection, item).await.map_err(problem));
    }
    Ok(outcomes)
}

/// Each by a statement, all in one transaction, which the first failure ends.
pub async fn one_transaction<DB: Backend>(
    pool: &Pool<DB>,
    items: Vec<NewProduct>,
) -> sqlx::Result<Outcomes> {
    let mut outcomes = Vec::with_capacity(items.len());
    let mut tx = DB::begin_write(pool).await?;
    for item in items {
        outcomes.push(Ok(DB::insert(&mut tx, item).await?));
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// Each by a statement under a savepoint, by sqlx's nested transactions.
pub async fn savepoints<DB: Backend>(
    pool: &Pool<DB>,
    items: Vec<NewProduct>,
) -> sqlx::Result<Outcomes> {
    let mut outcomes = Vec::with_capacity(items.len());
    let mut tx = DB::begin_write(pool).await?;
    for item in items {
        let mut savepoint = tx.begin().await?;
        outcomes.push(match DB::insert(&mut savepoint, item).await {
            Ok(product) => {
                savepoint.commit().await?;
                Ok(product)
            }
            Err(error) => {
                savepoint.rollback().await?;
                Err(problem(error))
            }
        });
    }
    tx.commit().await?;
    Ok(outcomes)
}

/// All by one statement.
pub async fn bare<DB: Backend>(
    pool: &Pool<DB>,
    items: &[NewProduct],
    how: Many,
) -> sqlx::Result<Outcomes> {
    let mut connection = pool.acquire().await?;
    let products = DB::insert_many(how, &mut connection, items).await?;
    Ok(products.into_iter().map(Ok).collect())
}
