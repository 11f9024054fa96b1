//! A made-up catalogue for a new database: the same in every shop, with the ties and the missing
//! values that pagination has to survive.

mod catalogue;
mod events;
mod pictures;
mod rng;
mod words;

use api_patterns::sql::SqlDatabase;
use sqlx::{AssertSqlSafe, QueryBuilder};

use crate::db::{Db, with_db};

const PRODUCTS: i64 = 10_000;
const EVENTS: i64 = 50_000;

/// Rows of one `INSERT`. With ten columns it stays far below the 32,766 parameters of SQLite, and
/// more rows are no faster.
const CHUNK: usize = 250;

/// Inserts rows chunk by chunk. A function over both databases would need a page of trait bounds.
macro_rules! insert {
    ($tx:ident, $into:literal, $rows:expr, $row:ident => [$($value:expr),+ $(,)?]) => {
        for chunk in $rows.chunks(CHUNK) {
            let mut query = QueryBuilder::new($into);
            query.push_values(chunk, |mut values, $row| {
                $(values.push_bind($value);)+
            });
            query.build().execute(&mut *$tx).await?;
        }
    };
}

/// Fills a new database and says so; leaves any other alone.
///
/// One transaction holds everything, its marker too, so a process that dies half way leaves the
/// database new. Of two instances that start together one inserts the marker, the other waits for
/// the end of that transaction and finds the work done.
///
/// # Errors
/// The database failed; nothing has been written.
pub(crate) async fn fill(db: &Db) -> sqlx::Result<bool> {
    const MARK: &str = "INSERT INTO settings (name, value) VALUES ('catalogue', 'seeded') \
                        ON CONFLICT (name) DO NOTHING";
    const IN_USE: &str = "SELECT EXISTS (SELECT 1 FROM products) OR EXISTS (SELECT 1 FROM events)";
    with_db!(db, pool => {
        let mut tx = SqlDatabase::begin_write(pool).await?;
        if sqlx::query(MARK).execute(&mut *tx).await?.rows_affected() == 0
            || sqlx::query_scalar(IN_USE).fetch_one(&mut *tx).await?
        {
            return Ok(false);
        }
        let products = catalogue::products(PRODUCTS);
        insert!(tx, "INSERT INTO categories (id, name, description) ", catalogue::categories(),
            row => [row.id, row.shelf.name, row.shelf.description]);
        insert!(tx, "INSERT INTO products (id, sku, name, description, price_cents, category_id, \
            rating, active, created_at, updated_at) ", products,
            row => [row.id, &row.sku, &row.name, row.description.as_deref(), row.price_cents,
                row.category_id, row.rating, row.active, row.created_at, row.updated_at]);
        insert!(tx, "INSERT INTO reviews (id, product_id, author, rating, text, created_at) ",
            catalogue::reviews(&products),
            row => [row.id, row.product_id, row.author, row.rating, row.text, row.created_at]);
        insert!(tx, "INSERT INTO images (id, product_id, alt, media_type, width, height, content, \
            created_at) ", pictures::images(&products),
            row => [row.id, row.product_id, &row.alt, pictures::MEDIA_TYPE, pictures::SIDE,
                pictures::SIDE, row.content.as_slice(), row.created_at]);
        insert!(tx, "INSERT INTO events (id, kind, title, severity, occurred_at, created_at, \
            payload) ", events::events(EVENTS),
            row => [row.id, row.kind, &row.title, row.severity, row.occurred_at, row.created_at,
                row.payload.as_deref()]);
        for statement in continue_numbering(db) {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(true)
    })
}

/// The rows bring their ids along, because a sequence keeps counting through a rollback. SQLite
/// goes on from the greatest id by itself; PostgreSQL is told to.
fn continue_numbering(db: &Db) -> Vec<String> {
    let restart = |table| {
        let sequence = format!("pg_get_serial_sequence('{table}', 'id')");
        format!("SELECT setval({sequence}, (SELECT max(id) FROM {table}))")
    };
    match db {
        Db::Sqlite(_) => Vec::new(),
        Db::Postgres(_) => ["categories", "products", "reviews", "images", "events"]
            .map(restart)
            .into(),
    }
}
