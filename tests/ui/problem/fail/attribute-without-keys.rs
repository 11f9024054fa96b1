use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    #[error("a")]
    #[problem]
    Word,
    #[error("b")]
    #[problem = "x"]
    Value,
    #[error("c")]
    #[problem(404)]
    Number,
}

fn main() {}
