//! Behaviour on real databases. A test whose service has no address in the environment says so.

mod bulk;
mod conditional;
mod explain;
mod filter;
mod idempotency;
mod patch;
mod row;
mod store;
mod stored;
mod transaction;
mod walk;
