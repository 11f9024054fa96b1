use api_patterns::pagination::Keyset;

// Names that generated code might have used for itself.
#[allow(unused_macros)]
macro_rules! assert {
    ($($tokens:tt)*) => {
        compile_error!("generated code names its macros by their paths")
    };
}

#[derive(Keyset)]
#[keyset(unique = id, sortable(option))]
struct Access0 {
    id: i64,
    option: Option<i64>,
}

struct Result;
struct Vec;
mod core {}
mod api_patterns_of_mine {}

fn main() {
    let (_, _) = (Result, Vec);
    assert_eq!(Access0::FIELDS.len(), 2);
}
