//! The statements of the catalogue.

use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::Problem;

use super::model::{NewProduct, Product};
use crate::db::{Db, begin, with_db};
use crate::timestamp::Timestamp;

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
    with_db!(db, pool => {
        sqlx::query_as("SELECT * FROM products WHERE id = $1").bind(id).fetch_optional(pool).await
    })
}

/// Inserts products in one transaction; `None` stands for one whose SKU is taken.
///
/// A conflict is an answer here and not an error, because an error would end the transaction on
/// PostgreSQL and take the other products with it.
pub(super) async fn insert(
    db: &Db,
    products: &[&NewProduct],
) -> sqlx::Result<Vec<Option<Product>>> {
    let now = Timestamp::now();
    with_db!(db, pool => {
        let mut tx = begin(pool).await?;
        // Two batches with the same SKUs wait for each other where each holds one that the other
        // wants; in one order they queue.
        let mut in_order: Vec<usize> = (0..products.len()).collect();
        in_order.sort_unstable_by_key(|index| &products[*index].sku);
        let mut inserted: Vec<Option<Product>> = products.iter().map(|_| None).collect();
        for index in in_order {
            let product = products[index];
            let query = sqlx::query_as(
                "INSERT INTO products (sku, name, description, price_cents, category_id, \
                 rating, active, created_at, updated_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
                 ON CONFLICT (sku) DO NOTHING RETURNING *",
            );
            let query = query
                .bind(&product.sku)
                .bind(&product.name)
                .bind(&product.description)
                .bind(product.price_cents)
                .bind(product.category_id())
                // Minus zero equals zero in SQL, and would still be shown as -0.0.
                .bind(product.rating.map(|rating| rating + 0.0))
                .bind(product.active())
                .bind(now);
            inserted[index] = query.fetch_optional(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(inserted)
    })
}
