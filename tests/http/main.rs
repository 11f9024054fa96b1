//! The blocks over HTTP: a router, one request, its answer.

mod filter;
mod pagination;
mod problem;
mod statement;
