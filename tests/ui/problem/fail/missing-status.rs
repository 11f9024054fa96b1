use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[error("x")]
#[problem(code = "x", title = "X")]
struct Error;

#[derive(Debug, thiserror::Error, Problem)]
#[error("x")]
#[problem()]
struct Empty;

fn main() {}
