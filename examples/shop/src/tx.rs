//! The transaction of a request.
//!
//! The layer that keeps records of answers ends it: what a request did is there if and only if its
//! record is. A service is handed the transaction and never takes a connection beside it, since
//! requests that hold one and wait for a second starve the pool.

use std::ops::DerefMut;

use api_patterns::idempotency;
use api_patterns::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection};

/// What begins the transaction of a request, in whichever database there is.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Sqlite(idempotency::Work<Sqlite>),
    Postgres(idempotency::Work<Postgres>),
}

impl Work {
    /// The transaction of the request, which the first call begins.
    ///
    /// # Errors
    /// 503 where no connection came free in time.
    pub(crate) async fn begin(&self) -> Result<Tx<'static>, Problem> {
        Ok(match self {
            Self::Sqlite(work) => Tx::Sqlite(Box::new(work.begin().await?)),
            Self::Postgres(work) => Tx::Postgres(Box::new(work.begin().await?)),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Work {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match idempotency::Work::from_request_parts(parts, state).await {
            Ok(work) => Ok(Self::Sqlite(work)),
            Err(_) => idempotency::Work::from_request_parts(parts, state)
                .await
                .map(Self::Postgres),
        }
    }
}

/// The connection of a transaction, for as long as it is held.
pub(crate) enum Tx<'a> {
    Sqlite(Held<'a, SqliteConnection>),
    Postgres(Held<'a, PgConnection>),
}

/// That of the request, or one that is lent by whoever has it.
type Held<'a, C> = Box<dyn DerefMut<Target = C> + Send + 'a>;

/// Runs one expression with the connection of a transaction; it is compiled once for each database.
macro_rules! with_tx {
    ($tx:expr, $connection:ident => $body:expr) => {
        match $tx {
            $crate::tx::Tx::Sqlite(held) => {
                let $connection: &mut sqlx::SqliteConnection = &mut **held;
                $body
            }
            $crate::tx::Tx::Postgres(held) => {
                let $connection: &mut sqlx::PgConnection = &mut **held;
                $body
            }
        }
    };
}
pub(crate) use with_tx;

impl<'a> From<&'a mut SqliteConnection> for Tx<'a> {
    fn from(connection: &'a mut SqliteConnection) -> Self {
        Self::Sqlite(Box::new(connection))
    }
}

impl<'a> From<&'a mut PgConnection> for Tx<'a> {
    fn from(connection: &'a mut PgConnection) -> Self {
        Self::Postgres(Box::new(connection))
    }
}
