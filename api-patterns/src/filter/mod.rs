//! Filters from the query string: whitelisted per field and operator, typed, bound.
//!
//! For list endpoints whose clients choose what they see. `#[derive(Filter)]` on the row type says
//! which fields may be filtered and with which operators; everything else a client sends is a 400
//! problem that names what is allowed.
//!
//! # Example
#![cfg_attr(all(feature = "macros", feature = "sqlite"), doc = "```")]
#![cfg_attr(not(all(feature = "macros", feature = "sqlite")), doc = "```ignore")]
//! use api_patterns::filter::{Filter, Filters};
//! use sqlx::{QueryBuilder, Sqlite};
//!
//! #[derive(Filter)]
//! #[filter(search(name, description), param = "q")]
//! struct Product {
//!     #[filter(eq, in)]
//!     id: i64,
//!     #[filter(eq, like)]
//!     name: String,
//!     description: Option<String>,
//!     #[filter(gte, lte)]
//!     price_cents: i64,
//!     #[filter(gte, lte, is_null)]
//!     rating: Option<f64>,
//! }
//!
//! // In a handler: `async fn list(filters: Filters<Product>, ..)`.
//! let query = Some("price_cents[gte]=1000&name[like]=lamp&rating[is_null]=false");
//! let filters = Filters::<Product>::from_query(query)?;
//!
//! let mut select = QueryBuilder::<Sqlite>::new("SELECT * FROM products");
//! filters.push_where(&mut select);
//! assert_eq!(
//!     select.sql().as_str(),
//!     "SELECT * FROM products WHERE `price_cents` >= ? AND `name` LIKE ? ESCAPE '!' \
//!      AND `rating` IS NOT NULL",
//! );
//!
//! let problem = Filters::<Product>::from_query(Some("price_cents=5&color=red")).unwrap_err();
//! assert_eq!(problem.status(), 400);
//! # Ok::<(), api_patterns::problem::Problem>(())
//! ```
//!
//! # Example: without sqlx
//! [`Filters::conditions`] gives field, column, operator and checked text of each condition;
//! [`Filters::matches`] filters values in memory.
#![cfg_attr(feature = "macros", doc = "```")]
#![cfg_attr(not(feature = "macros"), doc = "```ignore")]
//! use api_patterns::filter::{Filter, Filters, Op};
//!
//! #[derive(Filter)]
//! #[filter(ignore("fields"))]
//! struct City {
//!     #[filter(eq, in, rename = "country", column = "c.country_code")]
//!     country_code: String,
//! }
//!
//! let filters = Filters::<City>::from_query(Some("country[in]=pt,br&fields=name"))?;
//! let condition = &filters.conditions()[0];
//! assert_eq!((condition.field().column(), condition.op()), ("c.country_code", Op::In));
//! assert_eq!(condition.values(), ["pt", "br"]);
//! assert!(filters.matches(&City { country_code: "br".to_owned() }));
//! # Ok::<(), api_patterns::problem::Problem>(())
//! ```
//!
//! # What a client writes
//! | parameter | matches |
//! | --- | --- |
//! | `category_id=3`, `category_id[eq]=3` | equal |
//! | `category_id[ne]=3` | another value; NULL is not one |
//! | `price_cents[gte]=1000`, and `lt`, `lte`, `gt` | in this range |
//! | `id[in]=1,2,3` | one of at most 100 values; `\,` and `\\` are a comma and a backslash within a value |
//! | `name[like]=50%` | contains this text literally: `%` and `_` are no wildcards |
//! | `rating[is_null]=true`, `false` | NULL, or anything else |
//! | `q=red lamp` | each of at most 10 words occurs in one of the search columns; a blank search is none |
//!
//! All conditions must hold, so a range is two parameters. The same field and operator twice is
//! refused; so are more than 20 conditions, more than 200 values in all `in` lists together, and
//! values longer than 1024 bytes. `cursor`, `limit`, `sort`, `include_total`, `page`, `page_size`,
//! `offset`, `first`, `after`, `last` and `before` belong to the pagination block and are skipped;
//! `#[filter(ignore("fields"))]` leaves further names to other extractors.
//!
//! # Columns
//! Conditions stand in the statement that the application writes, so a column is one that its
//! `WHERE` can name: of its tables, under its aliases, and not an alias of its `SELECT` list. Where
//! two tables of a join have a column of the same name, `column = "p.name"` says which; each dot
//! separates a qualifier. Whether the column is there, only the database can tell: a misspelt one
//! fails the statement, and the handler's answer is a 500.
//!
//! # Upper and lower case
//! `like` and the search ignore the case of ASCII letters everywhere. Other letters:
//!
//! | | |
//! | --- | --- |
//! | PostgreSQL (`ILIKE`) | folded as the collation of the column says; `C` folds none |
//! | SQLite (`LIKE`) | compared exactly; `PRAGMA case_sensitive_like` makes ASCII exact too |
//! | MySQL, MariaDB (`LOWER() LIKE LOWER()`) | folded; a `_ci` collation also ignores accents |
//! | [`Filters::matches`] | compared exactly |
//!
//! # Collations
//! All other operators compare text as the collation of the column does. Under MySQL's default
//! collations `eq`, `ne` and `in` ignore case and accents, and in MariaDB trailing spaces too; `lt`
//! orders by language under most of PostgreSQL's and all of MySQL's but the `_bin` ones. SQLite
//! compares bytes unless the column says `COLLATE NOCASE`. [`Filters::matches`] compares bytes:
//! it agrees with `"C"` in PostgreSQL, `BINARY` in SQLite and `utf8mb4_nopad_bin` in MariaDB.
//!
//! # Design
//! No text of the client becomes SQL. Column names come from the derive and are quoted; values are
//! parsed into the type of their field and bound as that type, a `like` pattern as text. A value
//! the type cannot hold is refused when the request is read, not by the database. One that fails to
//! be encoded, which only types of the application do, matches nothing: see [`FilterValue`].
//!
//! A cursor of the pagination block is bound to the filters it was made with, because its
//! fingerprint covers the query string.

