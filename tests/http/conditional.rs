//! Entity tags and preconditions: what is compared with what, in which order, and the answers.

mod answers;
mod documented;
mod layer;
mod order;
mod refusals;
mod tags;

use api_patterns::conditional::Preconditions;
use api_patterns::problem::Problem;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// The date of an example in RFC 9110, and one second around it.
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
const SECONDS: u64 = 784_111_777;

fn parse(method: &Method, fields: &[(&str, &str)]) -> Result<Preconditions, Problem> {
    let fields = fields.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().expect("a name");
        (
            name,
            HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
        )
    });
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(name, value);
    }
    Preconditions::parse(method, &headers)
}

fn when(method: &Method, fields: &[(&str, &str)]) -> Preconditions {
    parse(method, fields).expect("well-formed fields")
}
