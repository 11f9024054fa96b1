//! Pages through sqlx.

use std::fmt::Display;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Acquire, Encode, FromRow, QueryBuilder, Type};

use super::Totals;
use super::extract::{PageRequest, refused};
use super::key::{Key, KeyError, KeyReader};
use super::keyset::Keyset;
use super::page::{CursorPage, Total};
use super::statement::{Plan, Sink};
use super::token::CursorError;
use crate::problem::Problem;
use crate::sql::{Dialect, SqlDatabase, Stored};

/// A [`Keyset`] whose keys a database can bind; implemented by the derive.
pub trait BindKeyset<DB: SqlDatabase>: Keyset {
    /// Binds the key of `field` that comes next in `key`; `opaque` hides it from a planner that
    /// plans by values.
    ///
    /// # Errors
    /// When it is not a value of the field, or not one that the database can hold.
    fn bind(
        field: usize,
        key: &mut KeyReader<'_>,
        query: &mut QueryBuilder<DB>,
        opaque: bool,
    ) -> Result<(), KeyError>;
}

/// Binds the key of type `K` that comes next, as the SQL type `B`; for generated code.
#[doc(hidden)]
pub fn bind_key<DB, K, B>(
    key: &mut KeyReader<'_>,
    query: &mut QueryBuilder<DB>,
    opaque: bool,
) -> Result<(), KeyError>
where
    DB: SqlDatabase,
    K: Key + Into<B>,
    B: for<'q> Encode<'q, DB> + Type<DB>,
{
    let value = Declared(K::read(key)?.into());
    // `push_bind` panics where a value cannot be encoded: a date out of the database's range, in
    // a cursor that a client made up.
    let mut probe = DB::Arguments::default();
    sqlx::Arguments::add(&mut probe, &value).map_err(|_| KeyError::new())?;
    // At the end of a run of ties PostgreSQL expects few rows from `a = $1 AND id > $2`, finds the
    // plan for those values cheaper than the one for all values, and plans each execution anew,
    // which takes longer than to execute. A parameter whose type is left open has to stand bare.
    let bare = !opaque
        || DB::DIALECT != Dialect::Postgres
        || DB::declared(B::type_info()) != B::type_info();
    match bare {
        true => query.push_bind(value),
        false => query.push("(SELECT ").push_bind(value).push(")"),
    };
    Ok(())
}

/// A value under the type that its parameter is declared with.
struct Declared<B>(B);

impl<DB: SqlDatabase, B: Type<DB>> Type<DB> for Declared<B> {
    fn type_info() -> DB::TypeInfo {
        DB::declared(B::type_info())
    }
}

impl<'q, DB: SqlDatabase, B: Encode<'q, DB>> Encode<'q, DB> for Declared<B> {
    fn encode_by_ref(&self, buffer: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.0.encode_by_ref(buffer)
    }

    fn produces(&self) -> Option<DB::TypeInfo> {
        self.0.produces().map(DB::declared)
    }

    fn size_hint(&self) -> usize {
        self.0.size_hint()
    }
}

