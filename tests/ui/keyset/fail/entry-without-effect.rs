use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id)]
struct Product {
    id: i64,
    #[keyset(rename = "title", column = "heading")]
    name: String,
}

fn main() {}
