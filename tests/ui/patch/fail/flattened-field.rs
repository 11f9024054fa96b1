use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
struct Product {
    name: String,
    #[serde(flatten)]
    size: Size,
}

#[derive(serde::Serialize)]
struct Size {
    width: u32,
}

fn main() {}
