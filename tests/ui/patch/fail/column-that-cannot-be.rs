use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
struct Product {
    #[patch(column = "products.name")]
    name: String,
    #[patch(column = "")]
    price: i64,
    #[patch(column = "stock")]
    rating: i64,
    stock: i64,
}

fn main() {}
