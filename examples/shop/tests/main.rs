//! Behaviour of the shop: its routes on SQLite, and on PostgreSQL where `TEST_POSTGRES_URL` is set.

mod bad_input;
mod browser;
mod bulk;
mod bulk_changes;
mod bulk_races;
mod conditional;
mod config;
mod contract;
mod idempotency;
mod images;
mod instances;
mod lines;
mod links;
mod openapi;
mod paging;
mod patch;
mod process;
mod support;
