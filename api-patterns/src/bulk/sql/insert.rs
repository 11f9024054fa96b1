//! Many items by one statement, and by smaller ones where it fails.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::Range;

use super::savepoint::Attempts;
use super::scope::Scope;
use super::search::Search;
use crate::bulk::delete::{BulkDelete, Deleted};
use crate::bulk::items::{Items, complete};
use crate::bulk::response::MultiStatus;
use crate::bulk::tally::Mark;
use crate::problem::Problem;

/// Most items that are tried together.
pub(in crate::bulk) const CHUNK: usize = 1000;

impl<T> Items<T> {
    /// Most items that [`insert_in`](Self::insert_in) hands over at a time. Default: 1,000. A statement that has a
    /// parameter for each value of each item may hold 65,535 of them on PostgreSQL and MySQL, and
    /// 32,766 on SQLite.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    pub fn chunk(mut self, items: usize) -> Self {
        assert!(items > 0, "a chunk has at least one item");
        self.chunk = items;
        self
    }

    /// Tries many items by one statement, in one transaction. Where it fails, the culprits are
    /// searched by smaller ones: the answer is that of [`run_in`](Self::run_in).
    ///
    /// `insert` returns what was made, in the order of the items and as many. No database promises
    /// the rows of `RETURNING` in that order: they are brought into it by a key of theirs, as in the
    /// example, or by ids that are made before. It is called on a
    /// clone of itself, again and again with parts of the items while culprits are searched, so it
    /// has no effects but in the transaction. It may be an `UPDATE` or a `DELETE` as well.
    ///
    /// On PostgreSQL prefer arrays (`INSERT … SELECT * FROM UNNEST($1, $2)`) to a list of `VALUES`:
    /// that is one statement whatever the number of items, which the server reads and keeps once.
    ///
    /// The answers of the two differ only where items pass together and not one by one, as a row
    /// that refers to a later one may.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # mod example {
    /// use std::collections::HashMap;
    ///
    /// use api_patterns::bulk::{Bulk, MultiStatus};
    /// use api_patterns::problem::{FieldErrors, Problem, Validate};
    /// use axum::extract::State;
    /// use sqlx::{QueryBuilder, SqliteConnection, SqlitePool};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct NewTag { name: String }
    ///
    /// impl Validate for NewTag {
    ///     fn validate(&self, _: &mut FieldErrors) {}
    /// }
    ///
    /// async fn insert(tx: &mut SqliteConnection, tags: &[NewTag]) -> sqlx::Result<Vec<i64>> {
    ///     let mut query = QueryBuilder::new("INSERT INTO tags (name) ");
    ///     query.push_values(tags, |mut row, tag| { row.push_bind(&tag.name); });
    ///     let rows = query.push(" RETURNING name, id").build_query_as::<(String, i64)>().fetch_all(tx).await?;
    ///     // In which order they come back is not said.
    ///     let ids: HashMap<_, _> = rows.into_iter().collect();
    ///     let ids = tags.iter().map(|tag| ids.get(&tag.name).copied());
    ///     ids.collect::<Option<_>>().ok_or(sqlx::Error::RowNotFound)
    /// }
    ///
    /// async fn create(State(db): State<SqlitePool>, Bulk(tags): Bulk<NewTag, 1000>) -> Result<MultiStatus<i64>, Problem> {
    ///     let taken = |error: sqlx::Error| match error.as_database_error() {
    ///         Some(refused) if refused.is_unique_violation() => Problem::conflict("there is such a tag"),
    ///         _ => Problem::internal(error),
    ///     };
    ///     tags.insert_in(&db, async |tx, tags: &[NewTag]| insert(tx, tags).await.map_err(taken)).await
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// As those of [`run_in`](Self::run_in), and an internal problem when `insert` returns another
    /// number of results than it was given items.
    ///
    /// # Cancel safety
    /// Nothing is kept when the future is dropped.
    pub async fn insert_in<A, R, E, F>(
        mut self,
        db: A,
        insert: F,
    ) -> Result<MultiStatus<R>, Problem>
    where
        A: Scope,
        F: AsyncFnOnce(&mut A::Connection, &[T]) -> Result<Vec<R>, E> + Clone,
        E: Into<Problem>,
    {
        self.possible()?;
        let atomic = self.choices.is_atomic();
        let mut search = Search::new(self.items.len(), self.chunk);
        let (items, places, mut tally) = self.begin();
        if items.is_empty() || (atomic && tally.has_refused()) {
            return Ok(tally.finish());
        }
        let mut attempts = Attempts::begin_in(db).await?;
        let mut passed: Option<(Search, Mark, Range<usize>)> = None;
        loop {
            let next = search.run().filter(|run| tally.may_run(places[run.start]));
            let hollow = match next {
                Some(_) => attempts.begin().await?,
                None => attempts.settle().await?,
            };
            let (run, problem) = match (hollow, passed.take(), next) {
                (Some(problem), Some((before, mark, run)), _) => {
                    tally.take_back(&places[run.clone()], mark);
                    search = before;
                    (run, problem)
                }
                (_, _, None) => break,
                (_, _, Some(mut run)) => {
                    run.end = run.start + tally.together(&places[run.clone()]);
                    let mark = tally.mark();
                    let made = insert.clone()(attempts.connection(), &items[run.clone()]).await;
                    match attempts.end(made.map_err(Into::into)).await? {
                        Ok(made) => {
                            complete(made.len(), run.len())?;
                            tally.put_made(&places[run.clone()], made);
                            passed = Some((search.clone(), mark, run.clone()));
                            search.decided(run.end);
                            continue;
                        }
                        Err(problem) => (run, problem),
                    }
                }
            };
            if search.failed(&run) {
                tally.put(places[run.start], Err(problem));
            }
        }
        attempts.finish(tally, atomic).await
    }
}

impl<I: Eq + Hash, const MAX: usize> BulkDelete<I, MAX> {
    /// Deletes many by one statement, in one transaction; `delete` returns the ids of what was
    /// there, in any order. The rest is as with [`Items::insert_in`].
    ///
    /// # Errors
    /// As those of [`Items::run_in`].
    ///
    /// # Cancel safety
    /// Nothing is deleted when the future is dropped.
    pub async fn delete_in<A, E, F>(self, db: A, delete: F) -> Result<Deleted<I>, Problem>
    where
        A: Scope,
        F: AsyncFnOnce(&mut A::Connection, &[I]) -> Result<Vec<I>, E> + Clone,
        E: Into<Problem>,
    {
        let missing = self.missing();
        let each = async |connection: &mut A::Connection, ids: &[I]| {
            let there = delete.clone()(connection, ids).await.map_err(Into::into)?;
            let there: HashSet<I> = there.into_iter().collect();
            let judged = ids.iter().map(|id| missing.judge(there.contains(id)));
            judged.collect::<Result<Vec<bool>, Problem>>()
        };
        let answer = self.items.insert_in(db, each).await?;
        Ok(Deleted::new(self.ids, answer))
    }
}
