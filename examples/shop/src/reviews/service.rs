//! What the shop does with reviews.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::Problem;

use super::model::{NewReview, Review};
use super::repository;
use crate::db::Db;
use crate::error::Error;
use crate::products::Products;

/// The reviews of all products.
#[derive(Clone, Debug)]
pub(crate) struct Reviews {
    db: Db,
    products: Products,
}

impl Reviews {
    /// The reviews in `db`.
    pub(crate) fn new(db: Db, products: Products) -> Self {
        Self { db, products }
    }

    /// One page of the reviews of a product that pass the filters.
    pub(crate) async fn list(
        &self,
        product_id: i64,
        page: OffsetRequest<Review>,
        filters: Filters<Review>,
    ) -> Result<OffsetPage<Review>, Problem> {
        self.products.get(product_id).await?;
        repository::page(&self.db, product_id, page, filters).await
    }

    /// One review of a product.
    pub(crate) async fn get(&self, product_id: i64, id: i64) -> Result<Review, Error> {
        repository::find(&self.db, product_id, id)
            .await?
            .ok_or(Error::NoReview { product_id, id })
    }

    /// Adds a review to a product.
    pub(crate) async fn create(
        &self,
        product_id: i64,
        review: &NewReview,
    ) -> Result<Review, Error> {
        self.products.get(product_id).await?;
        Ok(repository::insert(&self.db, product_id, review).await?)
    }
}
