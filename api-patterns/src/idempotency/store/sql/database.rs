//! [`RecordDatabase`]: the databases that records can be kept in.

use sqlx::AssertSqlSafe;

use super::statements::{self, Statement};
use crate::sql::SqlDatabase;

/// A value to be bound.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Bytes(&'a [u8]),
    Number(i64),
}

/// A record as it lies in its row.
#[derive(Debug)]
pub struct Row {
    pub(super) fingerprint: Vec<u8>,
    pub(super) remaining: i64,
    pub(super) answer: Option<Vec<u8>>,
}

/// A database that a [`SqlStore`](super::SqlStore) can be kept in: PostgreSQL, SQLite, MySQL and
/// MariaDB. Not to be implemented elsewhere.
pub trait RecordDatabase: SqlDatabase {
    /// The statements that make the tables and their indexes, where they are not there yet, with
    /// `{table}`, `{index}`, `{leases}` and `{lease_index}` for their names.
    const SCHEMA: &'static str;

    /// Runs a statement that answers with no rows, and tells how many it has touched.
    #[doc(hidden)]
    fn touch(
        statement: &Statement,
        values: &[Value<'_>],
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Runs a statement that reserves: the fence, where a reservation was made.
    #[doc(hidden)]
    fn reserve(
        statement: &Statement,
        values: &[Value<'_>],
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<Option<i64>>> + Send;

    /// The one number that a statement answers with.
    #[doc(hidden)]
    fn count(
        statement: &Statement,
        values: &[Value<'_>],
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<i64>> + Send;

    /// Reads a record.
    #[doc(hidden)]
    fn read(
        statement: &Statement,
        values: &[Value<'_>],
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<Option<Row>>> + Send;

    /// Runs the statements that make the tables.
    #[doc(hidden)]
    fn create(
        schema: std::sync::Arc<str>,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;
}

/// A query with its values bound.
macro_rules! bound {
    ($statement:ident, $values:ident, $query:path) => {{
        let mut query = $query(AssertSqlSafe(std::sync::Arc::clone(&$statement.sql)));
        for nth in &$statement.order {
            query = match $values[*nth] {
                Value::Bytes(bytes) => query.bind(bytes.to_vec()),
                Value::Number(number) => query.bind(number),
            };
        }
        query
    }};
}

/// Generic, these would need a bound for each trait of sqlx that a query touches.
macro_rules! record_database {
    ($($feature:literal: $database:ident { $reserve:item })*) => {$(
        #[cfg(feature = $feature)]
        impl RecordDatabase for sqlx::$database {
            const SCHEMA: &'static str = statements::schema(Self::DIALECT);

            async fn touch(
                statement: &Statement,
                values: &[Value<'_>],
                connection: &mut Self::Connection,
            ) -> sqlx::Result<u64> {
                let done = bound!(statement, values, sqlx::query).execute(connection).await?;
                Ok(done.rows_affected())
            }

            $reserve

            async fn count(
                statement: &Statement,
                values: &[Value<'_>],
                connection: &mut Self::Connection,
            ) -> sqlx::Result<i64> {
                bound!(statement, values, sqlx::query_scalar).fetch_one(connection).await
            }

            async fn read(
                statement: &Statement,
                values: &[Value<'_>],
                connection: &mut Self::Connection,
            ) -> sqlx::Result<Option<Row>> {
                let row = bound!(statement, values, sqlx::query_as).fetch_optional(connection).await?;
                Ok(row.map(|(fingerprint, remaining, answer)| Row {
                    fingerprint,
                    remaining,
                    answer,
                }))
            }

            async fn create(
                schema: std::sync::Arc<str>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<()> {
                let schema = sqlx::raw_sql(AssertSqlSafe(schema));
                sqlx::Executor::execute(connection, schema).await?;
                Ok(())
            }
        }
    )*};
}

record_database! {
    "postgres": Postgres {
        async fn reserve(
            statement: &Statement,
            values: &[Value<'_>],
            connection: &mut Self::Connection,
        ) -> sqlx::Result<Option<i64>> {
            bound!(statement, values, sqlx::query_scalar).fetch_optional(connection).await
        }
    }
    "sqlite": Sqlite {
        async fn reserve(
            statement: &Statement,
            values: &[Value<'_>],
            connection: &mut Self::Connection,
        ) -> sqlx::Result<Option<i64>> {
            // To the end: the statement commits when it has been stepped through.
            let fences: Vec<i64> = bound!(statement, values, sqlx::query_scalar)
                .fetch_all(connection)
                .await?;
            Ok(fences.first().copied())
        }
    }
    "mysql": MySql {
        async fn reserve(
            statement: &Statement,
            values: &[Value<'_>],
            connection: &mut Self::Connection,
        ) -> sqlx::Result<Option<i64>> {
            let done = bound!(statement, values, sqlx::query).execute(connection).await?;
            let fence = i64::try_from(done.last_insert_id()).unwrap_or_default();
            Ok((fence > 1).then_some(fence))
        }
    }
}