impl<T: Keyset> PageRequest<T> {
    /// Reads the page from a database through sqlx.
    ///
    /// `query` writes a `SELECT` without `ORDER BY` and `LIMIT`, with whatever joins, aliases and
    /// conditions; the columns that rows are ordered by must be in its result under the names
    /// that the [`Keyset`] gives them. It becomes a derived table and may be written several
    /// times, hence `Fn`. An index on the columns of the order makes every page cost the same.
    ///
    /// # Example
    /// ```
    /// # #[cfg(feature = "sqlite")]
    /// # mod example {
    /// use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
    /// use api_patterns::problem::Problem;
    /// use axum::extract::State;
    /// use sqlx::{FromRow, SqlitePool};
    ///
    /// #[derive(FromRow, Keyset)]
    /// #[keyset(unique = id, default = "-placed_at", sortable(placed_at, customer))]
    /// struct Order { id: i64, placed_at: i64, customer: String }
    ///
    /// async fn list(page: PageRequest<Order>, State(db): State<SqlitePool>) -> Result<CursorPage<Order>, Problem> {
    ///     page.fetch(&db, |q| {
    ///         q.push("SELECT o.id, o.placed_at, c.name AS customer FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.open = ")
    ///             .push_bind(true);
    ///     })
    ///     .await
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// An internal problem when the database fails; a 400 problem when it cannot hold a value
    /// that the client sent.
    ///
    /// # Cancel safety
    /// Only reads; dropping the future gives the connection back.
    // Written with `impl Future`, which says once that it is `Send` whatever `'c` is: an `async fn`
    // that takes `&mut PgConnection` is not proved to be.
    pub fn fetch<'c, DB, A, F>(
        self,
        db: A,
        query: F,
    ) -> impl Future<Output = Result<CursorPage<T>, Problem>> + Send
    where
        DB: SqlDatabase,
        A: Acquire<'c, Database = DB> + Send,
        F: Fn(&mut QueryBuilder<DB>) + Send + Sync,
        T: BindKeyset<DB> + for<'r> FromRow<'r, DB::Row> + Send + Unpin,
    {
        let acquired = db.acquire();
        async move {
            let failed = |error| failed(error, self.from_client);
            let statement = self.build(&query)?;
            let mut connection = acquired.await.map_err(failed)?;
            let total = match self.totals {
                Some(totals) => Some(
                    count(totals, &query, &mut connection)
                        .await
                        .map_err(failed)?,
                ),
                None => None,
            };
            let found = DB::rows(statement, &mut connection).await.map_err(failed)?;
            drop(connection);
            let rows = found.iter().map(T::from_row).collect::<Result<Vec<T>, _>>();
            let rows = rows.map_err(Problem::internal)?;
            let edges = [0, self.limit.min(rows.len()).saturating_sub(1)];
            for edge in edges {
                if let (Some(item), Some(row)) = (rows.get(edge), found.get(edge)) {
                    self.check_stored::<DB>(item, row)?;
                }
            }
            self.page_of(rows, total)
        }
    }

    /// A cursor finds its place only where what is bound for a key is what lies in the column. On
    /// SQLite a column of timestamps may hold text in another format than sqlx writes; an `f32`
    /// may have been read from a `DOUBLE`. Rows would be skipped without a word.
    fn check_stored<DB: SqlDatabase>(&self, item: &T, row: &DB::Row) -> Result<(), Problem> {
        for term in &self.scan.order.terms {
            let field = &T::FIELDS[term.field];
            let held = DB::stored(row, field.column);
            if held == Stored::Any {
                continue;
            }
            let bound = (field.stored)(item);
            if !held.is_found_by(&bound) {
                return Err(Problem::internal(format!(
                    "column `{}` holds {held:?}, but a cursor would look for {bound:?}: store what sqlx \
                     writes, read it as the type it is, or convert it in the query",
                    field.column
                )));
            }
        }
        Ok(())
    }

    /// The statement that [`fetch`](Self::fetch) runs, for `EXPLAIN`.
    ///
    /// # Errors
    /// A 400 problem when the database cannot hold a key of the cursor.
    pub fn build<DB>(
        &self,
        query: impl Fn(&mut QueryBuilder<DB>),
    ) -> Result<QueryBuilder<DB>, Problem>
    where
        DB: SqlDatabase,
        T: BindKeyset<DB>,
    {
        let mut out = Builder::<DB, T, _> {
            query: QueryBuilder::new(""),
            select: query,
            item: std::marker::PhantomData,
        };
        Plan::new(self, DB::DIALECT)
            .and_then(|plan| plan.write(&mut out))
            .map_err(|_| refused("cursor", CursorError::Malformed))?;
        Ok(out.query)
    }
}

