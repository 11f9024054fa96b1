//! Requests that are safe to repeat.

mod conformance;
mod faults;
mod fixture;
mod fronted;
mod proxy;
mod records;
mod storm;
mod work;
