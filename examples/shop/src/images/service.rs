//! What the shop does with images.

use api_patterns::filter::Filters;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::Problem;

use super::model::{Content, Image};
use super::repository;
use crate::db::Db;
use crate::error::Error;
use crate::products::Products;

/// The images of all products.
#[derive(Clone, Debug)]
pub(crate) struct Images {
    db: Db,
    products: Products,
}

impl Images {
    /// The images in `db`.
    pub(crate) fn new(db: Db, products: Products) -> Self {
        Self { db, products }
    }

    /// One page of the images of a product that pass the filters.
    pub(crate) async fn list(
        &self,
        product_id: i64,
        page: OffsetRequest<Image>,
        filters: Filters<Image>,
    ) -> Result<OffsetPage<Image>, Problem> {
        self.products.get(product_id).await?;
        repository::page(&self.db, product_id, page, filters).await
    }

    /// One image of a product.
    pub(crate) async fn get(&self, product_id: i64, id: i64) -> Result<Image, Error> {
        repository::find(&self.db, product_id, id)
            .await?
            .ok_or(Error::NoImage { product_id, id })
    }

    /// The bytes of one image of a product.
    pub(crate) async fn content(&self, product_id: i64, id: i64) -> Result<Content, Error> {
        repository::content(&self.db, product_id, id)
            .await?
            .ok_or(Error::NoImage { product_id, id })
    }
}
