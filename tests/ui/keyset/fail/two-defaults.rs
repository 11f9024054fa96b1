use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id, default = "-id", default = "id")]
struct Product {
    id: i64,
}

#[derive(Keyset)]
#[keyset(unique = id)]
#[keyset(unique = id, sortable(id), sortable(id))]
struct Twice {
    id: i64,
}

fn main() {}
