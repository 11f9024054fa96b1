use api_patterns::pagination::Keyset;

struct Money {
    cents: i64,
}

#[derive(Keyset)]
#[keyset(unique = id, sortable(price, tags))]
struct Product {
    id: i64,
    price: Money,
    tags: Vec<String>,
}

fn main() {}
