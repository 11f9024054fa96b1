//! Behaviour on real databases. A test whose service has no address in the environment says so.

mod explain;
mod filter;
mod row;
mod store;
mod stored;
mod walk;
