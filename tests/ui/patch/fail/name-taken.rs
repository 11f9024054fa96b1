use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(name = "not a name")]
struct Product {
    #[serde(rename = "name")]
    title: String,
    name: String,
}

fn main() {}
