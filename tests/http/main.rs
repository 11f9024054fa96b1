//! The blocks over HTTP: a router, one request, its answer.

mod filter;
mod links;
mod openapi;
mod pagination;
mod problem;
mod proxy;
mod statement;
