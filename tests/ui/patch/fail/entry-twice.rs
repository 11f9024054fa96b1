use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(accept_json, immutable(id, id), accept_json, name = "A", name = "B")]
struct Product {
    #[patch(immutable)]
    id: i64,
    #[patch(column = "a", column = "b")]
    name: String,
}

fn main() {}
