use api_patterns::filter::{Filter, Filters};

#[derive(Filter)]
enum Kind {
    One,
}

#[derive(Filter)]
struct Pair(i64, i64);

#[derive(Filter)]
struct Unit;

#[derive(Filter)]
union Bits {
    a: u32,
}

// What stands in keeps uses of the type free of further mistakes.
fn handler(filters: Filters<Pair>) -> bool {
    filters.is_empty()
}

fn main() {}