mod bind;
mod condition;
mod extract;
mod invalid;
mod list;
mod memory;
mod op;
#[cfg(feature = "utoipa")]
mod openapi;
mod parse;
mod schema;
#[cfg(feature = "__sqlx")]
mod sql;
mod value;

/// Whitelists the fields of a struct for [`Filters`].
///
/// On a field, the operators a client may use: `eq`, `ne`, `lt`, `lte`, `gt`, `gte`, `in`, `like`
/// (text only, see [`FilterText`]) and `is_null` (`Option` only). A field without them cannot be
/// filtered. Beside them:
///
/// * `rename = "name"`: the name in the query string, else the name of the field;
/// * `column = "p.name"`: the column of the application's statement, else the name of the field; a
///   dot separates a qualifier, see [Columns](self#columns);
/// * `sql_as = Type`: binds values as `Type`, by its `From` of the field's type, for types that
///   sqlx cannot encode: `sql_as = jiff_sqlx::Timestamp`, or `sql_as = i64` for a `u32` on
///   PostgreSQL.
///
/// On the struct:
///
/// * `search(name, description)`: the text fields that the search looks in;
/// * `param = "q"`: its name in the query string, `q` unless given;
/// * `ignore("fields", "expand")`: query parameters of other extractors.
///
/// The type of a field, or what its `Option` holds, is a [`FilterValue`].
///
/// # Example
/// ```
/// use api_patterns::filter::Filter;
///
/// #[derive(Filter)]
/// #[filter(search(title), param = "search", ignore("expand"))]
/// struct Event {
///     #[filter(eq, in, column = "e.kind")]
///     kind: String,
///     #[filter(gte, lt, is_null, rename = "level")]
///     severity: Option<i16>,
///     title: String,
/// }
///
/// let level = &Event::fields()[1];
/// assert_eq!((level.name(), level.column(), level.nullable()), ("level", "severity", true));
/// ```
#[cfg(feature = "macros")]
pub use api_patterns_macros::Filter;

pub use condition::{Condition, Filters};
pub use op::Op;
pub use schema::{FieldSpec, Filter, SearchSpec};
#[cfg(feature = "__sqlx")]
pub use sql::{BindFilter, bind_filter_value};
pub use value::{FilterText, FilterValue};
