use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    #[error("a")]
    #[problem(status = 399)]
    TooLow,
    #[error("b")]
    #[problem(status = 600)]
    TooHigh,
    #[error("c")]
    #[problem(status = 99999999999999999999999)]
    FarTooHigh,
    #[error("d")]
    #[problem(status = 404.0)]
    Fraction,
    #[error("e")]
    #[problem(status = StatusCode::NOT_FOUND)]
    Name,
    #[error("f")]
    #[problem(status)]
    NoValue,
    #[error("g")]
    #[problem(status = -1)]
    Negative,
}

fn main() {}
