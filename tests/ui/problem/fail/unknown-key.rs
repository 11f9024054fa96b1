use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    #[error("a")]
    #[problem(status = 404, message = "x")]
    Variant,
    #[error("b")]
    #[problem(status = 404)]
    Field(#[problem(member = "x")] u8),
}

fn main() {}
