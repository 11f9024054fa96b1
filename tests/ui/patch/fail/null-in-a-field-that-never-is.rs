use api_patterns::patch::{Field, Patch};

#[derive(serde::Serialize, Patch)]
#[patch(immutable(id))]
struct Product {
    id: i64,
    name: String,
}

fn main() {
    let _ = ProductPatch { name: Field::Value(None) };
    let _ = ProductPatch { id: Field::Value(1), ..Default::default() };
}
