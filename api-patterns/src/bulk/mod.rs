//! Many items in one request, and what became of each: 207 Multi-Status.
//!
//! For clients that would otherwise send a request for each item. Take a [`Bulk`], return a
//! [`MultiStatus`]:
//!
//! ```
//! use api_patterns::bulk::{Bulk, MultiStatus};
//! use api_patterns::problem::{FieldErrors, Problem, Validate};
//! # use axum::body::{Body, to_bytes};
//! # use axum::http::{Request, StatusCode, header};
//! use axum::{Router, routing::post};
//! # use tower::ServiceExt as _;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Product { name: String, price_cents: i64 }
//!
//! impl Validate for Product {
//!     fn validate(&self, errors: &mut FieldErrors) {
//!         errors.check("price_cents", self.price_cents >= 0, "must be 0 or more");
//!     }
//! }
//!
//! async fn create(product: Product) -> Result<Product, Problem> {
//!     match product.name.as_str() {
//!         "lamp" => Err(Problem::conflict("there is a lamp already")),
//!         _ => Ok(product),
//!     }
//! }
//!
//! async fn create_all(Bulk(items): Bulk<Product, 100>) -> MultiStatus<Product> {
//!     items.run(create).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app: Router = Router::new().route("/products/bulk", post(create_all));
//! # let body = serde_json::json!({ "items": [
//! #     { "name": "desk", "price_cents": 9900 }, { "name": "lamp", "price_cents": 1 }, { "name": "bed", "price_cents": -1 }, "chair",
//! # ] });
//! # let request = Request::post("/products/bulk").header(header::CONTENT_TYPE, "application/json");
//! # let answer = app.oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
//! # assert_eq!(answer.status(), StatusCode::MULTI_STATUS);
//! # let answer = to_bytes(answer.into_body(), 9999).await.unwrap();
//! # let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
//! # assert_eq!(answer["created"], serde_json::json!([{ "name": "desk", "price_cents": 9900 }]));
//! # let indexes = answer["errors"].as_array().unwrap().iter().map(|error| error["index"].as_u64());
//! # assert_eq!(indexes.collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
//! # assert_eq!(answer["errors"][1]["problem"]["errors"][0]["pointer"], "/price_cents");
//! # }
//! ```
//!
//! A lamp, a price below zero and an item of the wrong type fail alone. Each has a problem of its
//! own, with JSON pointers into the item:
//!
//! ```json
//! {
//!   "created": [{"name": "desk", "price_cents": 9900}],
//!   "errors": [{"index": 1, "detail": "there is a lamp already", "status": 409, "problem": {"title": "Conflict"}}]
//! }
//! ```
//!
//! # Example: in one transaction
//! `Items::run_in` tries each item under a savepoint of one transaction, so that
//! `?mode=atomic` can keep all of them or none. `Items::insert_in` gives the same answer by one
//! statement for many items, and searches the culprits where it fails. Both take a pool, or
//! the transaction of the caller:
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # mod example {
//! # use api_patterns::bulk::{Bulk, MultiStatus};
//! # use api_patterns::problem::{FieldErrors, Problem, Validate};
//! # use axum::extract::State;
//! # use sqlx::{SqliteConnection, SqlitePool};
//! # #[derive(serde::Deserialize)]
//! # struct NewTag { name: String }
//! # impl Validate for NewTag { fn validate(&self, _: &mut FieldErrors) {} }
//! # struct Tags;
//! # impl Tags { async fn insert(&self, _: &mut SqliteConnection, _: NewTag) -> Result<i64, Problem> { Ok(1) } }
//! async fn create(State(db): State<SqlitePool>, Bulk(items): Bulk<NewTag>) -> Result<MultiStatus<i64>, Problem> {
//!     let tags = Tags;
//!     items.run_in(&db, async |tx, item| tags.insert(tx, item).await).await
//! }
//! # }
//! ```
//!
//! # Example: other names and defaults
//! A layer sets what clients may choose and how much they may send:
//!
//! ```
//! # use api_patterns::bulk::{BulkSettings, Mode};
//! # let app: axum::Router = axum::Router::new();
//! let app = app.layer(BulkSettings::new().mode_parameter("atomicity").default_mode(Mode::Atomic).item_envelopes());
//! ```
//!
//! # Example: updates, deletes, and items without end
//! [`Update`] is an item that names what it changes, [`BulkDelete`] a list of ids,
//! [`Outcome`] tells for each item of an upsert what it did, and [`BulkLines`] takes NDJSON:
//! lines that are read, run and answered as they arrive.
//!
//! # Differences from others
//! The status is 207 for a success of all items too, unless
//! [`uniform_status`](BulkSettings::uniform_status) is chosen: a client that looks at it alone learns that
//! it has to look at the items. A failure has the index of its item in the request, also where
//! items before it are wrong. An atomic request tells every culprit and not only the first.
//!
//! # Deployment caveat
//! A proxy that buffers requests or answers (`proxy_request_buffering` and `proxy_buffering` of
//! nginx) holds [`BulkLines`] back until they are whole. Answers to lines are sent while the
//! request is: a client has to read while it writes, as `curl -T -` and most libraries do, or ask for failures alone with
//! `Prefer: return=minimal`. One that does not read is not read from either.
//!
//! A 207 is a success for layers that look at statuses. An idempotency layer stores it, so the items that failed are
//! sent again with another key.
//!
//! # Design
//! The document is cut into the bytes of its items before any is deserialized, so the number of
//! items is known before anything is built of them, and one that is wrong cannot hide where the next begins.
//! In a transaction a failure is the item's if the database refused a statement, and the request's if the database or
//! the way to it failed: then nothing is kept, and the answer is one 5xx instead of one per item.
//! A search for culprits tries runs that are as long as culprits are rare and keeps what passes, so 10
//! of 1,000 items cost about 90 statements in place of 1,000.

mod choices;
mod config;
mod delete;
mod extract;
mod items;
mod lines;
#[cfg(feature = "utoipa")]
mod openapi;
mod outcome;
mod response;
mod split;
#[cfg(feature = "__sqlx")]
mod sql;
mod tally;
mod update;

pub use self::config::{BulkSettings, Mode};
pub use self::delete::{BulkDelete, Deleted};
pub use self::extract::Bulk;
pub use self::items::{Duplicates, Items};
pub use self::lines::{BulkLines, Cut, LineStatus};
#[doc(hidden)]
pub use self::lines::{Line, Splitter};
pub use self::outcome::{Cost, Outcome};
pub use self::response::MultiStatus;
#[cfg(feature = "__sqlx")]
pub use self::sql::Scope;
pub use self::update::Update;
