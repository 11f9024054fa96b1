#[allow(dead_code)]
mod shadowed {
    struct Result;
    struct Option;
    struct String;
    struct Into;
    struct From;
    struct ToString;
    struct Send;
    mod std {}
    mod core {}
    mod serde {}
    mod axum {}

    #[derive(Debug, ::thiserror::Error, ::api_patterns::problem::Problem)]
    pub(super) enum Error {
        #[error("a {error}")]
        #[problem(status = 400)]
        A {
            #[problem(extension)]
            error: u8,
        },
        #[error("b")]
        B,
    }
}

fn main() {
    let problem = api_patterns::problem::Problem::from(shadowed::Error::A { error: 1 });
    assert_eq!(problem.to_string(), "a 1");
}
