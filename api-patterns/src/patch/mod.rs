//! Partial updates: one `PATCH` route that takes merge patches ([RFC 7396]) and JSON Patches
//! ([RFC 6902]).
//!
//! For services whose resources change field by field. `#[derive(Patch)]` on the resource makes a
//! struct of its changes, in which "not mentioned", "null" and "this value" are three things and
//! null fits only where the field is an `Option`. What a client may not change is refused by name,
//! and only the columns that become another value are written.
//!
//! # Example
#![cfg_attr(all(feature = "macros", feature = "sqlite"), doc = "```")]
#![cfg_attr(not(all(feature = "macros", feature = "sqlite")), doc = "```ignore")]
//! use api_patterns::patch::{Patch, PatchRequest};
//! use api_patterns::problem::{Json, Problem};
//! use axum::extract::{Path, State};
//! use sqlx::{QueryBuilder, SqlitePool};
//! # use axum::{Router, body::Body, http::Request, routing::patch};
//! # use http_body_util::BodyExt as _;
//! # use tower::ServiceExt as _;
//!
//! #[derive(serde::Serialize, sqlx::FromRow, Patch)]
//! struct Product {
//!     #[patch(immutable)]
//!     id: i64,
//!     name: String,
//!     description: Option<String>,
//!     price_cents: i64,
//! }
//!
//! async fn change(
//!     Path(id): Path<i64>,
//!     State(db): State<SqlitePool>,
//!     patch: PatchRequest<Product>,
//! ) -> Result<Json<Product>, Problem> {
//!     let mut product: Product = sqlx::query_as("SELECT * FROM products WHERE id = ?")
//!         .bind(id)
//!         .fetch_one(&db)
//!         .await
//!         .map_err(Problem::internal)?;
//!     let changes = patch.changes(&product)?;
//!     if !changes.is_empty() {
//!         let mut update = QueryBuilder::new("UPDATE products SET ");
//!         changes.push_set(&mut update);
//!         update.push(" WHERE id = ").push_bind(id);
//!         update.build().execute(&db).await.map_err(Problem::internal)?;
//!         changes.apply_to(&mut product);
//!     }
//!     Ok(Json(product))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
//! # let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
//! # let db = options.connect("sqlite::memory:").await?;
//! # sqlx::raw_sql("CREATE TABLE products (id INTEGER, name TEXT, description TEXT, price_cents INTEGER);
//! #                INSERT INTO products VALUES (7, 'Lamp', 'It bends.', 1999)").execute(&db).await?;
//! # let app = Router::new().route("/products/{id}", patch(change)).with_state(db);
//! let request = Request::patch("/products/7")
//!     .header("content-type", "application/merge-patch+json")
//!     .body(Body::from(r#"{"description": null, "price_cents": 1499}"#))?;
//! let body = app.oneshot(request).await?.into_body().collect().await?.to_bytes();
//! assert_eq!(body, r#"{"id":7,"name":"Lamp","description":null,"price_cents":1499}"#);
//! # Ok(()) }
//! ```
//!
//! # Example: rules for new values
//! The changes are [`Validate`](crate::problem::Validate) where the application says so.
#![cfg_attr(feature = "macros", doc = "```")]
#![cfg_attr(not(feature = "macros"), doc = "```ignore")]
//! use api_patterns::patch::{Patch, PatchRequest};
//! use api_patterns::problem::{FieldErrors, Problem, Validate};
//!
//! #[derive(serde::Serialize, Patch)]
//! #[serde(rename_all = "camelCase")]
//! #[patch(immutable(id), accept_json, name = "ProductChanges")]
//! struct Product { id: i64, name: String, #[patch(column = "cents")] price_cents: i64 }
//!
//! impl Validate for ProductChanges {
//!     fn validate(&self, errors: &mut FieldErrors) {
//!         let is_price = |cents: &i64| *cents >= 0;
//!         errors.check("priceCents", self.price_cents.is_absent_or(is_price), "must be 0 or more");
//!     }
//! }
//!
//! let current = Product { id: 7, name: "Lamp".to_owned(), price_cents: 1999 };
//! let patch = PatchRequest::<Product>::from_bytes("application/json", br#"{"priceCents": -1}"#)?;
//! let problem = patch.changes(&current)?.validated().err().expect("a price below 0");
//! assert_eq!(problem.get_errors()[0].get_place(), "/priceCents");
//! # Ok::<(), Problem>(())
//! ```
//!
//! # What a client is told
//! | | |
//! | --- | --- |
//! | another `Content-Type`, or none | 415 `unsupported_media_type`, with `Accept-Patch` |
//! | `{}`, `[]` | 400 `empty_patch` |
//! | no JSON | 400 `malformed_json` |
//! | an unknown or immutable member, null or a wrong type for a value, a name given twice | 422 `invalid_body`, all of them at once, with the names that may be patched |
//! | the same within an object or an array: a name that the field's type does not read | 422 `invalid_body`, at its pointer, as `/address/steet` |
//! | a part of an object that holds more than its JSON shows | 422 `invalid_body` with `indivisible` |
//! | a `test` that finds another value | 409 `patch_test_failed`, with the operation's index |
//! | an operation on what is not there | 409 `patch_path_missing` |
//! | more than 256 operations | 422 `invalid_body` |
//! | `copy` of more than 1 MiB in all, a document deeper than 127 levels | 422 `patch_too_large`, `patch_too_deep` |
//!
//! Errors of a merge patch point at its members. Those of a JSON Patch point at the operation that is
//! to blame, and so does a result that does not fit: `/2/value` for what the third operation wrote.
//!
//! # What to mind
//! * A merge patch that names an immutable member is refused even where it repeats its value. A JSON
//!   Patch may `test` such a member, and even replace it by itself.
//! * Merge patches merge objects and replace everything else, arrays too. An object cannot say that
//!   another one is to be *replaced* by it: an enum whose variants are objects needs a JSON Patch
//!   (RFC 7396 §1).
//! * Two patches that are based on the same value can overwrite each other. Compare a version in the
//!   `UPDATE` (`If-Match`), or ask clients for a `test`.
//! * `push_set` writes nothing where nothing changes, and `UPDATE … SET WHERE` is no statement: ask
//!   `is_empty` first. A patch that only repeats the current values is a success without a write.
//! * What `#[serde(skip)]` hides within a nested value cannot be read back. Where the field's type is
//!   `PartialEq` and does not equal what its JSON makes of it, a change of a part is refused; a JSON
//!   Patch may `replace` it as a whole, and then what was hidden is gone. Of a type without
//!   `PartialEq` only what is in the JSON can be compared: derive it, or keep hidden data out of
//!   nested values. An array in a merge patch always replaces the whole array, with all that is
//!   hidden in its elements.
//! * An unknown name within a nested value is found by reading the value again with something else
//!   in its place, if reading and writing did not bring it back. So a member that takes everything
//!   and is never written counts as unknown; and where very many names are in doubt, the search is
//!   bounded and takes the rest for known. `deny_unknown_fields` on the nested type has no such bound.
//! * Whether a value is a new one is decided by its JSON, so a field that serializes to the same JSON
//!   for different values cannot be changed from one to the other.
//! * A member that `skip_serializing_if` leaves out is not there for a JSON Patch: `add` sets it,
//!   `replace` and `test` find nothing.
//! * Numbers are read as 64 bit integers or doubles before they become a field's type. A decimal of
//!   more digits is exact as a string.
//! * `null` is taken where the type is written as `Option<…>`; an alias of it is not seen through.
//!
//! # Design
//! Both forms end in the same question: is the new JSON of this member a value of the field's type,
//! and is it another one than before? A merge patch gives the new JSON directly, merged with the
//! current one where both are objects. A JSON Patch is applied to the JSON of the whole resource, and
//! the result is compared member by member. So a `move` or `copy` that ends in an immutable member is
//! refused like a `replace`, and what ends where it began is no change.
//!
//! serde tells nobody which members it passed over, least of all within flattened structs and tagged
//! enums. What was asked for is therefore compared with what the new value is written as, and only a
//! difference that serde may or may not have seen costs another reading.
//!
//! The library below applies operations one at a time to a copy, all or nothing, without bounds; a
//! `copy` doubles what it copies, and 30 of them would make a gigabyte. Each operation is measured
//! before it is applied.
//!
//! [RFC 6902]: https://www.rfc-editor.org/rfc/rfc6902
//! [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396

