//! What items can be run in.

use sqlx::{Connection as _, Pool, Transaction};

use crate::sql::{Dialect, SqlDatabase};

/// What items can be run in: a pool, which gives a transaction of its own, or a transaction or
/// connection of the caller, in which the items are one savepoint.
///
/// For `&Pool`, `&mut Transaction`, and `&mut SqliteConnection`, `&mut PgConnection` or
/// `&mut MySqlConnection`.
// Without a lifetime of its own: with one, no future that holds it would be proved `Send`.
pub trait Scope: sealed::Scope {}

pub(super) mod sealed {
    use crate::sql::SqlDatabase;

    pub trait Scope: Send {
        type Database: SqlDatabase<Connection = Self::Connection>;
        type Connection: Send;
        type Unit: Unit<Database = Self::Database>;

        /// Whether a unit begins at the savepoint of the first attempt.
        const AT_SAVEPOINT: bool = false;

        fn begin(self) -> impl Future<Output = sqlx::Result<Self::Unit>> + Send;
    }

    /// What is kept or undone as a whole.
    pub trait Unit: Send {
        type Database: SqlDatabase;

        fn connection(&mut self) -> &mut <Self::Database as sqlx::Database>::Connection;
        fn commit(self) -> impl Future<Output = sqlx::Result<()>> + Send;
        fn rollback(self) -> impl Future<Output = sqlx::Result<()>> + Send;
    }
}

impl<DB: SqlDatabase> sealed::Unit for Transaction<'_, DB> {
    type Database = DB;

    fn connection(&mut self) -> &mut DB::Connection {
        self
    }

    async fn commit(self) -> sqlx::Result<()> {
        Transaction::commit(self).await
    }

    async fn rollback(self) -> sqlx::Result<()> {
        Transaction::rollback(self).await
    }
}

impl<DB: SqlDatabase> Scope for &Pool<DB> {}

impl<DB: SqlDatabase> sealed::Scope for &Pool<DB> {
    type Database = DB;
    type Connection = DB::Connection;
    type Unit = Transaction<'static, DB>;

    const AT_SAVEPOINT: bool = !matches!(DB::DIALECT, Dialect::MySql);

    async fn begin(self) -> sqlx::Result<Self::Unit> {
        DB::begin_bulk(self).await
    }
}

impl<DB: SqlDatabase> Scope for &mut Transaction<'_, DB> {}

impl<'c, DB: SqlDatabase> sealed::Scope for &'c mut Transaction<'_, DB> {
    type Database = DB;
    type Connection = DB::Connection;
    type Unit = Transaction<'c, DB>;

    async fn begin(self) -> sqlx::Result<Self::Unit> {
        (**self).begin().await
    }
}

macro_rules! connections {
    ($($feature:literal: $connection:ident of $database:ident)*) => {$(
        #[cfg(feature = $feature)]
        impl Scope for &mut sqlx::$connection {}

        #[cfg(feature = $feature)]
        impl<'c> sealed::Scope for &'c mut sqlx::$connection {
            type Database = sqlx::$database;
            type Connection = sqlx::$connection;
            type Unit = Transaction<'c, sqlx::$database>;

            async fn begin(self) -> sqlx::Result<Self::Unit> {
                sqlx::Connection::begin(self).await
            }
        }
    )*};
}

connections! {
    "sqlite": SqliteConnection of Sqlite
    "postgres": PgConnection of Postgres
    "mysql": MySqlConnection of MySql
}
