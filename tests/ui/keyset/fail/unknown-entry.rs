use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id, order = "-id", rename = "x")]
struct Product {
    #[keyset(sortable(id), col = "ident")]
    id: i64,
}

fn main() {}
