//! Which SQL a database speaks: the ground that [`filter`](crate::filter) and
//! [`pagination`](crate::pagination) write their statements on.

use std::fmt;

/// A family of SQL databases with the same syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// PostgreSQL: `$1` placeholders, `"quoted"` names.
    Postgres,
    /// SQLite: `?` placeholders, `"quoted"` names.
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
            Dialect::MySql => '`',
            Dialect::Postgres | Dialect::Sqlite => '"',
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

/// A sqlx database whose [`Dialect`] is known.
#[cfg(feature = "__sqlx")]
pub trait SqlDatabase: sqlx::Database {
    /// The SQL it speaks.
    const DIALECT: Dialect;

    /// All rows of a query.
    #[doc(hidden)]
    fn rows<T>(
        query: sqlx::QueryBuilder<Self>,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<Vec<T>>> + Send
    where
        T: for<'r> sqlx::FromRow<'r, Self::Row> + Send + Unpin;

    /// The first column of the first row, a number.
    #[doc(hidden)]
    fn number(
        query: sqlx::QueryBuilder<Self>,
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<i64>> + Send;

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
    ($($feature:literal: $database:ident is $dialect:ident),*) => {$(
        #[cfg(feature = $feature)]
        impl SqlDatabase for sqlx::$database {
            const DIALECT: Dialect = Dialect::$dialect;

            async fn rows<T>(
                mut query: sqlx::QueryBuilder<Self>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<Vec<T>>
            where
                T: for<'r> sqlx::FromRow<'r, Self::Row> + Send + Unpin,
            {
                query.build_query_as().fetch_all(connection).await
            }

            async fn number(
                mut query: sqlx::QueryBuilder<Self>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<i64> {
                query.build_query_scalar().fetch_one(connection).await
            }

            async fn text(
                mut query: sqlx::QueryBuilder<Self>,
                connection: &mut Self::Connection,
            ) -> sqlx::Result<String> {
                query.build_query_scalar().fetch_one(connection).await
            }
        }
    )*};
}

#[cfg(feature = "__sqlx")]
sql_database! {
    "postgres": Postgres is Postgres,
    "sqlite": Sqlite is Sqlite,
    "mysql": MySql is MySql
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn names_are_quoted_part_by_part() {
        let table = [
            (Dialect::Postgres, "p.name", "\"p\".\"name\""),
            (Dialect::Sqlite, "we\"ird", "\"we\"\"ird\""),
            (Dialect::MySql, "p.na`me", "`p`.`na``me`"),
        ];
        for (dialect, name, quoted) in table {
            assert_eq!(dialect.quote(name).to_string(), quoted);
        }
    }
}
