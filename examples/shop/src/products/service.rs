//! What the shop does with its catalogue.
//!
//! Whoever writes several products, or another SKU of one, locks beforehand all that the writes may
//! wait for, and everybody in one order: rows, then SKUs. So the writes keep the order of the request,
//! and no two transactions wait for each other. To add, change or delete one product is one statement,
//! which waits before it has written what others wait for. SQLite lets in one writer at a time.

use std::collections::HashMap;

use api_patterns::bulk::{BulkDelete, Deleted, Duplicates, Items, MultiStatus, Update};
use api_patterns::conditional::Preconditions;
use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::patch::MergePatch;
use api_patterns::problem::{FieldErrors, Problem, Validate};
use api_patterns::sql::SqlDatabase;
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
        let skus = items.iter().map(|(_, product)| product.sku.as_str());
        let locked = repository::lock_skus(tx, &skus.collect::<Vec<_>>()).await;
        locked.map_err(Error::from)?;
        with_tx!(tx, connection => items.insert_in(connection, add).await)
    }

    /// Adds what can be added of several products, in a transaction of its own.
    pub(crate) async fn import(
        &self,
        items: Items<NewProduct>,
    ) -> Result<MultiStatus<Product>, Problem> {
        with_db!(&self.db, pool => {
            let mut tx = SqlDatabase::begin_write(pool).await.map_err(Error::from)?;
            let added = self.create_all(&mut Tx::from(&mut *tx), items).await?;
            tx.commit().await.map_err(Error::from)?;
            Ok(added)
        })
    }

    /// Changes what can be changed of several products, each once: of two changes of the same one
    /// the second is refused.
    pub(crate) async fn update_all(
        &self,
        tx: &mut Tx<'_>,
        items: Items<Update<i64, MergePatch<Product>>>,
    ) -> Result<MultiStatus<Product>, Problem> {
        let items = items.distinct_by(|item| item.id, Duplicates::RefuseLater);
        let products = locked(tx, &items).await?;
        with_tx!(tx, connection => {
            items
                .run_in(connection, async |connection, item: Update<_, _>| {
                    let product = products.get(&item.id).ok_or(Error::NoProduct(item.id))?;
                    let changes = changes(&item.data, product)?;
                    let updated = write(&mut Tx::from(connection), product, &changes).await?;
                    Ok::<_, Problem>(updated.ok_or(Error::Contended(item.id))?)
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
            if let Some(sku) = changes.sku.value() {
                lock(tx, &[id], &[&product.sku, sku]).await?;
            }
            if let Some(updated) = write(tx, &product, &changes).await? {
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
        let given: Vec<_> = ids.iter().copied().collect();
        lock(tx, &given, &[]).await?;
        with_tx!(tx, connection => {
            ids.delete_in(connection, async |connection, ids| {
                let deleted = repository::delete_all(&mut Tx::from(connection), ids).await;
                deleted.map_err(Error::from)
            })
            .await
        })
    }
}

/// Locks products, then SKUs.
async fn lock(tx: &mut Tx<'_>, ids: &[i64], skus: &[&str]) -> Result<(), Error> {
    repository::lock(tx, ids).await?;
    repository::lock_skus(tx, skus).await?;
    Ok(())
}

/// The products that are there of those that a batch changes, locked.
async fn locked(
    tx: &mut Tx<'_>,
    items: &Items<Update<i64, MergePatch<Product>>>,
) -> Result<HashMap<i64, Product>, Error> {
    let ids: Vec<_> = items.iter().map(|(_, item)| item.id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    repository::lock(tx, &ids).await?;
    let products = repository::find_all(tx, &ids).await?;
    let products: HashMap<_, _> = products.into_iter().map(|one| (one.id, one)).collect();
    let new_sku = |item: &Update<i64, MergePatch<Product>>| {
        let changes = changes(&item.data, products.get(&item.id)?);
        changes.ok()?.sku.into_value()
    };
    let wanted: Vec<_> = items.iter().filter_map(|(_, item)| new_sku(item)).collect();
    if !wanted.is_empty() {
        // Whoever wants the SKU of a row that is written waits too, even where the SKU stays.
        let held = products.values().map(|product| &product.sku);
        let skus = held.chain(&wanted).map(String::as_str);
        repository::lock_skus(tx, &skus.collect::<Vec<_>>()).await?;
    }
    Ok(products)
}

/// What an item of a batch changes of a product.
fn changes(data: &MergePatch<Product>, product: &Product) -> Result<ProductPatch, Problem> {
    let id = product.id;
    let data = data.changes(product).map_err(|problem| {
        let item = Update {
            id,
            data: Refused(&problem),
        };
        item.validated().err().unwrap_or(problem)
    })?;
    Ok(Update { id, data }.validated()?.data.normal())
}

/// What is wrong with a patch. As data of an item it is told by its place in the item.
struct Refused<'a>(&'a Problem);

impl Validate for Refused<'_> {
    fn validate(&self, errors: &mut FieldErrors) {
        for error in self.0.get_errors() {
            let member = error.get_place().trim_start_matches('/');
            errors.add(member, error.get_detail().to_owned());
        }
    }
}

/// Writes what changes of a product; none where it is no longer as it was.
async fn write(
    tx: &mut Tx<'_>,
    product: &Product,
    changes: &ProductPatch,
) -> Result<Option<Product>, Error> {
    if changes.is_empty() {
        return Ok(Some(product.clone()));
    }
    let sku = changes.sku.value().unwrap_or(&product.sku);
    let category_id = changes.category_id.value().unwrap_or(&product.category_id);
    let updated = repository::update(tx, product, changes).await;
    updated.map_err(|error| refused(error, sku, *category_id))
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
