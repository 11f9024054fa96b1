use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(immutable(identifier, version))]
struct Product {
    id: i64,
    #[serde(skip)]
    version: i64,
}

fn main() {}
