//! Entity tags, `Last-Modified` and preconditions: 304 for readers, 412 and 428 for writers
//! ([RFC 9110 §13], [RFC 6585 §3]).
//!
//! For APIs whose clients change what others change too: a client sends the tag of the state that it
//! has seen, and nobody's change is overwritten unseen. Its reads cost no body while nothing has
//! changed.
//!
//! # Example
//! ```
//! use api_patterns::conditional::{ETag, Preconditions};
//! use api_patterns::problem::Problem;
//! use axum::response::{IntoResponse, Response};
//! use axum::{Json, Router, routing::get};
//! # use axum::{body::Body, extract::State, http::Request};
//! # use std::sync::{Arc, Mutex};
//! # use tower::ServiceExt as _;
//! # #[derive(Clone, Default, serde::Serialize)]
//! # struct Note { text: String, #[serde(skip)] version: i64 }
//! # type Notes = State<Arc<Mutex<Note>>>;
//!
//! async fn show(when: Preconditions, State(notes): Notes) -> Response {
//!     let note = notes.lock().unwrap().clone();
//!     when.respond(ETag::version(note.version), Json(note))        // 200 with ETag, or 304
//! }
//!
//! async fn change(when: Preconditions, State(notes): Notes, text: String) -> Result<Response, Problem> {
//!     let when = when.require()?;                                 // 428; leave it out to permit blind changes
//!     let mut note = notes.lock().unwrap();
//!     when.check(ETag::version(note.version))?;                   // 412
//!     *note = Note { text, version: note.version + 1 };
//!     Ok(when.respond(ETag::version(note.version), Json(note.clone())))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
//! let app = Router::new().route("/note", get(show).patch(change));
//! # let app = app.with_state(Arc::default());
//! # let send = async |method: &str, field: &str, tag: &str| {
//! #     let request = Request::builder().method(method).uri("/note").header(field, tag);
//! #     app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
//! # };
//! # let response = send("GET", "accept", "*/*").await;
//! assert_eq!(response.headers()["etag"], "\"0\"");
//! # let response = send("GET", "if-none-match", "\"0\"").await;
//! // GET, If-None-Match: "0"
//! assert_eq!(response.status(), 304);
//! # let response = send("PATCH", "accept", "*/*").await;
//! // PATCH
//! assert_eq!(response.status(), 428);
//! # let response = send("PATCH", "if-match", "\"0\"").await;
//! // PATCH, If-Match: "0"
//! assert_eq!((response.status().as_u16(), &response.headers()["etag"]), (200, &"\"1\"".parse()?));
//! # let response = send("PATCH", "if-match", "\"0\"").await;
//! // and once more
//! assert_eq!((response.status().as_u16(), &response.headers()["etag"]), (412, &"\"1\"".parse()?));
//! # Ok(()) }
//! ```
//!
//! Between a `check` and the change another request may come. A statement that has the version in
//! its `WHERE` clause leaves no such gap; `push_where` writes that.
//!
//! # Example: one statement
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use api_patterns::conditional::{ETag, Preconditions, Validators};
//! use api_patterns::problem::Problem;
//! use axum::response::Response;
//! use axum::Json;
//! use sqlx::{QueryBuilder, SqlitePool};
//! # use axum::http::{HeaderMap, Method};
//!
//! async fn rename(db: &SqlitePool, id: i64, name: &str, when: Preconditions) -> Result<Response, Problem> {
//!     let mut query = QueryBuilder::new("UPDATE products SET version = version + 1, name = ");
//!     query.push_bind(name).push(" WHERE id = ").push_bind(id);
//!     when.push_where(&mut query, "version");                     // AND `version` = ?
//!     query.push(" RETURNING version");
//!     let changed: Option<i64> = query.build_query_scalar().fetch_optional(db).await.map_err(Problem::internal)?;
//!     match changed {
//!         Some(version) => Ok(when.respond(ETag::version(version), Json(name))),
//!         // 404 where there is no such product, 412 where it is in another state.
//!         None => Err(when.missed(ETag::version(version_of(db, id).await?))),
//!     }
//! }
//!
//! async fn version_of(db: &SqlitePool, id: i64) -> Result<i64, Problem> {
//!     let found = sqlx::query_scalar("SELECT version FROM products WHERE id = $1").bind(id);
//!     let found = found.fetch_optional(db).await.map_err(Problem::internal)?;
//!     found.ok_or_else(|| Problem::not_found("there is no such product"))
//! }
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), axum::BoxError> {
//! # let db = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
//! # sqlx::query("CREATE TABLE products (id INTEGER, name TEXT, version INTEGER)").execute(&db).await?;
//! # sqlx::query("INSERT INTO products VALUES (1, 'lamp', 7)").execute(&db).await?;
//! # let when = |tag: &'static str| {
//! #     let headers = HeaderMap::from_iter([(axum::http::header::IF_MATCH, tag.parse().unwrap())]);
//! #     Preconditions::parse(&Method::PATCH, &headers)
//! # };
//! # assert_eq!(rename(&db, 1, "desk lamp", when("\"7\"")?).await?.headers()["etag"], "\"8\"");
//! # assert_eq!(rename(&db, 1, "my lamp", when("\"7\"")?).await.unwrap_err().status(), 412);
//! # assert_eq!(rename(&db, 2, "my lamp", when("\"7\"")?).await.unwrap_err().status(), 404);
//! # Ok(()) }
//! ```
//!
//! # Example: tags of contents
//! Where there is no version, the layer makes a tag of each answer.
//! ```
//! use api_patterns::conditional::ETagLayer;
//!
//! # fn routes() -> axum::Router { axum::Router::new() }
//! let app = routes().layer(ETagLayer::new().max_size(64 * 1024));
//! # let _ = app;
//! ```
//!
//! # Which tag fits which
//! Two renderings of one state are not the same byte by byte, so they must not share a strong tag.
//! And compression on the way changes the bytes too, so proxies change the tag. For tags of
//! [`ETag::version`] and [`ETag::of`] it is known what was appended, and by whom:
//!
//! | sent by the client | by whom | `If-Match: …` at state 7 | `If-None-Match: …` on a `GET` as JSON |
//! | --- | --- | --- | --- |
//! | `"7"` | [`respond`](Preconditions::respond), JSON | fits | fits |
//! | `"7-hal+json"` | `respond`, other media types | fits: it is the same state | does not fit: it is another representation |
//! | `"7-gzip"`, `"7--gzip"`, `"7;gzip"` | proxies, for `gzip`, `br`, `zstd`, `deflate` | fits | fits |
//! | `"7-hal+json-gzip"` | both | fits | does not fit |
//! | `W/"7"` | proxies | does not fit; with [`accept_weakened`](Preconditions::accept_weakened) it does | fits |
//! | `"8"`, `"7.1"`, `"7:gzip"`, `"07"` | nobody | does not fit | does not fit |
//!
//! `If-None-Match` on other methods than `GET` and `HEAD` asks for the state, as `If-Match` does.
//! [`If-Range`](Preconditions::applies_to_range) takes the tag character by character, since parts of
//! two codings do not fit together. Tags of [`ETag::strong`] and [`ETag::weak`] are the
//! application's own and get nothing appended, so an application that has several renderings names
//! them itself.
//!
//! # Deployment caveat
//! * A strong tag promises the same bytes for the same version. Where an answer depends on more,
//!   the caller's rights or `Accept-Language`, say so in `Vary`, or send
//!   [weak](ETag::weakened) tags and keep strong ones for states.
//! * nginx weakens the tags of what it compresses; changes by clients behind it then fail with 412
//!   unless [`accept_weakened`](Preconditions::accept_weakened) is called, or `gzip off` is set for
//!   the API.
//! * What is deleted and made again at the same address must not begin with an old version: clients
//!   that know the old one would take the new one for it.
//! * `Last-Modified` tells seconds only: two changes within one look the same. Where it is
//!   sent, check dates with [`check`](Preconditions::check); `push_where` does not look at them.
//!
//! # Design
//! [`evaluate`](Preconditions::evaluate) is a pure function in the order of RFC 9110 §13.2.2; all
//! others act on what it says. A request without such fields costs five look-ups in its headers.
//!
//! [RFC 9110 §13]: https://www.rfc-editor.org/rfc/rfc9110#section-13
//! [RFC 6585 §3]: https://www.rfc-editor.org/rfc/rfc6585#section-3

mod body;
mod etag;
mod extract;
mod future;
mod layer;
#[cfg(feature = "utoipa")]
mod openapi;
mod preconditions;
mod response;
#[cfg(feature = "__sqlx")]
mod sql;
mod suffix;
mod validators;
mod verdict;

pub use self::etag::{ETag, InvalidETag};
pub use self::future::ResponseFuture;
pub use self::layer::{ETagLayer, ETagService};
#[cfg(feature = "utoipa")]
pub use self::openapi::{ReadPreconditions, RequiredPreconditions, WritePreconditions};
pub use self::preconditions::Preconditions;
pub use self::validators::Validators;
pub use self::verdict::Verdict;
