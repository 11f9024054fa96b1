//! What the shop does with its catalogue.

use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::Problem;

use super::model::{NewProduct, Product};
use super::repository;
use crate::bulk::{Batch, ItemError, Outcome};
use crate::categories::Categories;
use crate::db::Db;
use crate::error::Error;

/// The catalogue.
#[derive(Clone, Debug)]
pub(crate) struct Products {
    db: Db,
    categories: Categories,
}

impl Products {
    /// The catalogue in `db`.
    pub(crate) fn new(db: Db, categories: Categories) -> Self {
        Self { db, categories }
    }

    /// One page of the products that pass the filters.
    pub(crate) async fn list(
        &self,
        page: PageRequest<Product>,
        filters: Filters<Product>,
    ) -> Result<CursorPage<Product>, Problem> {
        repository::page(&self.db, page, filters).await
    }

    /// One product.
    pub(crate) async fn get(&self, id: i64) -> Result<Product, Error> {
        repository::find(&self.db, id)
            .await?
            .ok_or(Error::NoProduct(id))
    }

    /// Adds a product.
    pub(crate) async fn create(&self, product: &NewProduct) -> Result<Product, Error> {
        self.categories
            .get(product.category_id())
            .await
            .map_err(|error| match error {
                Error::NoCategory(id) => Error::UnknownCategory(id),
                other => other,
            })?;
        let inserted = repository::insert(&self.db, &[product]).await?;
        let taken = || Error::SkuTaken(product.sku.clone());
        inserted.into_iter().flatten().next().ok_or_else(taken)
    }

    /// Adds what can be added of a batch.
    pub(crate) async fn create_all(
        &self,
        batch: Batch<NewProduct>,
    ) -> Result<Outcome<Product>, Error> {
        let Batch { valid, mut errors } = batch;
        let known = self.categories.ids().await?;
        let (valid, homeless): (Vec<_>, Vec<_>) = valid
            .into_iter()
            .partition(|(_, product)| known.contains(&product.category_id()));
        errors.extend(homeless.into_iter().map(|(index, product)| {
            ItemError::new(index, Error::UnknownCategory(product.category_id()))
        }));
        let products: Vec<_> = valid.iter().map(|(_, product)| product).collect();
        let inserted = repository::insert(&self.db, &products).await?;
        let mut created = Vec::with_capacity(inserted.len());
        for ((index, product), row) in valid.into_iter().zip(inserted) {
            match row {
                Some(row) => created.push(row),
                None => errors.push(ItemError::new(index, Error::SkuTaken(product.sku))),
            }
        }
        Ok(Outcome::new(created, errors))
    }
}
