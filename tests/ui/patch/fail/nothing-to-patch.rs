use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(immutable(id))]
struct Product {
    id: i64,
    #[serde(skip)]
    name: String,
}

#[derive(serde::Serialize, Patch)]
struct Empty {}

fn main() {}
