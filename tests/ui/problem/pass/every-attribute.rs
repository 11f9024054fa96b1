use api_patterns::problem::Problem;

#[derive(Debug, thiserror::Error, Problem)]
pub enum Error {
    #[error("there is no {name}")]
    #[problem(
        status = 404,
        code = "not_there",
        title = "Not there",
        type = "https://example.com/not-there"
    )]
    NotThere {
        #[problem(extension)]
        name: String,
        #[problem(extension = "kind")]
        r#type: u8,
        unused: bool,
    },
    #[error("inner")]
    #[problem(transparent)]
    Inner(#[from] Inner),
    #[error("broken")]
    Broken,
}

#[derive(Debug, thiserror::Error, Problem)]
#[error("inner")]
#[problem(status = 503)]
#[problem(detail = "come back later")]
pub struct Inner;

fn main() {
    let error = Error::NotThere { name: "lamp".into(), r#type: 1, unused: true };
    let problem = Problem::from(error);
    assert_eq!(problem.get_extension("kind"), Some(&1.into()));
    assert_eq!(Problem::from(Error::Inner(Inner)).status().as_u16(), 503);
    assert!(Problem::from(Error::Broken).is_masked());
}
