//! The blocks over HTTP: a router, one request, its answer.

mod bulk;
mod conditional;
mod filter;
mod idempotency;
mod links;
mod openapi;
mod pagination;
mod patch;
mod problem;
mod proxy;
mod statement;
