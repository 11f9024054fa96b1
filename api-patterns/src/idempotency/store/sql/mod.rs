//! [`SqlStore`]: records in the database that the effects are in.

mod database;
mod error;
mod statements;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::Extensions;
use sqlx::{Pool, Transaction};

use self::database::{Row, Value};
use self::error::lost_a_race;
use self::statements::{Statement, Statements};
use super::{Answer, Claim, Effects, Fence, Fingerprint, Key, Reservation, Store};
use crate::idempotency::work::{SqlWork, Work, intact, undo};
use crate::sql::Dialect;
use crate::storage::{StoreError, StoreErrorKind, millis};

pub use self::database::RecordDatabase;
pub(crate) use self::error::failed;

/// Each so many reservations, a few expired records are deleted: more than were made since.
const SWEEP_EVERY: u32 = 64;
const SWEEP_AT_ONCE: u32 = 128;

/// How often a statement is tried that others keep getting in the way of.
const TRIES: usize = 8;

/// What is left of a lease that may be over.
const SOON: Duration = Duration::from_millis(50);

/// Keeps records in a table of the database that the effects are in, so that a handler that works
/// through [`Work`] has its effect if and only if its answer is recorded.
///
/// One statement, committed at once, makes a reservation; the transaction of the request makes it
/// done. All times are the database's. Works with PostgreSQL, SQLite, MySQL and MariaDB, and with
/// each of their isolation levels.
///
/// # Example
#[cfg_attr(feature = "sqlite", doc = "```")]
#[cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
/// use api_patterns::idempotency::SqlStore;
/// use sqlx::SqlitePool;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
/// let pool = SqlitePool::connect("sqlite::memory:").await?;
/// let store = SqlStore::new(pool);
/// store.create_table().await?; // or a migration with `SqlStore::schema`
/// assert_eq!(store.sweep(1_000).await?, 0);
/// # Ok(()) }
/// ```
///
/// # Expired records
/// They are deleted ten minutes after their end, a few with each 64th reservation; a service that is
/// hardly used after a busy time may call [`sweep`](Self::sweep) now and then.
///
/// # Isolation levels
/// Between its reservation and its end nobody writes to a record: renewals go to a second table. So
/// a transaction that sees the database as it was at its beginning (`REPEATABLE READ`,
/// `SERIALIZABLE`, MariaDB's `innodb_snapshot_isolation`) may last longer than the lease. One that
/// the database does not commit because of others is a 503 and can be repeated.
///
/// # SQLite
/// While a request has its transaction open nobody else can write, so a renewal that cannot get at
/// the file looks whether the reservation still is, which readers can; nobody is able to take it
/// before the lock is free. Reservations of other requests wait as long as the pool's
/// `busy_timeout`, copies of the same request do not wait. With write-ahead logging neither does
/// a commit wait for readers.
pub struct SqlStore<DB: sqlx::Database> {
    pool: Pool<DB>,
    statements: Arc<Statements>,
    time_out: Duration,
    reserved: Arc<AtomicU32>,
}

impl<DB: RecordDatabase> SqlStore<DB> {
    /// Keeps records in the table `idempotency_keys`, and leases that were renewed in
    /// `idempotency_keys_leases`.
    pub fn new(pool: Pool<DB>) -> Self {
        Self {
            pool,
            statements: Arc::new(Statements::new(DB::DIALECT, "idempotency_keys")),
            time_out: Duration::from_secs(5),
            reserved: Arc::default(),
        }
    }

    /// The name of the table; that of the second is the same with `_leases`. Default:
    /// `idempotency_keys`.
    ///
    /// # Panics
    /// If it is not of 1 to 48 ASCII letters, digits and underscores, the first of them no digit.
    #[must_use]
    pub fn table(mut self, name: &str) -> Self {
        assert!(
            is_name(name),
            "a table is named by 1 to 48 ASCII letters, digits and underscores, not {name:?}"
        );
        self.statements = Arc::new(Statements::new(DB::DIALECT, name));
        self
    }

    /// Longest time for one operation. Default: 5 s.
    ///
    /// A transaction that could not be ended within it is rolled back, if its commit was not on the
    /// way already.
    #[must_use]
    pub fn time_out(mut self, time_out: Duration) -> Self {
        self.time_out = time_out;
        self
    }

    /// The statements that make the tables and their indexes, where they are not there yet: for a
    /// migration.
    pub fn schema(&self) -> &str {
        &self.statements.schema
    }

