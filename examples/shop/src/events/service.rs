//! What the shop does with events.

use api_patterns::bulk::{Items, MultiStatus};
use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::Problem;

use super::model::{Event, NewEvent};
use super::repository;
use crate::db::{Db, with_db};
use crate::error::Error;
use crate::tx::{Tx, with_tx};

/// The event log.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    db: Db,
}

impl Events {
    /// The event log in `db`.
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// One page of the events that pass the filters.
    pub(crate) async fn list(
        &self,
        page: PageRequest<Event>,
        filters: Filters<Event>,
    ) -> Result<CursorPage<Event>, Problem> {
        repository::page(&self.db, page, filters).await
    }

    /// One event.
    pub(crate) async fn get(&self, id: i64) -> Result<Event, Error> {
        repository::find(&self.db, id)
            .await?
            .ok_or(Error::NoEvent(id))
    }

    /// Publishes an event.
    pub(crate) async fn create(&self, tx: &mut Tx<'_>, event: NewEvent) -> Result<Event, Error> {
        let added = with_tx!(tx, connection => add(connection, &[event]).await?);
        Ok(added
            .into_iter()
            .next()
            .expect("one goes in, one comes back"))
    }

    /// Publishes what can be published of several events.
    pub(crate) async fn create_all(
        &self,
        tx: &mut Tx<'_>,
        items: Items<NewEvent>,
    ) -> Result<MultiStatus<Event>, Problem> {
        with_tx!(tx, connection => items.insert_in(connection, add).await)
    }

    /// Publishes what can be published of several events, in a transaction of its own.
    pub(crate) async fn import(
        &self,
        items: Items<NewEvent>,
    ) -> Result<MultiStatus<Event>, Problem> {
        with_db!(&self.db, pool => items.insert_in(pool, add).await)
    }
}

/// Publishes events, all or none.
async fn add<C>(connection: &mut C, events: &[NewEvent]) -> Result<Vec<Event>, Error>
where
    for<'c> Tx<'c>: From<&'c mut C>,
{
    Ok(repository::insert(&mut Tx::from(connection), events).await?)
}
