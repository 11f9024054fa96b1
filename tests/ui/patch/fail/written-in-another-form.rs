use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[serde(transparent)]
struct Wrapper {
    name: String,
}

#[derive(Clone, serde::Serialize, Patch)]
#[serde(into = "String")]
struct Text {
    name: String,
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.name
    }
}

fn main() {}
