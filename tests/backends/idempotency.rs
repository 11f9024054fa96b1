//! Requests that are safe to repeat.

mod commit;
mod conformance;
mod faults;
mod fixture;
mod fronted;
mod isolation;
mod proxy;
mod records;
mod sqlite;
mod storm;
mod work;
