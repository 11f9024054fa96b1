use api_patterns::patch::AcceptPatch;

#[derive(serde::Serialize)]
struct Product {
    name: String,
}

fn main() {
    let _ = AcceptPatch::of::<Product>();
}
