use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(immutable)]
struct Product {
    id: i64,
}

#[derive(serde::Serialize, Patch)]
#[patch(immutable())]
struct Other {
    id: i64,
}

fn main() {}
