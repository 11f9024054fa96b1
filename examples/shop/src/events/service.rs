//! What the shop does with events.

use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::Problem;

use super::model::{Event, NewEvent};
use super::repository;
use crate::bulk::{Batch, Outcome};
use crate::db::Db;
use crate::error::Error;

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
    pub(crate) async fn create(&self, event: &NewEvent) -> Result<Event, Error> {
        let inserted = repository::insert(&self.db, &[event]).await?;
        Ok(inserted
            .into_iter()
            .next()
            .expect("one event goes in, one comes back"))
    }

    /// Publishes what can be published of a batch.
    pub(crate) async fn create_all(&self, batch: Batch<NewEvent>) -> Result<Outcome<Event>, Error> {
        let events: Vec<_> = batch.valid.iter().map(|(_, event)| event).collect();
        let created = repository::insert(&self.db, &events).await?;
        Ok(Outcome::new(created, batch.errors))
    }
}
