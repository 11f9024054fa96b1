//! The statements of the categories.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::Problem;

use super::model::Category;
use crate::db::{Db, with_db};

/// One page of the categories that pass the filters.
pub(super) async fn page(
    db: &Db,
    page: OffsetRequest<Category>,
    filters: Filters<Category>,
) -> Result<OffsetPage<Category>, Problem> {
    with_db!(db, pool => {
        page.fetch(pool, |query| {
            query.push("SELECT * FROM categories");
            filters.push_where(query);
        })
        .await
    })
}

/// The category with this id.
pub(super) async fn find(db: &Db, id: i64) -> sqlx::Result<Option<Category>> {
    with_db!(db, pool => {
        sqlx::query_as("SELECT * FROM categories WHERE id = $1").bind(id).fetch_optional(pool).await
    })
}
