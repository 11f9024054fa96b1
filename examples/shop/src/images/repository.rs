//! The statements of the images.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::Problem;
use sqlx::AssertSqlSafe;

use super::model::{Content, Image};
use crate::db::{Db, with_db};

/// Everything but the bytes, of which both databases know the number without reading them.
const SELECT: &str = "SELECT id, product_id, alt, media_type, \
                      CAST(length(content) AS BIGINT) AS size, width, height, created_at \
                      FROM images WHERE product_id = ";

/// One page of the images of a product that pass the filters.
pub(super) async fn page(
    db: &Db,
    product_id: i64,
    page: OffsetRequest<Image>,
    filters: Filters<Image>,
) -> Result<OffsetPage<Image>, Problem> {
    with_db!(db, pool => {
        page.fetch(pool, |query| {
            query.push(SELECT).push_bind(product_id);
            filters.push_and(query);
        })
        .await
    })
}

/// An image of a product.
pub(super) async fn find(db: &Db, product_id: i64, id: i64) -> sqlx::Result<Option<Image>> {
    with_db!(db, pool => {
        let query = sqlx::query_as(AssertSqlSafe(format!("{SELECT}$1 AND id = $2")));
        query.bind(product_id).bind(id).fetch_optional(pool).await
    })
}

/// The bytes of an image of a product.
pub(super) async fn content(db: &Db, product_id: i64, id: i64) -> sqlx::Result<Option<Content>> {
    with_db!(db, pool => {
        let query = sqlx::query_as(
            "SELECT media_type, content FROM images WHERE product_id = $1 AND id = $2",
        );
        query.bind(product_id).bind(id).fetch_optional(pool).await
    })
}
