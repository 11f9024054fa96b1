use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    #[error("a")]
    #[problem(status = 404, code = 7, title, type = "", detail = concat!("a", "b"))]
    Variant,
    #[error("b")]
    #[problem(status = 404)]
    Field(#[problem(extension = 1)] u8, #[problem(extension)] u8),
}

fn main() {}
