use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id, sortable(name, title, size))]
struct Product {
    id: i64,
    name: String,
    #[keyset(rename = "name")]
    title: String,
    #[keyset(rename = "in,cm")]
    size: i64,
}

fn main() {}
