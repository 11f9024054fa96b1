use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
struct Wrapper<T> {
    value: T,
}

#[derive(serde::Serialize, Patch)]
struct Borrowed<'a> {
    name: &'a str,
}

fn main() {}