    /// Makes the tables and their indexes, where they are not there yet.
    ///
    /// # Errors
    /// When the database cannot be reached, or refuses.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let create = async || {
            let mut connection = self.pool.acquire().await?;
            DB::create(Arc::clone(&self.statements.schema), &mut connection).await
        };
        match create().await {
            Ok(()) => Ok(()),
            // PostgreSQL refuses one of two that do this at the same time.
            Err(_) => create().await.map_err(failed),
        }
    }

    /// Deletes up to `limit` expired records, the oldest first, and tells how many there were; and
    /// up to as many leases.
    ///
    /// # Errors
    /// When the database cannot be reached, or refuses.
    pub async fn sweep(&self, limit: u32) -> Result<u64, StoreError> {
        let values = [Value::Number(limit.into())];
        let swept = self.touch(&self.statements.sweep, &values).await?;
        self.touch(&self.statements.sweep_leases, &values).await?;
        Ok(swept)
    }

    /// In a task of its own: no request waits for it.
    fn sweep_now_and_then(&self) {
        let count = self.reserved.fetch_add(1, Ordering::Relaxed);
        if count % SWEEP_EVERY != SWEEP_EVERY - 1 {
            return;
        }
        let store = self.clone();
        tokio::spawn(async move {
            if let Err(error) = store.sweep(SWEEP_AT_ONCE).await {
                tracing::debug!(%error, "expired records were not deleted");
            }
        });
    }

    async fn within<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(self.time_out, operation).await {
            Ok(outcome) => outcome,
            Err(elapsed) => Err(StoreError::new(StoreErrorKind::Unavailable).with_source(elapsed)),
        }
    }

    /// A statement that is a transaction of its own; one that had to give way is sent again.
    async fn touch(&self, statement: &Statement, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.within(async {
            let mut connection = self.pool.acquire().await.map_err(failed)?;
            let mut tries = 1;
            loop {
                match DB::touch(statement, values, &mut connection).await {
                    Err(error) if lost_a_race(&error) && tries < TRIES => tries += 1,
                    touched => return touched.map_err(failed),
                }
            }
        })
        .await
    }

    /// One try; `None` where the record changed hands in between.
    async fn try_reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Option<Reservation>, StoreError> {
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        // A reader does not wait for the writer, which may be the first copy of this request.
        if DB::DIALECT == Dialect::Sqlite
            && let Some(found) = self.look(key, fingerprint, &mut connection).await?
        {
            return Ok(Some(found));
        }
        let values = [
            Value::Bytes(key.as_bytes()),
            Value::Bytes(fingerprint.as_bytes()),
            Value::Number(millis(lease)),
        ];
        for statement in [&self.statements.insert, &self.statements.take_over] {
            match DB::reserve(statement, &values, &mut connection).await {
                Ok(Some(fence)) => {
                    return Ok(Some(Reservation::Reserved(Fence(fence.cast_unsigned()))));
                }
                Ok(None) => {}
                Err(error) if lost_a_race(&error) => return Ok(None),
                Err(error) => {
                    let found = self.beside_a_writer(error, key, fingerprint, &mut connection);
                    return found.await.map(Some);
                }
            }
            if let Some(found) = self.look(key, fingerprint, &mut connection).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What a record says where another writer has the file of SQLite: readers still get at it.
    async fn beside_a_writer(
        &self,
        error: sqlx::Error,
        key: &Key,
        fingerprint: &Fingerprint,
        connection: &mut DB::Connection,
    ) -> Result<Reservation, StoreError> {
        let error = failed(error);
        let row = match DB::DIALECT {
            Dialect::Sqlite if error.is_temporary() => self.row(key, connection).await?,
            _ => None,
        };
        match row {
            Some(row) if row.counts() || row.is_reserved_for(fingerprint) => row.found(fingerprint),
            _ => Err(error),
        }
    }

    async fn row(
        &self,
        key: &Key,
        connection: &mut DB::Connection,
    ) -> Result<Option<Row>, StoreError> {
        let values = [Value::Bytes(key.as_bytes())];
        let row = DB::read(&self.statements.read, &values, connection).await;
        row.map_err(failed)
    }

    /// What a record says, if it still counts.
    async fn look(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        connection: &mut DB::Connection,
    ) -> Result<Option<Reservation>, StoreError> {
        let row = self.row(key, connection).await?.filter(Row::counts);
        row.map(|row| row.found(fingerprint)).transpose()
    }

    /// Whether a reservation still is, by reading alone.
    async fn holds(&self, claim: &Claim) -> Result<bool, StoreError> {
        self.within(async {
            let mut connection = self.pool.acquire().await.map_err(failed)?;
            let values = own(claim);
            let count = DB::count(&self.statements.holds, &values, &mut connection).await;
            Ok(count.map_err(failed)? == 1)
        })
        .await
    }

    /// Rolls back; what does not end in time ends with its connection.
    async fn undo(&self, work: SqlWork<DB>) {
        if tokio::time::timeout(self.time_out, work.undo())
            .await
            .is_err()
        {
            tracing::debug!("a transaction was not rolled back in time");
        }
    }

    /// Frees a record whose transaction did not end well, so that the next copy need not wait for
    /// the lease. Where the commit has happened after all, the record is done, and this does nothing;
    /// where it may still happen, it waits for that.
    fn free_later(&self, claim: Claim) {
        let store = self.clone();
        tokio::spawn(async move {
            let freed = store.touch(&store.statements.release, &own(&claim)).await;
            if let Err(error) = freed {
                tracing::debug!(%error, "a record was not freed before its lease ends");
            }
        });
    }

    /// Records the answer and commits, both or neither.
    async fn commit(
        &self,
        mut transaction: Transaction<'static, DB>,
        values: &[Value<'_>],
    ) -> Result<bool, StoreError> {
        if DB::DIALECT != Dialect::Postgres {
            intact(&mut transaction).await?;
        }
        let recorded = DB::touch(&self.statements.complete, values, &mut transaction).await;
        if recorded.map_err(failed)? == 0 {
            undo(transaction).await;
            return Ok(false);
        }
        transaction.commit().await.map_err(failed)?;
        Ok(true)
    }
}

impl Row {
    fn counts(&self) -> bool {
        self.remaining > 0
    }

    /// If only with a lease that is over: whoever has the file locked may be at work on it.
    fn is_reserved_for(&self, fingerprint: &Fingerprint) -> bool {
        self.answer.is_none() && self.fingerprint == fingerprint.as_bytes()
    }

    fn found(self, fingerprint: &Fingerprint) -> Result<Reservation, StoreError> {
        if self.fingerprint != fingerprint.as_bytes() {
            return Ok(Reservation::Mismatch);
        }
        Ok(match self.answer {
            Some(answer) => Reservation::Done(Answer::from_bytes(answer)?),
            None if self.counts() => {
                Reservation::InFlight(Duration::from_millis(self.remaining.unsigned_abs()))
            }
            None => Reservation::InFlight(SOON),
        })
    }
}

fn own(claim: &Claim) -> [Value<'_>; 2] {
    [
        Value::Bytes(claim.key.as_bytes()),
        Value::Number(claim.fence.0.cast_signed()),
    ]
}

fn is_name(name: &str) -> bool {
    let part = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    (1..=48).contains(&name.len())
        && name.bytes().all(part)
        && !name.starts_with(|first: char| first.is_ascii_digit())
}

impl<DB: RecordDatabase> Store for SqlStore<DB> {
    type Work = SqlWork<DB>;

    fn begin(&self, extensions: &mut Extensions) -> SqlWork<DB> {
        let work = Work::new(self.pool.clone());
        extensions.insert(work.clone());
        SqlWork::of(work)
    }

    fn has_begun(work: &SqlWork<DB>) -> bool {
        work.has_begun()
    }

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        let found = self.within(async {
            for _ in 0..TRIES {
                if let Some(found) = self.try_reserve(key, fingerprint, lease).await? {
                    return Ok(found);
                }
            }
            // At every look somebody else had it, if only just no longer.
            Ok(Reservation::InFlight(SOON))
        });
        let found = found.await?;
        if let Reservation::Reserved(_) = found {
            self.sweep_now_and_then();
        }
        Ok(found)
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        let [key, fence] = own(claim);
        let values = [key, fence, Value::Number(millis(lease))];
        match self.touch(&self.statements.renew, &values).await {
            // MySQL counts a row that it replaces twice.
            Ok(touched) => Ok(touched > 0),
            // Another writer has the file, perhaps this very request.
            Err(error) if DB::DIALECT == Dialect::Sqlite && error.is_temporary() => {
                self.holds(claim).await
            }
            Err(error) => Err(error),
        }
    }

    async fn complete(
        &self,
        claim: &Claim,
        work: SqlWork<DB>,
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        let [key, fence] = own(claim);
        let (answer, keep) = (answer.to_bytes(), Value::Number(millis(keep)));
        let values = [key, fence, Value::Bytes(&answer), keep];
        let transaction = match effects {
            Effects::Keep => work.take(),
            Effects::Undo => {
                self.undo(work).await;
                Ok(None)
            }
        };
        let outcome = match transaction {
            Ok(None) => return Ok(self.touch(&self.statements.complete, &values).await? == 1),
            Ok(Some(transaction)) => self.within(self.commit(transaction, &values)).await,
            Err(held) => Err(held),
        };
        if outcome.is_err() {
            self.free_later(*claim);
        }
        outcome
    }

    async fn release(&self, claim: &Claim, work: SqlWork<DB>) -> Result<(), StoreError> {
        self.undo(work).await;
        self.touch(&self.statements.release, &own(claim)).await?;
        Ok(())
    }

    async fn end(&self, work: SqlWork<DB>, effects: Effects) -> Result<(), StoreError> {
        self.within(work.end(effects)).await
    }
}

impl<DB: sqlx::Database> Clone for SqlStore<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            statements: Arc::clone(&self.statements),
            time_out: self.time_out,
            reserved: Arc::clone(&self.reserved),
        }
    }
}

impl<DB: sqlx::Database> fmt::Debug for SqlStore<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore")
            .field("time_out", &self.time_out)
            .finish_non_exhaustive()
    }
}
