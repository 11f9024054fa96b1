//! What the shop does with reviews.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::Problem;
use sqlx::error::ErrorKind;

use super::model::{NewReview, Review};
use super::repository;
use crate::db::Db;
use crate::error::{Error, violation};
use crate::products::Products;
use crate::tx::Tx;

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
        tx: &mut Tx<'_>,
        product_id: i64,
        review: &NewReview,
    ) -> Result<Review, Error> {
        let inserted = repository::insert(tx, product_id, review).await;
        inserted.map_err(|error| match violation(&error) {
            Some(ErrorKind::ForeignKeyViolation) => Error::NoProduct(product_id),
            _ => error.into(),
        })
    }
}
