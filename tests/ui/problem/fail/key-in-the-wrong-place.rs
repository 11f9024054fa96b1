use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[problem(status = 404)]
enum Error {
    #[error("a")]
    #[problem(extension = "x", status = 404)]
    Variant(#[problem(status = 404)] u8),
}

fn main() {}
