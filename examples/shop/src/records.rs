//! The records of answers: which request with an `Idempotency-Key` has had its effect.

use std::time::Duration;

use api_patterns::idempotency::{
    Answer, Claim, Effects, Fingerprint, IdempotencyLayer, Key, RedisStore, Reservation, SqlStore,
    SqlWork, Store,
};
use api_patterns::problem::{FieldError, Problem};
use api_patterns::storage::StoreError;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use axum::http::{Extensions, HeaderName};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use sqlx::{Postgres, Sqlite};

use crate::app::{MAX_BODY, Shop};
use crate::batch::are_lines;
use crate::db::Db;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// The longest answer that is kept. That to a full batch has each product as a whole, in which a
/// character may take six bytes: 1.5 MB.
const MAX_ANSWER: usize = 4 << 20;
/// How long a request stays reserved whose instance has died; it is renewed while it runs.
const LEASE: Duration = Duration::from_secs(10);

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

    fn has_begun(work: &RecordWork) -> bool {
        match work {
            RecordWork::Sqlite(work) => SqlStore::has_begun(work),
            RecordWork::Postgres(work) => SqlStore::has_begun(work),
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

/// Under an `Idempotency-Key` each request of these routes has its effect once.
pub(crate) fn repeatable(routes: Router<Shop>, shop: &Shop) -> Router<Shop> {
    let records = Records::new(&shop.db);
    // Of the routes: a method that a path does not have is refused whatever the key.
    let routes = match &shop.redis {
        Some(redis) => {
            let quick = RedisStore::new(redis.connection()).prefix(redis.prefix("idempotency"));
            routes.route_layer(keys(quick.in_front_of(records)))
        }
        None => routes.route_layer(keys(records)),
    };
    routes.layer(from_fn(refuse_keyed_lines))
}

fn keys<S>(records: S) -> IdempotencyLayer<S> {
    IdempotencyLayer::new(records)
        .lease(LEASE)
        .max_request(MAX_BODY)
        .max_response(MAX_ANSWER)
        .fingerprint_headers([CONTENT_TYPE, IF_MATCH, PREFER])
}

/// A body of lines is never held as a whole, and its answer is not kept.
async fn refuse_keyed_lines(request: Request, next: Next) -> Result<Response, Problem> {
    let has_key = request.headers().contains_key(IDEMPOTENCY_KEY);
    if has_key && are_lines(request.headers()) {
        let detail = "lines are answered while they arrive, so they cannot be repeated under an \
                      Idempotency-Key; send a batch of JSON, or leave the key out";
        let error = FieldError::header("Idempotency-Key", "is not taken with lines");
        let problem = Problem::bad_request(detail).error(error);
        return Err(problem.code("idempotency_key_not_taken"));
    }
    Ok(next.run(request).await)
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
    async fn the_migrations_make_the_tables_that_the_stores_want() {
        let sqlite = SqlStore::new(SqlitePool::connect_lazy("sqlite::memory:").expect("a pool"));
        let migration = concat!(
            include_str!("../migrations/sqlite/0004_idempotency.sql"),
            include_str!("../migrations/sqlite/0005_idempotency_leases.sql"),
        );
        assert_eq!(bare(migration), bare(sqlite.schema()));
        let pool = PgPool::connect_lazy("postgres://localhost").expect("a pool");
        let migration = concat!(
            include_str!("../migrations/postgres/0004_idempotency.sql"),
            include_str!("../migrations/postgres/0005_idempotency_leases.sql"),
        );
        assert_eq!(bare(migration), bare(SqlStore::new(pool).schema()));
    }
}
