//! The records of answers: which request with an `Idempotency-Key` has had its effect.

use std::time::Duration;

use api_patterns::idempotency::{
    Answer, Claim, Effects, Fingerprint, Key, Reservation, SqlStore, SqlWork, Store,
};
use api_patterns::storage::StoreError;
use axum::http::Extensions;
use sqlx::{Postgres, Sqlite};

use crate::db::Db;

/// Records in the shop's own database, so that they are there if and only if their effects are.
#[derive(Clone, Debug)]
pub(crate) enum Records {
    Sqlite(SqlStore<Sqlite>),
    Postgres(SqlStore<Postgres>),
}

/// What a request does beside its record.
pub(crate) enum RecordWork {
    Sqlite(SqlWork<Sqlite>),
    Postgres(SqlWork<Postgres>),
}

impl Records {
    /// Records in this database.
    pub(crate) fn new(db: &Db) -> Self {
        match db {
            Db::Sqlite(pool) => Self::Sqlite(SqlStore::new(pool.clone())),
            Db::Postgres(pool) => Self::Postgres(SqlStore::new(pool.clone())),
        }
    }
}

/// Calls a method of whichever store there is, with the work that it began.
macro_rules! forward {
    ($this:ident.$method:ident($($before:expr),*; $work:ident $(, $after:expr)*)) => {
        match ($this, $work) {
            (Self::Sqlite(store), RecordWork::Sqlite(work)) => {
                store.$method($($before,)* work $(, $after)*).await
            }
            (Self::Postgres(store), RecordWork::Postgres(work)) => {
                store.$method($($before,)* work $(, $after)*).await
            }
            _ => unreachable!("a shop has one database"),
        }
    };
}

impl Store for Records {
    type Work = RecordWork;

    fn begin(&self, extensions: &mut Extensions) -> RecordWork {
        match self {
            Self::Sqlite(store) => RecordWork::Sqlite(store.begin(extensions)),
            Self::Postgres(store) => RecordWork::Postgres(store.begin(extensions)),
        }
    }

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        match self {
            Self::Sqlite(store) => store.reserve(key, fingerprint, lease).await,
            Self::Postgres(store) => store.reserve(key, fingerprint, lease).await,
        }
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(store) => store.renew(claim, lease).await,
            Self::Postgres(store) => store.renew(claim, lease).await,
        }
    }

    async fn complete(
        &self,
        claim: &Claim,
        work: RecordWork,
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        forward!(self.complete(claim; work, effects, answer, keep))
    }

    async fn release(&self, claim: &Claim, work: RecordWork) -> Result<(), StoreError> {
        forward!(self.release(claim; work))
    }

    async fn end(&self, work: RecordWork, effects: Effects) -> Result<(), StoreError> {
        forward!(self.end(; work, effects))
    }
}

#[cfg(test)]
mod tests {
    use api_patterns::idempotency::SqlStore;
    use sqlx::{PgPool, SqlitePool};

    /// A script without comments, white space and quotes.
    fn bare(script: &str) -> String {
        let lines = script.lines().filter(|line| !line.starts_with("--"));
        let text: String = lines.flat_map(str::split_whitespace).collect();
        text.replace(['"', '`'], "")
    }

    #[tokio::test]
    async fn the_migrations_make_the_table_that_the_stores_want() {
        let sqlite = SqlStore::new(SqlitePool::connect_lazy("sqlite::memory:").expect("a pool"));
        let migration = include_str!("../migrations/sqlite/0004_idempotency.sql");
        assert_eq!(bare(migration), bare(sqlite.schema()));
        let pool = PgPool::connect_lazy("postgres://localhost").expect("a pool");
        let migration = include_str!("../migrations/postgres/0004_idempotency.sql");
        assert_eq!(bare(migration), bare(SqlStore::new(pool).schema()));
    }
}
