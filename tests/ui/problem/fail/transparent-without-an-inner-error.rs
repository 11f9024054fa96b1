use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    #[error("a")]
    #[problem(transparent)]
    None,
    #[error("b")]
    #[problem(transparent)]
    Two(Problem, Problem),
    #[error("c")]
    #[problem(transparent, status = 404)]
    Both(Problem),
    #[error("d")]
    #[problem(transparent = true)]
    Value(Problem),
    #[error("e")]
    #[problem(transparent)]
    Extended(#[problem(extension = "inner")] Problem),
}

fn main() {}
