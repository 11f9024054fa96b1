//! x.
fn main() {}
mod pagination;
