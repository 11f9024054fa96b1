//! Behaviour of the shop: its routes on SQLite, and on PostgreSQL where `TEST_POSTGRES_URL` is set.

mod bad_input;
mod browser;
mod bulk;
mod config;
mod contract;
mod images;
mod instances;
mod links;
mod openapi;
mod paging;
mod process;
mod support;
