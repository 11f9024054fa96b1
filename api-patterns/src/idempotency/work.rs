//! [`Work`]: what a handler does in the transaction that its record is written in.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use http::request::Parts;
use sqlx::{Pool, SqlStr, Transaction};

use super::store::Effects;
use super::store::sql::failed;
use crate::problem::Problem;
use crate::sql::{Dialect, SqlDatabase};
use crate::storage::{StoreError, StoreErrorKind};

/// The transaction of a request, in which the effect of its handler and the record of its answer
/// come to be together or not at all.
///
/// An extractor, for handlers behind an [`IdempotencyLayer`](super::IdempotencyLayer) over a
/// [`SqlStore`](super::SqlStore), and a handle whose clones share the one transaction. It is begun
/// by the first [`begin`](Self::begin); a handler that never calls it takes no connection.
///
/// The layer ends it after the handler has answered: a success is committed, with a key together
/// with the record; any other answer rolls it back, and so does a panic, a client that left, or a
/// reservation that somebody else has got meanwhile. Whoever reads the answer can thus rely on it,
/// and what the transaction does must be left to the layer: a `COMMIT` or `ROLLBACK` sent as a
/// statement, and on MySQL a `CREATE` or `ALTER`, is not seen, or turns the answer into a 500.
/// So does a transaction that cannot be committed, as after a failed statement on PostgreSQL; one that
/// had to give way to others (a deadlock, a serialization failure) is a 503 and can be repeated.
///
/// # Example
#[cfg_attr(feature = "sqlite", doc = "```")]
#[cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
/// use api_patterns::idempotency::{IdempotencyLayer, SqlStore, Work};
/// use api_patterns::problem::Problem;
/// use axum::{Router, routing::post};
/// use sqlx::Sqlite;
/// # use axum::{body::Body, http::Request};
/// # use http_body_util::BodyExt as _;
/// # use tower::ServiceExt as _;
///
/// async fn order(work: Work<Sqlite>) -> Result<String, Problem> {
///     let mut tx = work.begin().await?;
///     let order = sqlx::query("INSERT INTO orders DEFAULT VALUES");
///     let order = order.execute(&mut *tx).await.map_err(Problem::internal)?;
///     Ok(format!("order {}", order.last_insert_rowid()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
/// # let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
/// # let pool = options.connect("sqlite::memory:").await?;
/// # sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY)").execute(&pool).await?;
/// let store = SqlStore::new(pool);
/// store.create_table().await?;
/// let app = Router::new().route("/", post(order)).layer(IdempotencyLayer::new(store));
///
/// for _ in 0..2 {
///     let request = Request::post("/").header("Idempotency-Key", "8e03978e-40d5");
///     let response = app.clone().oneshot(request.body(Body::empty())?).await?;
///     let body = response.into_body().collect().await?.to_bytes();
///     assert_eq!(body, "order 1");
/// }
/// # Ok(()) }
/// ```
///
/// # Deployment caveat
/// On SQLite an open transaction keeps all other writers out, also the reservations of other
/// requests: begin late and do nothing slow in between.
///
/// A handler that holds the transaction's connection and reads through the pool needs two; enough of
/// them at once have all, and each waits for another. So read through the transaction as well, and
/// give the pool more connections than there are requests at work: renewals need one too.
///
/// # Errors
/// As an extractor: a 500 where no layer with such a store covers the request.
pub struct Work<DB: SqlDatabase>(Arc<Shared<DB>>);

struct Shared<DB: SqlDatabase> {
    pool: Pool<DB>,
    slot: Mutex<Slot<DB>>,
}

enum Slot<DB: SqlDatabase> {
    /// Nothing was begun.
    Empty,
    Open(Transaction<'static, DB>),
    /// With a [`WorkTransaction`], or about to be.
    Lent,
    /// The request has ended.
    Over,
}

impl<DB: SqlDatabase> Work<DB> {
    pub(crate) fn new(pool: Pool<DB>) -> Self {
        Self(Arc::new(Shared {
            pool,
            slot: Mutex::new(Slot::Empty),
        }))
    }

    /// The connection of the request's transaction, which the first call begins. It is given back
    /// when what is returned is dropped; the next call goes on in the same transaction.
    ///
    /// # Errors
    /// Of kind [`Unavailable`](StoreErrorKind::Unavailable) when the database cannot be reached, or
    /// no connection, or SQLite's lock of writers, came free in time; of kind
    /// [`Failed`](StoreErrorKind::Failed) when the transaction was not given back yet, or the
    /// request has ended.
    ///
    /// # Cancel safety
    /// A call that is dropped leaves things as they were.
    pub async fn begin(&self) -> Result<WorkTransaction<DB>, StoreError> {
        let mut lent = self.0.lend()?;
        if lent.transaction.is_none() {
            let begun = begun(&self.0.pool).await.map_err(failed)?;
            lent.transaction = Some(begun);
        }
        Ok(lent)
    }
}

impl<DB: SqlDatabase> Shared<DB> {
    fn slot(&self) -> MutexGuard<'_, Slot<DB>> {
        // Nothing that panics runs under the lock.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, with: Slot<DB>) -> Slot<DB> {
        std::mem::replace(&mut *self.slot(), with)
    }

