use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = ident, default = "-created,name", sortable(name, prize), nulls_first(rated))]
struct Product {
    id: i64,
    name: String,
}

fn main() {}
