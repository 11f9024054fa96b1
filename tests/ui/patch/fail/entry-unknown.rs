use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(readonly(id), json::accept)]
struct Product {
    #[patch(nullable)]
    id: i64,
}

fn main() {}