    fn lend(self: &Arc<Self>) -> Result<WorkTransaction<DB>, StoreError> {
        let mut slot = self.slot();
        let transaction = match std::mem::replace(&mut *slot, Slot::Lent) {
            Slot::Empty => None,
            Slot::Open(transaction) => Some(transaction),
            Slot::Lent => return Err(misuse("the transaction of the request is in use")),
            Slot::Over => {
                *slot = Slot::Over;
                return Err(misuse("the request has ended"));
            }
        };
        drop(slot);
        Ok(WorkTransaction {
            shared: Arc::clone(self),
            transaction,
        })
    }
}

fn misuse(why: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Failed).with_source(why)
}

impl<DB: SqlDatabase> Clone for Work<DB> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<DB: SqlDatabase> fmt::Debug for Work<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}

impl<S: Sync, DB: SqlDatabase> FromRequestParts<S> for Work<DB> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let work = parts.extensions.get::<Self>().cloned();
        work.ok_or_else(|| {
            Problem::internal(
                "no idempotency layer with a store of this database covers the route and its \
                 method (by default POST and PATCH are covered)",
            )
        })
    }
}

/// The connection of a request's transaction, for as long as it is held; see [`Work::begin`].
pub struct WorkTransaction<DB: SqlDatabase> {
    shared: Arc<Shared<DB>>,
    transaction: Option<Transaction<'static, DB>>,
}

const HELD: &str = "it is there until this is dropped";

impl<DB: SqlDatabase> Deref for WorkTransaction<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.transaction.as_ref().expect(HELD)
    }
}

impl<DB: SqlDatabase> DerefMut for WorkTransaction<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.transaction.as_mut().expect(HELD)
    }
}

impl<DB: SqlDatabase> fmt::Debug for WorkTransaction<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkTransaction").finish_non_exhaustive()
    }
}

impl<DB: SqlDatabase> Drop for WorkTransaction<DB> {
    fn drop(&mut self) {
        let back = self.transaction.take().map_or(Slot::Empty, Slot::Open);
        let mut slot = self.shared.slot();
        let surplus = match &*slot {
            Slot::Lent => std::mem::replace(&mut *slot, back),
            // The request ended meanwhile.
            _ => back,
        };
        // What is rolled back here, is outside of the lock.
        drop(slot);
        drop(surplus);
    }
}

/// The store's end of [`Work`]. Dropped, it rolls back, whoever still has a handle.
#[derive(Debug)]
pub struct SqlWork<DB: SqlDatabase>(Work<DB>);

impl<DB: SqlDatabase> SqlWork<DB> {
    pub(crate) fn of(work: Work<DB>) -> Self {
        Self(work)
    }

    pub(crate) fn has_begun(&self) -> bool {
        !matches!(*self.0.0.slot(), Slot::Empty)
    }

    /// The transaction, if one was begun; nobody gets at it any more.
    pub(crate) fn take(self) -> Result<Option<Transaction<'static, DB>>, StoreError> {
        match self.0.0.replace(Slot::Over) {
            Slot::Open(transaction) => Ok(Some(transaction)),
            Slot::Empty | Slot::Over => Ok(None),
            Slot::Lent => Err(misuse("the handler did not give the transaction back")),
        }
    }

    /// Undoes what was done.
    pub(crate) async fn undo(self) {
        if let Ok(Some(transaction)) = self.take() {
            undo(transaction).await;
        }
    }

    /// Ends the transaction of a request that has no record.
    pub(crate) async fn end(self, effects: Effects) -> Result<(), StoreError> {
        if effects == Effects::Undo {
            self.undo().await;
            return Ok(());
        }
        let Some(mut transaction) = self.take()? else {
            return Ok(());
        };
        intact(&mut transaction).await?;
        transaction.commit().await.map_err(failed)
    }
}

impl<DB: SqlDatabase> Drop for SqlWork<DB> {
    fn drop(&mut self) {
        drop(self.0.0.replace(Slot::Over));
    }
}

/// Waits for the rollback, so that its locks are free for what comes next.
pub(crate) async fn undo<DB: SqlDatabase>(transaction: Transaction<'static, DB>) {
    if let Err(error) = transaction.rollback().await {
        // A transaction that cannot be rolled back ends with its connection.
        tracing::debug!(%error, "a transaction was not rolled back in words");
    }
}

/// Set at the beginning; it is gone when the database has ended the transaction by itself.
const MARK: &str = "SAVEPOINT api_patterns_work";
const MARKED: &str = "RELEASE SAVEPOINT api_patterns_work";

async fn begun<DB: SqlDatabase>(pool: &Pool<DB>) -> sqlx::Result<Transaction<'static, DB>> {
    let mut transaction = DB::begin_write(pool).await?;
    if DB::DIALECT != Dialect::Postgres {
        DB::script(SqlStr::from_static(MARK), &mut transaction).await?;
    }
    Ok(transaction)
}

/// Makes sure that a commit would commit all that was done.
///
/// MySQL ends a transaction that met a deadlock, SQLite one that met a full disk; what follows would
/// be outside of it. PostgreSQL answers the `COMMIT` of one in which a statement has failed with a
/// rollback and no error.
pub(crate) async fn intact<DB: SqlDatabase>(
    transaction: &mut Transaction<'static, DB>,
) -> Result<(), StoreError> {
    let check = match DB::DIALECT {
        Dialect::Postgres => "SELECT 1",
        _ => MARKED,
    };
    DB::script(SqlStr::from_static(check), transaction)
        .await
        .map_err(|error| {
            tracing::error!(%error, "the transaction of a request was no longer whole at its end");
            StoreError::new(StoreErrorKind::Failed).with_source(error)
        })
}
