//! Keyset cursors that never skip or repeat a row, and numbered pages.
//!
//! For lists that grow, change while they are read, or are read to the end. Derive [`Keyset`] on
//! the row, take a [`PageRequest`], return a [`CursorPage`]:
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # mod example {
//! use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
//! use api_patterns::problem::Problem;
//! use axum::extract::State;
//! use serde::Serialize;
//! use sqlx::{FromRow, SqlitePool};
//!
//! #[derive(Serialize, FromRow, Keyset)]
//! #[keyset(unique = id, default = "-created_at", sortable(created_at, price_cents, name, rating))]
//! struct Product { id: i64, name: String, price_cents: i64, rating: Option<f64>, created_at: i64 }
//!
//! async fn list(page: PageRequest<Product>, State(db): State<SqlitePool>) -> Result<CursorPage<Product>, Problem> {
//!     page.fetch(&db, |q| { q.push("SELECT * FROM products WHERE active = ").push_bind(true); }).await
//! }
//! # }
//! ```
//!
//! `GET /products?sort=-price_cents,name&limit=50` answers
//!
//! ```json
//! {"items": [], "next_cursor": null, "previous_cursor": null, "has_more": false}
//! ```
//!
//! with `Link: <…>; rel="first"`, `self`, and `next` and `prev` where they exist. Clients send a cursor
//! back with the other parameters as they were.
//!
//! # Example: signed cursors
//! A layer sets how cursors are protected and how long pages are:
//!
//! ```
//! # use api_patterns::pagination::{CursorKey, Pagination};
//! # fn layer(secret: &[u8], old: &[u8]) -> Result<Pagination, api_patterns::pagination::CursorKeyError> {
//! Ok(Pagination::signed([CursorKey::new(secret)?, CursorKey::new(old)?]).max_limit(200))
//! # }
//! ```
//!
//! # Order
//! `?sort=` takes names from `sortable(…)`, `-` before a descending one. The unique field is
//! appended, in the direction of the first, so that the order is total. NULLs come last whatever
//! the direction, or first for a field in `nulls_first(…)`.
//!
//! # Cursors
//! A cursor holds the values of the order's fields at the edge of its page, without loss, and is
//! bound to the order, the path and all other query parameters but `limit` and `include_total`:
//! with another sort or filter it is a 400 problem and never a wrong page. It is checked for
//! length before it is decoded, and for types before it reaches a database. It grants nothing:
//! authorize each page as if it were the first.
//!
//! # Indexes
//! A page costs the same at every depth when an index has the columns of the order, the unique
//! one last: `(created_at, id)` serves `created_at` and `-created_at`. A plain index serves a
//! nullable leading column too, with NULLs at either end. Where directions differ, or where a
//! nullable column is not the first, the index has to be declared as the order is:
//! `(price DESC, name)`.
//!
//! # Differences from other libraries
//! A page before a cursor comes in the same order as one after it. Rows inserted and deleted
//! between two pages move no other row across them. NULLs, ties and mixed directions need no
//! care. The order's columns are read from the row that is returned, so one that was not
//! selected is an error and not a hole.
//!
//! # Deployment caveat
//! Instances behind one address need the same keys and the same settings.
//!
//! A cursor finds its place by the values of the row at the edge of its page, so a column has to
//! give back what is bound for it. SQLite keeps timestamps as text: where it is not the text that
//! sqlx writes for the type (`CURRENT_TIMESTAMP` is not), pages are refused with a 500 that names
//! the column, and so are an `f32` or a `bool` read from a column that holds more than they do.
//! Convert such a column in the query, or store integers. A `DECIMAL` of MariaDB with more than 28
//! digits is not noticed. SQLite stores the float NaN as NULL.
//!
//! Text that is sorted by stands in the cursor: bound its length where it comes in, below three
//! quarters of [`Pagination::max_cursor`].

mod config;
mod extract;
#[cfg(feature = "__sqlx")]
mod fetch;
mod key;
mod keyset;
#[cfg(feature = "links")]
mod linked;
mod memory;
mod offset;
#[cfg(feature = "utoipa")]
pub(crate) mod openapi;
mod order;
mod page;
mod relay;
mod scan;
mod statement;
mod stream;
mod token;

pub use self::config::{Pagination, Totals};
pub use self::extract::PageRequest;
#[cfg(feature = "__sqlx")]
pub use self::fetch::{BindKeyset, bind_key};
pub use self::key::{Key, KeyError, KeyReader, KeyValue, KeyWriter};
pub use self::keyset::{Access, Field, Keyset, Nulls};
pub use self::offset::{OffsetPage, OffsetRequest};
pub use self::order::Direction;
pub use self::page::{CursorPage, Total};
pub use self::relay::{Connection, Edge, PageInfo, RelayRequest};
pub use self::scan::{Position, Scan};
pub use self::statement::{Bind, Statement};
pub use self::stream::PageStream;
pub use self::token::{CursorError, CursorKey, CursorKeyError};

/// Derives [`Keyset`](trait@Keyset) for a struct with named fields.
///
/// ```
/// use api_patterns::pagination::Keyset;
///
/// #[derive(Keyset)]
/// #[keyset(
///     unique = id,                           // or unique(tenant, id)
///     default = "-created_at",               // the order when the client names none
///     sortable(created_at, name, rating),    // what `?sort=` may name
///     nulls_first(rating),                   // NULLs come last elsewhere
/// )]
/// struct Product {
///     id: i64,
///     #[keyset(rename = "title", column = "product_name")]
///     name: String,
///     rating: Option<f64>,
///     created_at: i64,
/// }
/// ```
///
/// On a field:
///
/// * `rename = "…"`: its name for clients;
/// * `column = "…"`: its column in the result of the query, where that has another name;
/// * `sql_as = Type`: the type to bind, made from the field by `Into`, for types that sqlx does
///   not know: `#[keyset(sql_as = jiff_sqlx::Timestamp)]`.
///
/// Only fields that the attributes name have to be keys. The unique ones must not be nullable.
#[cfg(feature = "macros")]
pub use api_patterns_macros::Keyset;

/// Derives [`Key`](trait@Key) for a struct with one unnamed field that is a key.
///
/// The database binds the newtype itself: `#[derive(sqlx::Type)] #[sqlx(transparent)]`.
#[cfg(feature = "macros")]
pub use api_patterns_macros::Key;
