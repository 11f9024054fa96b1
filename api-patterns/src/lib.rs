//! The blocks an axum service needs to grow up.
#![cfg_attr(docsrs, feature(doc_cfg))]

// Generated code names this crate by its absolute path, in its own tests too.
#[allow(unused_extern_crates)]
extern crate self as api_patterns;

pub mod problem;
pub mod sql;

#[cfg(feature = "filter")]
pub mod filter;
#[cfg(feature = "pagination")]
pub mod pagination;

#[cfg(feature = "pagination")]
mod link;
#[cfg(any(feature = "filter", feature = "pagination"))]
mod query;

#[doc(hidden)]
pub mod __private;
