//! Each item under its own savepoint of one transaction.

use super::savepoint::Attempts;
use super::scope::Scope;
use crate::bulk::delete::{BulkDelete, Deleted};
use crate::bulk::items::Items;
use crate::bulk::response::MultiStatus;
use crate::problem::Problem;

impl<T> Items<T> {
    /// Tries each item under a savepoint of its own, in one transaction: one that fails leaves no
    /// trace.
    ///
    /// In an atomic request all items are tried, so that every culprit is told, and if there is
    /// one, nothing is kept: the others are 424. Where an item is refused before, none is tried.
    ///
    /// `run` is called once for each item, one after the other, on a clone of itself; what it
    /// captures by reference costs nothing to clone.
    ///
    /// An item fails with a 500 where `run` takes no notice of a database error that has spoilt the
    /// transaction, as each does on PostgreSQL: a 201 would tell of what is not stored.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # mod example {
    /// use api_patterns::bulk::{Bulk, MultiStatus};
    /// use api_patterns::problem::{FieldErrors, Problem, Validate};
    /// use axum::extract::State;
    /// use sqlx::{SqliteConnection, SqlitePool};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct NewTag { name: String }
    ///
    /// impl Validate for NewTag {
    ///     fn validate(&self, errors: &mut FieldErrors) {
    ///         errors.check("name", !self.name.is_empty(), "must not be empty");
    ///     }
    /// }
    ///
    /// async fn insert(tx: &mut SqliteConnection, tag: NewTag) -> Result<i64, Problem> {
    ///     let insert = sqlx::query_scalar("INSERT INTO tags (name) VALUES ($1) RETURNING id").bind(tag.name);
    ///     insert.fetch_one(tx).await.map_err(|error| match error.as_database_error() {
    ///         Some(refused) if refused.is_unique_violation() => Problem::conflict("there is such a tag"),
    ///         _ => Problem::internal(error),
    ///     })
    /// }
    ///
    /// async fn create(State(db): State<SqlitePool>, Bulk(tags): Bulk<NewTag>) -> Result<MultiStatus<i64>, Problem> {
    ///     tags.run_in(&db, insert).await
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The problem of the request as a whole, of which nothing is kept: a 5xx when the database or the way to it
    /// fails, and a 503 with the code `transaction_conflict` and `Retry-After` when another
    /// transaction was in the way, as after a deadlock. These are known by the [`sqlx::Error`] among the sources
    /// of an item's problem.
    ///
    /// # Cancel safety
    /// Nothing is kept when the future is dropped.
    pub async fn run_in<A, R, E, F>(mut self, db: A, run: F) -> Result<MultiStatus<R>, Problem>
    where
        A: Scope,
        F: AsyncFnOnce(&mut A::Connection, T) -> Result<R, E> + Clone,
        E: Into<Problem>,
    {
        self.possible()?;
        let atomic = self.choices.is_atomic();
        let (items, places, mut tally) = self.begin();
        if items.is_empty() || (atomic && tally.has_refused()) {
            return Ok(tally.finish());
        }
        let mut attempts = Attempts::begin_in(db).await?;
        let mut last = None;
        for (place, item) in places.into_iter().zip(items) {
            if tally.may_run(place)
                && let (Some(problem), Some(last)) = (attempts.begin().await?, last)
            {
                tally.put(last, Err(problem));
            }
            if !tally.may_run(place) {
                break;
            }
            let outcome = run.clone()(attempts.connection(), item).await;
            let outcome = attempts.end(outcome.map_err(Into::into)).await?;
            last = Some(place);
            tally.put(place, outcome);
        }
        if let (Some(problem), Some(last)) = (attempts.settle().await?, last) {
            tally.put(last, Err(problem));
        }
        attempts.finish(tally, atomic).await
    }
}

impl<I, const MAX: usize> BulkDelete<I, MAX> {
    /// Deletes each under a savepoint of its own, in one transaction; `delete` tells whether there
    /// was such a thing. The rest is as with [`Items::run_in`].
    ///
    /// # Errors
    /// As those of [`Items::run_in`].
    ///
    /// # Cancel safety
    /// Nothing is deleted when the future is dropped.
    pub async fn run_in<A, E, F>(self, db: A, delete: F) -> Result<Deleted<I>, Problem>
    where
        A: Scope,
        F: AsyncFnOnce(&mut A::Connection, I) -> Result<bool, E> + Clone,
        E: Into<Problem>,
    {
        let missing = self.missing();
        let delete = async |connection: &mut A::Connection, id| {
            let there = delete.clone()(connection, id).await;
            missing.judge(there.map_err(Into::into)?)
        };
        let answer = self.items.run_in(db, delete).await?;
        Ok(Deleted::new(self.ids, answer))
    }
}
