use api_patterns::patch::Patch;

#[derive(serde::Serialize)]
struct Size {
    width: u32,
}

#[derive(serde::Serialize, Patch)]
struct Product {
    name: String,
    size: Size,
}

fn main() {}
