//! The blocks an [axum] service needs when it grows up, each adopted alone, behind one feature, in
//! about five lines.
//!
//! | block | what it does | feature |
//! | --- | --- | --- |
//! | [`problem`] | errors as RFC 9457 problem details: derive, extractors, a layer for axum's own | always |
//! | [`links`] | links of items and pages: a derive, five renderings, right behind proxies | `links` (default) |
//! | [`pagination`] | keyset cursors that never skip or repeat a row, numbered pages, Relay connections | `pagination` (default) |
//! | [`filter`] | whitelisted filters and text search from the query string | `filter` |
//! | [`bulk`] | many items in one request, an answer for each: 207, atomic or best effort, NDJSON | `bulk` (default) |
//! | [`patch`] | merge patch and JSON Patch from one derive; absent, null and a value are three things | `patch` |
//! | [`conditional`] | entity tags and preconditions: 304, 412, 428 | `conditional` |
//! | [`idempotency`] | requests that are safe to repeat: one effect, one answer, in memory, Redis or your own transaction | `idempotency` |
//! | [`proxy`] | which forwarding headers are believed, and the base URL of links | `links` (default) |
//! | [`openapi`] | what an OpenAPI document says of all of these | `utoipa` |
//!
//! Blocks that share a store run in memory by default and move to another one by changing one
//! constructor. What goes over the wire follows the published standard where there is one.
//!
//! # Features
//! | feature | what it adds | Rust |
//! | --- | --- | --- |
//! | `macros` (default) | the derives | 1.88 |
//! | `pagination` (default) | cursors and pages; two small crates to sign them | 1.88 |
//! | `links` (default) | links and base URLs; `itoa`, and axum's `tokio` for the address of the peer | 1.88 |
//! | `filter` | filters | 1.88 |
//! | `bulk` (default) | many items in one request | 1.88 |
//! | `patch` | partial updates, with `json-patch` | 1.88 |
//! | `conditional` | entity tags and preconditions, with `httpdate` and `sha2` | 1.88 |
//! | `idempotency` | `Idempotency-Key`, with `tokio` and `sha2` | 1.88 |
//! | `redis` | stores that instances share | 1.88 |
//! | `utoipa` | OpenAPI schemas, parameters and responses | 1.88 |
//! | `sealed-cursors` | cursors that clients cannot read | 1.88 |
//! | `jiff`, `chrono`, `time`, `decimal` | their types as keys and filter values | 1.88 |
//! | `uuid` | UUIDs as keys and filter values | 1.89 |
//! | `sqlite`, `postgres`, `mysql` | pages, filters, bulk statements, changed columns and idempotency records through sqlx 0.9 | 1.94 |
//! | `full` | all but the databases and Redis | 1.89 |
//!
//! # Security
//! What comes from a client is bounded before it is decoded, and becomes a typed value before it
//! reaches a statement, always as a bound parameter. Secrets do not appear in `Debug`. There is no
//! unsafe code.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(
        feature = "pagination",
        feature = "filter",
        feature = "links",
        feature = "bulk",
        feature = "patch",
        feature = "conditional",
        feature = "idempotency",
        feature = "utoipa"
    )),
    allow(rustdoc::broken_intra_doc_links, reason = "the table names all blocks")
)]

// Generated code names this crate by its absolute path, in its own tests too.
#[allow(unused_extern_crates)]
extern crate self as api_patterns;

pub mod problem;
pub mod sql;

#[cfg(feature = "utoipa")]
pub mod openapi;
#[cfg(feature = "links")]
pub mod proxy;
#[cfg(feature = "idempotency")]
pub mod storage;

#[cfg(feature = "bulk")]
pub mod bulk;
#[cfg(feature = "conditional")]
pub mod conditional;
#[cfg(feature = "filter")]
pub mod filter;
#[cfg(feature = "idempotency")]
pub mod idempotency;
#[cfg(feature = "links")]
pub mod links;
#[cfg(feature = "pagination")]
pub mod pagination;
#[cfg(feature = "patch")]
pub mod patch;

#[cfg(any(
    feature = "links",
    feature = "bulk",
    feature = "conditional",
    feature = "idempotency"
))]
#[cfg_attr(not(feature = "links"), allow(dead_code))]
mod field;
#[cfg(any(feature = "bulk", feature = "idempotency"))]
#[cfg_attr(not(feature = "bulk"), allow(dead_code))]
mod json;
#[cfg(any(feature = "links", feature = "pagination"))]
#[cfg_attr(not(feature = "pagination"), allow(dead_code))]
mod link;
#[cfg(feature = "bulk")]
mod prefer;
#[cfg(any(
    feature = "filter",
    feature = "links",
    feature = "pagination",
    feature = "bulk"
))]
#[cfg_attr(not(any(feature = "filter", feature = "pagination")), allow(dead_code))]
mod query;

#[doc(hidden)]
pub mod __private;

/// The README's examples are compiled with the others.
#[cfg(all(doctest, feature = "full", feature = "sqlite"))]
#[doc = include_str!("../../README.md")]
mod readme {}