mod apply;
mod bind;
mod document;
mod extract;
mod field;
mod found;
mod ignored;
mod json;
mod merge;
#[cfg(feature = "utoipa")]
pub(crate) mod openapi;
mod operation;
pub(crate) mod read;
mod response;
mod schema;
#[cfg(feature = "__sqlx")]
mod sql;
mod unique;

/// Makes a struct a resource that can be patched: implements [`Patch`], and makes the struct of its
/// changes, `ProductPatch` for a `Product`.
///
/// The struct is `Serialize`; each field that may change is `Serialize` and `Deserialize`. The
/// attributes of serde count: names by `rename` and `rename_all`, those of `serialize` where the two
/// directions differ; values by `with`, `serialize_with` and `deserialize_with`. What is skipped in
/// serialization is not in the document, and what is skipped in deserialization is immutable.
///
/// | attribute of the struct | meaning |
/// | --- | --- |
/// | `immutable(id, created_at)` | clients cannot change these fields |
/// | `accept_json` | `application/json` is a merge patch, too |
/// | `name = "ProductChanges"` | the name of the struct of changes |
///
/// | attribute of a field | meaning |
/// | --- | --- |
/// | `immutable` | clients cannot change it |
/// | `column = "cents"` | its column, where that has another name than the field |
/// | `sql_as = Type` | binds it as `Type`, by its `From` of the field's type, or of what its `Option` holds |
///
/// # The struct of changes
/// It has the visibility of the resource, and one [`Field`] for each field that may change, as
/// visible as that is. It is `Default`, it is `Clone`, `Debug` and `PartialEq` where all these fields
/// are, and it has
///
/// * `is_empty(&self) -> bool`: no field changes;
/// * `changed(&self) -> impl Iterator<Item = &'static str>`: the fields that do, by their names in JSON;
/// * `apply_to(self, &mut Product)`: writes the new values;
/// * `push_set(&self, &mut QueryBuilder<DB>)` with a feature for a database: `column = value, …`, quoted
///   and bound;
/// * with the feature `utoipa`, `ToSchema` where the resource has it: the same members, none required.
///
/// # Example
/// ```
/// use api_patterns::patch::{Field, Patch};
///
/// #[derive(serde::Serialize, Patch)]
/// #[patch(immutable(id))]
/// struct Product { id: i64, name: String, rating: Option<f64> }
///
/// let mut product = Product { id: 7, name: "Lamp".to_owned(), rating: Some(8.5) };
/// let changes = ProductPatch { rating: Field::Value(None), ..Default::default() };
/// assert_eq!(changes.changed().collect::<Vec<_>>(), ["rating"]);
/// changes.apply_to(&mut product);
/// assert_eq!(product.rating, None);
/// ```
#[cfg(feature = "macros")]
pub use api_patterns_macros::Patch;

pub use self::extract::PatchRequest;
pub use self::field::Field;
pub use self::json::JsonPatch;
pub use self::merge::MergePatch;
pub use self::response::AcceptPatch;
pub use self::schema::{MemberSpec, Patch};
#[cfg(feature = "__sqlx")]
pub use self::sql::{BindPatch, SetClause};