struct Builder<DB: SqlDatabase, T, F> {
    query: QueryBuilder<DB>,
    select: F,
    item: std::marker::PhantomData<fn(&T)>,
}

impl<DB: SqlDatabase, T: BindKeyset<DB>, F: Fn(&mut QueryBuilder<DB>)> Sink for Builder<DB, T, F> {
    fn sql(&mut self, text: impl Display) {
        self.query.push(text);
    }

    fn select(&mut self) {
        (self.select)(&mut self.query);
    }

    fn key(&mut self, field: usize, mut key: KeyReader<'_>) -> Result<(), KeyError> {
        T::bind(field, &mut key, &mut self.query, false)
    }

    fn opaque_key(&mut self, field: usize, mut key: KeyReader<'_>) -> Result<(), KeyError> {
        T::bind(field, &mut key, &mut self.query, true)
    }
}

/// The number of rows of `query`, as far as `totals` wants to know it.
pub(super) async fn count<DB: SqlDatabase>(
    totals: Totals,
    query: &(impl Fn(&mut QueryBuilder<DB>) + Sync),
    connection: &mut DB::Connection,
) -> sqlx::Result<Total> {
    let cap = match (totals, DB::DIALECT) {
        (Totals::Capped(most), _) => Some(most),
        (Totals::Estimated, Dialect::Postgres) => return estimate(query, connection).await,
        (Totals::Estimated, _) => Some(10_000),
        (Totals::Exact | Totals::Refused, _) => None,
    };
    let mut statement = QueryBuilder::new("SELECT COUNT(*) FROM (");
    match cap {
        None => {
            query(&mut statement);
            statement.push(") AS page");
        }
        Some(most) => {
            statement.push("SELECT 1 AS one FROM (");
            query(&mut statement);
            statement.push(format_args!(
                ") AS page LIMIT {}) AS capped",
                most.saturating_add(1)
            ));
        }
    }
    let counted = DB::number(statement, connection).await?;
    let counted = u64::try_from(counted).unwrap_or_default();
    Ok(match cap {
        Some(most) if counted > most => Total::AtLeast(most),
        _ => Total::Exact(counted),
    })
}

// The first line of a plan: `Seq Scan on p  (cost=0.00..20834.00 rows=1000000 width=50)`.
async fn estimate<DB: SqlDatabase>(
    query: &(impl Fn(&mut QueryBuilder<DB>) + Sync),
    connection: &mut DB::Connection,
) -> sqlx::Result<Total> {
    let mut statement = QueryBuilder::new("EXPLAIN ");
    query(&mut statement);
    let plan = DB::text(statement, connection).await?;
    let rows = plan
        .split_once("rows=")
        .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    rows.map(Total::Estimate)
        .ok_or_else(|| sqlx::Error::Protocol(format!("no row count in the plan `{plan}`")))
}

/// The problem of a failed statement. SQLSTATEs of values that the database cannot hold are the
/// client's where it sent a filter or a cursor.
pub(super) fn failed(error: sqlx::Error, from_client: bool) -> Problem {
    const UNHOLDABLE: [&str; 6] = ["22003", "22007", "22008", "22021", "22P03", "22P05"];
    let state = error.as_database_error().and_then(|error| error.code());
    if from_client && state.is_some_and(|state| UNHOLDABLE.contains(&&*state)) {
        tracing::warn!(%error, "a value of the query string is refused by the database");
        return Problem::bad_request(
            "a value in the query string is outside of what the database can hold",
        )
        .code("invalid_parameter");
    }
    match error {
        // Every connection is taken: that passes, and says nothing about the statement.
        sqlx::Error::PoolTimedOut => {
            Problem::unavailable("no connection to the database came free")
                .public_detail("the database is busy; try again")
                .code("busy")
                .header(http::header::RETRY_AFTER, 1)
                .source(error)
        }
        _ => Problem::internal(error),
    }
}
