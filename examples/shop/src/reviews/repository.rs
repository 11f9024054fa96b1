//! The statements of the reviews.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::Problem;

use super::model::{NewReview, Review};
use crate::db::{Db, with_db};
use crate::timestamp::Timestamp;
use crate::tx::{Tx, with_tx};

/// One page of the reviews of a product that pass the filters.
pub(super) async fn page(
    db: &Db,
    product_id: i64,
    page: OffsetRequest<Review>,
    filters: Filters<Review>,
) -> Result<OffsetPage<Review>, Problem> {
    with_db!(db, pool => {
        page.fetch(pool, |query| {
            query.push("SELECT * FROM reviews WHERE product_id = ").push_bind(product_id);
            filters.push_and(query);
        })
        .await
    })
}

/// A review of a product.
pub(super) async fn find(db: &Db, product_id: i64, id: i64) -> sqlx::Result<Option<Review>> {
    with_db!(db, pool => {
        let query = sqlx::query_as("SELECT * FROM reviews WHERE product_id = $1 AND id = $2");
        query.bind(product_id).bind(id).fetch_optional(pool).await
    })
}

/// Inserts a review.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    product_id: i64,
    review: &NewReview,
) -> sqlx::Result<Review> {
    with_tx!(tx, connection => {
        let query = sqlx::query_as(
            "INSERT INTO reviews (product_id, author, rating, text, created_at) \
             VALUES ($1, $2, $3, $4, $5) RETURNING *",
        );
        let query = query
            .bind(product_id)
            .bind(&review.author)
            // Minus zero equals zero in SQL, and would still be shown as -0.0.
            .bind(review.rating + 0.0)
            .bind(&review.text)
            .bind(Timestamp::now());
        query.fetch_one(connection).await
    })
}
