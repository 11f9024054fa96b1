//! The statements of the catalogue.

use api_patterns::conditional::Preconditions;
use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::Problem;
use sqlx::QueryBuilder;

use super::model::{NewProduct, Product, ProductPatch};
use crate::db::{Db, with_db};
use crate::timestamp::Timestamp;
use crate::tx::{Tx, with_tx};

const BY_ID: &str = "SELECT * FROM products WHERE id = $1";

/// One page of the products that pass the filters.
pub(super) async fn page(
    db: &Db,
    page: PageRequest<Product>,
    filters: Filters<Product>,
) -> Result<CursorPage<Product>, Problem> {
    with_db!(db, pool => {
        page.fetch(pool, |query| {
            query.push("SELECT * FROM products");
            filters.push_where(query);
        })
        .await
    })
}

/// The product with this id.
pub(super) async fn find(db: &Db, id: i64) -> sqlx::Result<Option<Product>> {
    with_db!(db, pool => sqlx::query_as(BY_ID).bind(id).fetch_optional(pool).await)
}

/// The product with this id, as the transaction sees it.
pub(super) async fn find_in(tx: &mut Tx<'_>, id: i64) -> sqlx::Result<Option<Product>> {
    with_tx!(tx, connection => sqlx::query_as(BY_ID).bind(id).fetch_optional(connection).await)
}

/// The products with these ids, as the transaction sees them.
pub(super) async fn find_all(tx: &mut Tx<'_>, ids: &[i64]) -> sqlx::Result<Vec<Product>> {
    with_tx!(tx, connection => {
        let mut query = QueryBuilder::new("SELECT * FROM products WHERE id IN (");
        push_ids(&mut query, ids);
        query.push(")").build_query_as().fetch_all(connection).await
    })
}

/// Keeps everybody else from changing these products until the end of the transaction.
pub(super) async fn lock(tx: &mut Tx<'_>, ids: &[i64]) -> sqlx::Result<()> {
    const ROWS: &str = "SELECT id FROM products WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    if let Tx::Postgres(connection) = tx {
        sqlx::query(ROWS)
            .bind(ids)
            .execute(&mut ***connection)
            .await?;
    }
    Ok(())
}

/// Keeps everybody else who locks these SKUs waiting until the end of the transaction.
pub(super) async fn lock_skus(tx: &mut Tx<'_>, skus: &[&str]) -> sqlx::Result<()> {
    const SKUS: &str = "SELECT pg_advisory_xact_lock(key) FROM (\
                        SELECT DISTINCT hashtextextended(sku, 0) AS key \
                        FROM unnest($1::text[]) AS sku ORDER BY key) AS keys";
    if let Tx::Postgres(connection) = tx
        && !skus.is_empty()
    {
        sqlx::query(SKUS)
            .bind(skus)
            .execute(&mut ***connection)
            .await?;
    }
    Ok(())
}

/// Inserts products, all or none, and gives them back in their order.
pub(super) async fn insert(tx: &mut Tx<'_>, products: &[NewProduct]) -> sqlx::Result<Vec<Product>> {
    let now = Timestamp::now();
    let mut inserted: Vec<Product> = with_tx!(tx, connection => {
        let mut query = QueryBuilder::new(
            "INSERT INTO products (sku, name, description, price_cents, category_id, \
             rating, active, created_at, updated_at) ",
        );
        query.push_values(products, |mut row, product| {
            row.push_bind(&product.sku)
                .push_bind(&product.name)
                .push_bind(&product.description)
                .push_bind(product.price_cents)
                .push_bind(product.category_id())
                // Minus zero equals zero in SQL, and would still be shown as -0.0.
                .push_bind(product.rating.map(|rating| rating + 0.0))
                .push_bind(product.active())
                .push_bind(now)
                .push_bind(now);
        });
        query.push(" RETURNING *").build_query_as().fetch_all(connection).await?
    });
    // They are numbered in the order of the statement; in which order they come back is not said.
    inserted.sort_unstable_by_key(|product| product.id);
    Ok(inserted)
}

/// Writes what changes of a product, unless it is no longer in the state that the changes were made
/// for.
pub(super) async fn update(
    tx: &mut Tx<'_>,
    product: &Product,
    changes: &ProductPatch,
) -> sqlx::Result<Option<Product>> {
    with_tx!(tx, connection => {
        let mut query = QueryBuilder::new("UPDATE products SET version = version + 1, updated_at = ");
        query.push_bind(Timestamp::now()).push(", ");
        changes.push_set(&mut query);
        query.push(" WHERE id = ").push_bind(product.id);
        query.push(" AND version = ").push_bind(product.version).push(" RETURNING *");
        query.build_query_as().fetch_optional(connection).await
    })
}

/// Deletes a product, if it is there and as the client wants it; false where it is not.
pub(super) async fn delete(db: &Db, id: i64, when: &Preconditions) -> sqlx::Result<bool> {
    with_db!(db, pool => {
        let mut query = QueryBuilder::new("DELETE FROM products WHERE id = ");
        query.push_bind(id);
        when.push_where(&mut query, "version");
        Ok(query.build().execute(pool).await?.rows_affected() > 0)
    })
}

/// Deletes products, and tells the ids of those that were there.
pub(super) async fn delete_all(tx: &mut Tx<'_>, ids: &[i64]) -> sqlx::Result<Vec<i64>> {
    with_tx!(tx, connection => {
        let mut query = QueryBuilder::new("DELETE FROM products WHERE id IN (");
        push_ids(&mut query, ids);
        query.push(") RETURNING id").build_query_scalar().fetch_all(connection).await
    })
}

fn push_ids<'a, DB>(query: &mut QueryBuilder<DB>, ids: &'a [i64])
where
    DB: sqlx::Database,
    i64: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
}
