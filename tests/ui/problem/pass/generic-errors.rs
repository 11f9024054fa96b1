use std::error::Error as StdError;
use std::fmt::{Debug, Display};

use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
enum Refused<'a, T: Display, const N: usize> {
    #[error("refused {0}")]
    #[problem(status = 422)]
    Value(#[problem(extension = "value")] T, &'a [u8; N]),
}

#[derive(Debug, thiserror::Error, Problem)]
enum Either<A: Debug, B>
where
    B: StdError + 'static,
{
    #[error("inner")]
    #[problem(transparent)]
    Inner(A),
    #[error("outer")]
    Outer(#[source] B),
}

fn main() {
    let bytes = [1];
    let refused = Refused::Value(7, &bytes);
    assert_eq!(Problem::from(refused).to_string(), "refused 7");
    let either = Either::<Problem, std::io::Error>::Inner(Problem::not_found("x"));
    assert_eq!(Problem::from(either).status().as_u16(), 404);
    let either = Either::<Problem, _>::Outer(std::io::Error::other("x"));
    assert_eq!(Problem::from(either).status().as_u16(), 500);
}
