//! What the shop does with categories.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::Problem;

use super::model::Category;
use super::repository;
use crate::db::Db;
use crate::error::Error;

/// The categories.
#[derive(Clone, Debug)]
pub(crate) struct Categories {
    db: Db,
}

impl Categories {
    /// The categories in `db`.
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// One page of the categories that pass the filters.
    pub(crate) async fn list(
        &self,
        page: OffsetRequest<Category>,
        filters: Filters<Category>,
    ) -> Result<OffsetPage<Category>, Problem> {
        repository::page(&self.db, page, filters).await
    }

    /// One category.
    pub(crate) async fn get(&self, id: i64) -> Result<Category, Error> {
        repository::find(&self.db, id)
            .await?
            .ok_or(Error::NoCategory(id))
    }
}
