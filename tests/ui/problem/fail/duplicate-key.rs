use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    #[error("a")]
    #[problem(status = 404, status = 405)]
    Once,
    #[error("b")]
    #[problem(status = 404, code = "a")]
    #[problem(code = "b")]
    Twice,
    #[error("c")]
    #[problem(status = 404)]
    Field(#[problem(extension = "a", extension = "b")] u8),
    #[error("d")]
    #[problem(status = 404)]
    Members {
        #[problem(extension)]
        a: u8,
        #[problem(extension = "a")]
        b: u8,
    },
}

fn main() {}
