use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(immutable(idd), colour, column = "x")]
struct Product {
    #[patch(immutable, sql_as = i32)]
    id: i64,
    #[patch(column = "p.name")]
    name: String,
    #[patch(accept_json)]
    price: i64,
}

fn main() {}
