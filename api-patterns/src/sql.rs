//! Which SQL a database speaks: the ground that [`filter`](crate::filter) and
//! [`pagination`](crate::pagination) write their statements on.

use std::fmt;

/// A family of SQL databases with the same syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL: `$1` placeholders, `"quoted"` names.
    Postgres,
    /// SQLite: `?` placeholders, `` `quoted` `` names.
    Sqlite,
    /// MySQL and MariaDB: `?` placeholders, `` `quoted` `` names.
    MySql,
}

impl Dialect {
    /// A column name, quoted. Each dot separates a qualifier: `p.name` is two names.
    pub fn quote(self, name: &str) -> Quoted<'_> {
        Quoted {
            dialect: self,
            name,
        }
    }
}

/// A quoted column name; see [`Dialect::quote`].
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a> {
    dialect: Dialect,
    name: &'a str,
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.dialect {
            // SQLite takes an unknown name in double quotes for a string.
            Dialect::MySql | Dialect::Sqlite => '`',
            Dialect::Postgres => '"',
        };
        for (nth, part) in self.name.split('.').enumerate() {
            if nth > 0 {
                f.write_str(".")?;
            }
            write!(f, "{mark}")?;
            for c in part.chars() {
                if c == mark {
                    write!(f, "{mark}")?;
                }
                write!(f, "{c}")?;
            }
            write!(f, "{mark}")?;
        }
        Ok(())
    }
}

/// A value as it lies in a column, for the check that it can be found again.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq)]
pub enum Stored {
    Any,
    Integer(i64),
    Real(f64),
    Text(String),
}

impl Stored {
    /// Whether a column that holds `self` is found by a key that is bound as `key`.
    #[cfg(all(feature = "pagination", feature = "__sqlx"))]
    pub(crate) fn is_found_by(&self, key: &Self) -> bool {
        match (self, key) {
            (Self::Integer(held), Self::Integer(bound)) => held == bound,
            (Self::Real(held), Self::Real(bound)) => held == bound || held.is_nan(),
            (Self::Text(held), Self::Text(bound)) => held == bound,
            // Another class means another type, by a conversion that is the application's.
            _ => true,
        }
    }
}

/// A sqlx database whose [`Dialect`] is known.
#[cfg(feature = "__sqlx")]
pub trait SqlDatabase: sqlx::Database {
    /// The SQL it speaks.
    const DIALECT: Dialect;

