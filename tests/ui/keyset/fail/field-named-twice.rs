use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id, default = "name,-name", sortable(name, name))]
struct Product {
    id: i64,
    name: String,
}

fn main() {}
