//! Requests that are safe to repeat: any number of copies of a request with one
//! [`Idempotency-Key`][draft] have its effect once.
//!
//! For every service whose clients repeat what they do not know the outcome of: a payment, an
//! order, a message. The layer runs the first copy, keeps its answer, and gives it to all others.
//!
//! # Example
//! ```
//! use api_patterns::idempotency::{IdempotencyLayer, MemoryStore};
//! use axum::{Router, http::StatusCode, routing::post};
//! # use axum::{body::Body, http::Request};
//! # use tower::ServiceExt as _;
//!
//! async fn order() -> (StatusCode, &'static str) {
//!     (StatusCode::CREATED, "ordered")
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
//! let app = Router::new()
//!     .route("/orders", post(order))
//!     .layer(IdempotencyLayer::new(MemoryStore::new()));
//!
//! # let send = async || {
//! #     let request = Request::post("/orders").header("Idempotency-Key", "8e03978e-40d5");
//! #     app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
//! # };
//! let first = send().await; // POST /orders, Idempotency-Key: 8e03978e-40d5
//! let again = send().await;
//! assert_eq!(again.status(), 201);
//! assert_eq!(again.headers()["idempotency-replayed"], "true");
//! # assert!(!first.headers().contains_key("idempotency-replayed"));
//! # Ok(()) }
//! ```
//!
//! # Example: required keys, copies that wait, accounts in place of credentials
//! ```
//! use std::time::Duration;
//! use api_patterns::idempotency::{IdempotencyLayer, MemoryStore};
//! use axum::http::request::Parts;
//!
//! #[derive(Clone)]
//! struct Account { id: u64 } // put into the extensions by a layer outside of this one
//!
//! let layer = IdempotencyLayer::new(MemoryStore::new())
//!     .required()
//!     .wait(Duration::from_secs(5))
//!     .principal(|parts: &Parts| parts.extensions.get::<Account>().map(|account| account.id));
//! # let _: axum::Router = axum::Router::new().layer(layer);
//! ```
//!
//! # Example: the effect and its record in one transaction
//! With a `SqlStore` (features `sqlite`, `postgres`, `mysql`) a handler writes through `Work`. The
//! layer commits that together with the record, or neither: there is no moment at which an instance
//! could die between the two.
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use api_patterns::idempotency::{IdempotencyLayer, SqlStore, Work};
//! use api_patterns::problem::Problem;
//! use axum::{Router, routing::post};
//! use sqlx::{Sqlite, SqlitePool};
//! # use axum::{body::Body, http::Request};
//! # use tower::ServiceExt as _;
//!
//! async fn order(work: Work<Sqlite>) -> Result<(), Problem> {
//!     let mut tx = work.begin().await?; // in place of `pool.begin()`; the layer commits
//!     let order = sqlx::query("INSERT INTO orders DEFAULT VALUES");
//!     order.execute(&mut *tx).await.map_err(Problem::internal)?;
//!     Ok(())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
//! # let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
//! # let pool: SqlitePool = options.connect("sqlite::memory:").await?;
//! # sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY)").execute(&pool).await?;
//! let store = SqlStore::new(pool.clone());
//! store.create_table().await?; // or a migration with `store.schema()`
//! let app = Router::new()
//!     .route("/orders", post(order))
//!     .layer(IdempotencyLayer::new(store));
//!
//! # let send = async || {
//! #     let request = Request::post("/orders").header("Idempotency-Key", "8e03978e-40d5");
//! #     app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
//! # };
//! assert_eq!(send().await.status(), 200); // POST /orders, Idempotency-Key: 8e03978e-40d5
//! assert_eq!(send().await.status(), 200);
//! let orders: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM orders").fetch_one(&pool).await?;
//! assert_eq!(orders, 1);
//! # Ok(()) }
//! ```
//!
//! # What a copy is told
//! A key belongs to one principal (the digest of `Authorization` unless
//! [set](IdempotencyLayer::principal)), one method and one route. Under it, a copy is the same
//! request where path, query, `Content-Type` and body are the same; of a JSON body the content
//! counts, see [`Fingerprint::of`].
//!
//! | a request | is answered |
//! | --- | --- |
//! | whose copy is done | as the copy was, with `Idempotency-Replayed: true` |
//! | whose copy is at work | 409 `idempotency_in_flight` with `Retry-After`; or it [waits](IdempotencyLayer::wait) |
//! | that is another one under the same key | 422 `idempotency_key_reused` |
//! | whose copy is done, but whose answer was too long or a stream | 409 `idempotency_answer_not_kept` |
//! | with a key that is none, or two of them | 400 `invalid_idempotency_key` |
//! | without a key, where it is [required](IdempotencyLayer::required) | 400 `idempotency_key_missing` |
//! | whose body is longer than [`max_request`](IdempotencyLayer::max_request) | 413 `payload_too_large` |
//! | whose body breaks off | 400 `incomplete_body`; the key stays free |
//! | whose reservation was lost to a copy elsewhere | as that copy, or 409 `idempotency_reservation_lost` |
//! | while the store cannot be asked, or whose transaction gave way to others | 503 `idempotency_unavailable` with `Retry-After`; where the store cannot be asked, unless [told otherwise](IdempotencyLayer::when_store_fails) |
//! | whose store fails for good (no table, a record it did not write, a transaction that cannot be committed) | 500, with the cause in the log |
//!
//! Requests of methods other than `POST` and `PATCH` pass untouched. So do those without a key, but
//! for a store that takes part in the effect: what their handlers did in its transaction is kept
//! where they succeed, and undone where they do not.
//!
//! # What is kept
//! Status, header fields and body, for [a day](IdempotencyLayer::keep). Not kept are `Set-Cookie`,
//! `Date`, and what belongs to one connection.
//!
//! * Answers of 2xx and 3xx.
//! * Answers of 4xx that judge the request itself: 400, 402, 410, 413, 415, 422 and the like. What
//!   depends on the time, on credentials or on the state of other things (401, 403, 404, 407 to
//!   409, 412, 421, 423 to 426, 428, 429) is not kept: the next copy runs.
//! * Answers of 5xx only with [`store_errors`](IdempotencyLayer::store_errors).
//!
//! Of a success whose body is longer than [`max_response`](IdempotencyLayer::max_response), or
//! whose length is not known beforehand (a stream), the record says only that it was there. It is
//! sent as it is; a copy is told by a 409 that it has been carried out, and does not run again.
//!
//! A stream may do its work while it is sent, so its request is done when it has been sent to the
//! end. If it fails before, or its client leaves, the key is free and the next copy runs: what was
//! committed on the way is done again, so work through the store's transaction or make each step
//! safe to repeat. If the end cannot be recorded together with the effect, the body is cut.
//!
//! # Handlers, clients and panics
//! A handler whose client leaves goes on, in a task of its own, and its answer is kept for the
//! client's next attempt; [`cancel_with_client`](IdempotencyLayer::cancel_with_client) says
//! otherwise. After a panic, which goes on, the key is free again. A reservation is a lease that is
//! renewed while the handler runs: an instance that dies holds up a key for
//! [10 seconds](IdempotencyLayer::lease) at most. A handler that is cut off from its store for
//! longer, and whose reservation somebody else has got, is stopped at its next `await`.
//!
//! # Among other layers
//! Layers that are added later are outside of those added before.
//!
//! * Inside: what makes an answer what it is. `LinksLayer` belongs here: outside it is unknown to a
//!   handler that goes on without its client, and links would be kept without their base.
//! * Outside: what answers in its own right or for one connection. `ProblemLayer`, so that it
//!   renders the problems of this layer (copies of a problem are rendered as the first was),
//!   authentication, rate limits, compression, request ids, CORS: the answer that is kept must not
//!   name the origin of the first client.
//! * Time limits on either side: outside, one ends the client's wait and the handler goes on;
//!   inside, it ends the handler, and so the key is free again.
//!
//! # Deployment caveat
//! * [`MemoryStore`] knows one process. Several instances need a store that they share.
//! * A copy gets the answer of the first, also where it asks for another language or rendering. Add
//!   `Accept` to [`fingerprint_headers`](IdempotencyLayer::fingerprint_headers) to have that
//!   refused.
//! * Anonymous clients share their keys, as do the users behind one credential; so do sessions in
//!   cookies, which the default principal does not look at. [Set](IdempotencyLayer::principal) it.
//! * A handler that blocks its thread is not renewed meanwhile, and one that never ends holds its key
//!   for as long. Those that go on without their client end with the runtime, and their keys with
//!   the lease.
//! * Where two layers cover a request, the outer one counts; the inner one lets it pass untouched.
//! * Every new key takes room in the store. Authentication and rate limits belong outside.
//! * Where the effect is not in the same store as the record, an instance that dies between the two
//!   leaves an effect without a record, and the next copy has it again. Only a store that takes part
//!   in the effect, as a `SqlStore` does, can do better.
//! * The time for which answers are kept is part of your API: publish it (§2.3 of the draft).
//!
//! # Differences from the draft, and from Stripe
//! The draft has keys in quotes; nearly all clients send them bare, so both are understood. As with
//! Stripe a key has up to 255 characters; unlike there, validation errors are kept and failures are
//! not, since a failed request had best be tried again.
//!
//! # Design
//! The decision is one atomic step of the [`Store`], whose contract is a suite of tests (feature `test-util`).
//! The body is read before it, so nothing is held while a client is slow. The handler runs where
//! the request runs and moves to a task only when its client leaves, so spans and the like stay in
//! place. A request without a key pays for a look at its method and headers, where the store takes no
//! part.
//!
//! [draft]: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07

