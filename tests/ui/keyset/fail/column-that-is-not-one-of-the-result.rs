use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id, sortable(price, name))]
struct Product {
    id: i64,
    #[keyset(column = "p.price")]
    price: i64,
    #[keyset(column = "")]
    name: String,
}

fn main() {}