    /// All rows of a query.
    #[doc(hidden)]
    fn rows(
        query: sqlx::QueryBuilder<Self>,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Row>>> + Send;

    /// What lies in a column, where the database keeps values of several types in it.
    #[doc(hidden)]
    fn stored(row: &Self::Row, column: &str) -> Stored;

    /// The type to declare a parameter with.
    #[doc(hidden)]
    fn declared(bound: Self::TypeInfo) -> Self::TypeInfo {
        bound
    }

    /// The first column of the first row, a number.
    #[doc(hidden)]
    fn number(
        query: sqlx::QueryBuilder<Self>,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<i64>> + Send;

    /// Runs a statement, and tells how many rows it has touched.
    #[doc(hidden)]
    fn execute(
        query: sqlx::QueryBuilder<Self>,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<u64>> + Send;

    /// Runs one or more statements without parameters, in one round trip.
    #[doc(hidden)]
    fn script(
        sql: impl sqlx::SqlSafeStr + Send,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Starts a transaction that will write. On SQLite it takes the lock of writers at once: one
    /// that reads first and then writes is refused without a wait when another writer committed
    /// in between.
    fn begin_write(
        pool: &sqlx::Pool<Self>,
    ) -> impl Future<Output = sqlx::Result<sqlx::Transaction<'static, Self>>> + Send;

    /// The same, and where the database takes several statements at once, already at a savepoint
    /// `bulk_item`.
    #[doc(hidden)]
    fn begin_bulk(
        pool: &sqlx::Pool<Self>,
    ) -> impl Future<Output = sqlx::Result<sqlx::Transaction<'static, Self>>> + Send;

    /// The first column of the first row, text.
    #[doc(hidden)]
    fn text(
        query: sqlx::QueryBuilder<Self>,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<String>> + Send;
}

// A generic implementation would need a bound for each trait of sqlx that a query touches, and
// every caller would have to repeat them.
#[cfg(feature = "__sqlx")]
macro_rules! sql_database {
    ($($feature:literal: $database:ident is $dialect:ident, $begin:literal, $begin_bulk:expr; { $($item:item)* })*) => {$(
        #[cfg(feature = $feature)]
        impl SqlDatabase for sqlx::$database {
            const DIALECT: Dialect = Dialect::$dialect;

            async fn rows(
                mut query: sqlx::QueryBuilder<Self>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<Vec<Self::Row>> {
                query.build().fetch_all(connection).await
            }

            async fn number(
                mut query: sqlx::QueryBuilder<Self>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<i64> {
                query.build_query_scalar().fetch_one(connection).await
            }

            async fn execute(
                mut query: sqlx::QueryBuilder<Self>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<u64> {
                Ok(query.build().execute(connection).await?.rows_affected())
            }

            async fn script(
                sql: impl sqlx::SqlSafeStr + Send,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<()> {
                sqlx::Executor::execute(connection, sqlx::raw_sql(sql)).await?;
                Ok(())
            }

            async fn begin_write(
                pool: &sqlx::Pool<Self>,
            ) -> sqlx::Result<sqlx::Transaction<'static, Self>> {
                begin(pool, $begin).await
            }

            async fn begin_bulk(
                pool: &sqlx::Pool<Self>,
            ) -> sqlx::Result<sqlx::Transaction<'static, Self>> {
                begin(pool, $begin_bulk).await
            }

            async fn text(
                mut query: sqlx::QueryBuilder<Self>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<String> {
                query.build_query_scalar().fetch_one(connection).await
            }

            $($item)*
        }
    )*};
}

#[cfg(feature = "__sqlx")]
sql_database! {
    "postgres": Postgres is Postgres, "BEGIN", "BEGIN; SAVEPOINT bulk_item"; {
        fn stored(_: &Self::Row, _: &str) -> Stored {
            Stored::Any
        }

        // Left open for text: the parameter then takes the type of the column that it is compared
        // with. Declared as `text`, it would compare `citext` and `char(n)` as text, and that is
        // not the order they are sorted in.
        fn declared(bound: Self::TypeInfo) -> Self::TypeInfo {
            match sqlx::TypeInfo::name(&bound) {
                "TEXT" | "VARCHAR" => sqlx::postgres::PgTypeInfo::with_oid(sqlx::postgres::types::Oid(0)),
                _ => bound,
            }
        }
    }
    "sqlite": Sqlite is Sqlite, "BEGIN IMMEDIATE", "BEGIN IMMEDIATE; SAVEPOINT bulk_item"; {
        fn stored(row: &Self::Row, column: &str) -> Stored {
            stored::read::<Self>(row, column, |class| match class {
                "INTEGER" => stored::Class::Integer,
                "REAL" => stored::Class::Real,
                "TEXT" => stored::Class::Text,
                _ => stored::Class::Other,
            })
        }
    }
    "mysql": MySql is MySql, "START TRANSACTION", "START TRANSACTION"; {
        fn stored(row: &Self::Row, column: &str) -> Stored {
            stored::read::<Self>(row, column, |class| match class {
                "BOOLEAN" | "TINYINT" => stored::Class::Integer,
                "DOUBLE" => stored::Class::Real,
                _ => stored::Class::Other,
            })
        }
    }
}

/// Starts a transaction on a connection that is in none.
///
/// A database may end a transaction by itself, as SQLite does when its disk is full. sqlx then cannot
/// end it, goes on counting it, and refuses to start another on that connection for ever.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
async fn begin<DB: sqlx::Database>(
    pool: &sqlx::Pool<DB>,
    statement: &'static str,
) -> sqlx::Result<sqlx::Transaction<'static, DB>>
where
    sqlx::pool::PoolConnection<DB>: Into<sqlx::pool::MaybePoolConnection<'static, DB>>,
{
    loop {
        let mut connection = pool.acquire().await?;
        if !sqlx::Connection::is_in_transaction(&*connection) {
            let statement = sqlx::SqlStr::from_static(statement);
            return sqlx::Transaction::begin(connection, Some(statement)).await;
        }
        connection.close_on_drop();
    }
}

#[cfg(any(feature = "sqlite", feature = "mysql"))]
mod stored {
    use super::Stored;
    use sqlx::{ColumnIndex, Database, Decode, Row, TypeInfo as _, ValueRef as _};

    pub(super) enum Class {
        Integer,
        Real,
        #[allow(
            dead_code,
            reason = "only SQLite keeps text where other types are declared"
        )]
        Text,
        Other,
    }

    /// The value of a column, by the class that the database says it is of.
    pub(super) fn read<DB>(row: &DB::Row, column: &str, class: fn(&str) -> Class) -> Stored
    where
        DB: Database,
        for<'c> &'c str: ColumnIndex<DB::Row>,
        for<'r> i64: Decode<'r, DB>,
        for<'r> f64: Decode<'r, DB>,
        for<'r> String: Decode<'r, DB>,
    {
        let Ok(value) = row.try_get_raw(column) else {
            return Stored::Any;
        };
        let class = if value.is_null() {
            Class::Other
        } else {
            class(value.type_info().name())
        };
        let stored = match class {
            Class::Integer => i64::decode(value).map(Stored::Integer),
            Class::Real => f64::decode(value).map(Stored::Real),
            Class::Text => String::decode(value).map(Stored::Text),
            Class::Other => return Stored::Any,
        };
        stored.unwrap_or(Stored::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn names_are_quoted_part_by_part() {
        let table = [
            (Dialect::Postgres, "p.name", "\"p\".\"name\""),
            (Dialect::Postgres, "we\"ird", "\"we\"\"ird\""),
            (Dialect::Sqlite, "p.name", "`p`.`name`"),
            (Dialect::MySql, "p.na`me", "`p`.`na``me`"),
        ];
        for (dialect, name, quoted) in table {
            assert_eq!(dialect.quote(name).to_string(), quoted);
        }
    }
}
