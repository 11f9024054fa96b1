use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    #[error("a")]
    #[problem(transparent)]
    Io(std::io::Error),
}

fn main() {}
