use api_patterns::problem::Problem;

#[derive(Debug)]
struct Opaque;

#[derive(Debug, thiserror::Error, Problem)]
#[error("a")]
#[problem(status = 404)]
struct Error {
    #[problem(extension)]
    opaque: Opaque,
}

fn main() {}
