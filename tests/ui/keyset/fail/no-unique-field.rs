use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(default = "-created_at", sortable(created_at))]
struct Product {
    id: i64,
    created_at: i64,
}

fn main() {}
