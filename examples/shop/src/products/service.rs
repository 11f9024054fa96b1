//! What the shop does with its catalogue.

use api_patterns::bulk::{BulkDelete, Deleted, Duplicates, Items, MultiStatus, Update};
use api_patterns::conditional::Preconditions;
use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::patch::MergePatch;
use api_patterns::problem::{Problem, Validate as _};
use sqlx::error::ErrorKind;

use super::model::{NewProduct, Product, ProductPatch};
use super::repository;
use crate::db::{Db, with_db};
use crate::error::{Error, violation};
use crate::tx::{Tx, with_tx};

/// How often a change is tried where others change the same product.
const MOST_TRIES: usize = 16;

/// The catalogue.
#[derive(Clone, Debug)]
pub(crate) struct Products {
    db: Db,
}

impl Products {
    /// The catalogue in `db`.
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
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
    pub(crate) async fn create(
        &self,
        tx: &mut Tx<'_>,
        product: NewProduct,
    ) -> Result<Product, Error> {
        let added = with_tx!(tx, connection => add(connection, &[product]).await?);
        Ok(added
            .into_iter()
            .next()
            .expect("one goes in, one comes back"))
    }

    /// Adds what can be added of several products.
    pub(crate) async fn create_all(
        &self,
        tx: &mut Tx<'_>,
        items: Items<NewProduct>,
    ) -> Result<MultiStatus<Product>, Problem> {
        let items = queued(items, |product| product.sku.clone());
        with_tx!(tx, connection => items.insert_in(connection, add).await)
    }

    /// Adds what can be added of several products, in a transaction of its own.
    pub(crate) async fn import(
        &self,
        items: Items<NewProduct>,
    ) -> Result<MultiStatus<Product>, Problem> {
        let items = queued(items, |product| product.sku.clone());
        with_db!(&self.db, pool => items.insert_in(pool, add).await)
    }

    /// Changes what can be changed of several products, each once: of two changes of the same one
    /// the second is refused.
    pub(crate) async fn update_all(
        &self,
        tx: &mut Tx<'_>,
        items: Items<Update<i64, MergePatch<Product>>>,
    ) -> Result<MultiStatus<Product>, Problem> {
        let items = items.distinct_by(|item| item.id, Duplicates::RefuseLater);
        let items = queued(items, |item| item.id);
        with_tx!(tx, connection => {
            items
                .run_in(connection, async |connection, Update { id, data }| {
                    let change = |product: &Product| {
                        let data = data.changes(product)?;
                        // Tells what is wrong by its place in the item.
                        let update = Update { id, data }.validated()?;
                        Ok(update.data)
                    };
                    self.update(&mut Tx::from(connection), id, change).await
                })
                .await
        })
    }

    /// Changes a product by what `change` makes of its current state.
    ///
    /// Nothing is overwritten unseen: where somebody else was faster, `change` is asked again, about
    /// the state that they have left.
    pub(crate) async fn update(
        &self,
        tx: &mut Tx<'_>,
        id: i64,
        change: impl Fn(&Product) -> Result<ProductPatch, Problem>,
    ) -> Result<Product, Problem> {
        for _ in 0..MOST_TRIES {
            let found = repository::find_in(tx, id).await.map_err(Error::from)?;
            let product = found.ok_or(Error::NoProduct(id))?;
            let changes = change(&product)?.validated()?.normal();
            if changes.is_empty() {
                return Ok(product);
            }
            let sku = changes.sku.value().unwrap_or(&product.sku);
            let category_id = changes.category_id.value().unwrap_or(&product.category_id);
            let updated = repository::update(tx, &product, &changes).await;
            let updated = updated.map_err(|error| refused(error, sku, *category_id))?;
            if let Some(updated) = updated {
                return Ok(updated);
            }
        }
        Err(Error::Contended(id).into())
    }

    /// Deletes a product, with its reviews and its images.
    pub(crate) async fn delete(&self, id: i64, when: &Preconditions) -> Result<(), Problem> {
        let deleted = repository::delete(&self.db, id, when).await;
        if deleted.map_err(Error::from)? {
            return Ok(());
        }
        Err(when.missed(self.get(id).await?.tag()))
    }

    /// Deletes several products, with their reviews and their images.
    pub(crate) async fn delete_all(
        &self,
        tx: &mut Tx<'_>,
        ids: BulkDelete<i64>,
    ) -> Result<Deleted<i64>, Problem> {
        with_tx!(tx, connection => {
            ids.delete_in(connection, async |connection, ids| {
                let deleted = repository::delete_all(&mut Tx::from(connection), ids).await;
                deleted.map_err(Error::from)
            })
            .await
        })
    }
}

/// The items in an order that all requests share, so that two with the same ones queue and do not
/// lock each other out. A client that wants to stop after some failures counts in its own order.
fn queued<T, K: Ord>(items: Items<T>, key: impl Fn(&T) -> K) -> Items<T> {
    match items.stop_after() {
        None => items.ordered_by(key),
        Some(_) => items,
    }
}

/// Adds products, all or none.
///
/// # Errors
/// Of one that cannot be added, what is wrong with it; of several, that of one of them, told as if
/// it were the first.
async fn add<C>(connection: &mut C, products: &[NewProduct]) -> Result<Vec<Product>, Error>
where
    for<'c> Tx<'c>: From<&'c mut C>,
{
    let inserted = repository::insert(&mut Tx::from(connection), products).await;
    inserted.map_err(|error| match products {
        [first, ..] => refused(error, &first.sku, first.category_id()),
        [] => error.into(),
    })
}

/// What it means that a product with this SKU and this category was not stored.
fn refused(error: sqlx::Error, sku: &str, category_id: i64) -> Error {
    match violation(&error) {
        Some(ErrorKind::UniqueViolation) => Error::SkuTaken(sku.to_owned()),
        Some(ErrorKind::ForeignKeyViolation) => Error::UnknownCategory(category_id),
        _ => error.into(),
    }
}
