use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
#[error("never shown")]
enum Error {
    #[problem(status = "404")]
    Text,
    #[problem(status = 200, colour = "red")]
    Success,
    #[problem(code = "no_status")]
    NoStatus,
    #[problem(transparent, title = "x")]
    TwoFields(Problem, Problem),
    #[problem(status = 404)]
    Reserved {
        #[problem(extension)]
        status: u16,
        #[problem(extension = "detail")]
        other: u16,
    },
}

fn main() {
    let _: Problem = Error::Text.into();
    axum::response::IntoResponse::into_response(Error::NoStatus);
}
