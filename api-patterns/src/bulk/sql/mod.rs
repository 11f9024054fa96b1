//! Items in one transaction.

mod failure;
mod insert;
mod run;
mod savepoint;
mod scope;
mod search;

pub(super) use self::insert::CHUNK;
pub use self::scope::Scope;