mod body;
mod claim;
mod config;
mod digest;
mod exchange;
mod fingerprint;
mod future;
mod held;
mod key;
mod layer;
#[cfg(feature = "utoipa")]
mod openapi;
mod refusal;
mod replay;
mod scope;
mod service;
mod store;
#[cfg(feature = "__sqlx")]
mod work;

pub use self::config::StoreFailure;
pub use self::future::ResponseFuture;
pub use self::key::{IdempotencyKey, InvalidKey};
pub use self::layer::IdempotencyLayer;
#[cfg(feature = "utoipa")]
pub use self::openapi::IdempotentOperations;
pub use self::scope::Principal;
pub use self::service::IdempotencyService;
#[cfg(any(feature = "redis", feature = "__sqlx"))]
pub use self::store::Fronted;
#[cfg(feature = "redis")]
pub use self::store::RedisStore;
#[cfg(feature = "test-util")]
pub use self::store::conformance;
pub use self::store::{
    Answer, Claim, Effects, Fence, Fingerprint, Key, MemoryStore, Reservation, Store,
};
#[cfg(feature = "__sqlx")]
pub use self::store::{RecordDatabase, SqlStore};
#[cfg(feature = "__sqlx")]
pub use self::work::{SqlWork, Work, WorkTransaction};
