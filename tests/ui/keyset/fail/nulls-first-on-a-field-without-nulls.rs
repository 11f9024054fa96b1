use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id, sortable(name), nulls_first(name, rating))]
struct Product {
    id: i64,
    name: String,
    rating: Option<f64>,
}

fn main() {}
