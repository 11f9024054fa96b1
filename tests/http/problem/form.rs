//! Forms and queries of any length: what is found in them, and at what cost.

use std::collections::HashMap;

use api_patterns::problem::Form;
use axum::body::Body;
use axum::extract::FromRequest as _;
use axum::http::{Request, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

async fn errors<T: DeserializeOwned>(body: String) -> Vec<String> {
    let request =
        Request::post("/").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.body(Body::from(body)).expect("valid");
    let Err(problem) = Form::<T>::from_request(request, &()).await else {
        panic!("the form was accepted");
    };
    let errors = problem.get_errors().iter();
    errors
        .map(|error| format!("{}: {}", error.get_place(), error.get_detail()))
        .collect()
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Input {
    a: String,
    z: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Strict {
    a: String,
    #[serde(alias = "last")]
    z: u8,
}

#[tokio::test]
async fn repeated_missing_unknown_and_wrong_fields_are_found_together() {
    assert_eq!(
        errors::<Strict>("b=1&a=1&b=2&a=2&c=&b=3&a=3".to_owned()).await,
        [
            "a: is given more than once",
            "b: is not known here; expected `a`, `last` or `z`",
            "c: is not known here; expected `a`, `last` or `z`",
            "z: is missing",
        ]
    );
    assert_eq!(
        errors::<Strict>("last=x&a=1&a=2".to_owned()).await,
        [
            "a: is given more than once",
            "last: expected an integer from 0 to 255, found \"x\"",
        ]
    );
    assert_eq!(
        errors::<Strict>("a=1&z=1&last=2".to_owned()).await,
        ["z: is given more than once"]
    );
    assert_eq!(
        errors::<HashMap<String, u8>>("a=1&a=x&b=2&a=y&b=300".to_owned()).await,
        [
            "a: expected an integer from 0 to 255, found \"x\"",
            "b: expected an integer from 0 to 255, found \"300\"",
        ]
    );
}

#[tokio::test]
async fn a_type_that_parameters_cannot_be_read_as_is_named() {
    let cannot = |what: &str| [format!(": the parameters cannot be read as {what}")];
    assert_eq!(
        errors::<Vec<u8>>("a=1".to_owned()).await,
        cannot("an array")
    );
    assert_eq!(
        errors::<u8>("a=1".to_owned()).await,
        cannot("an integer from 0 to 255")
    );
}

#[tokio::test]
async fn repeated_names_cost_no_more_than_their_length() {
    // Some hundred milliseconds without optimisation; in the square of the length, minutes.
    let n = 48_000;
    let (before, repeated, padding) = ("b&".repeat(n), "a&".repeat(2 * n), "x".repeat(10 * n));
    let unknown: String = (0..200).map(|nth| format!("u{nth}&")).collect();
    for body in [
        format!("{before}{repeated}c={padding}"),
        format!("{repeated}{before}c={padding}"),
        format!("{before}{before}{unknown}{repeated}c={padding}"),
    ] {
        let found = errors::<Input>(body.clone()).await;
        assert_eq!(found[0], "a: is given more than once");
        assert!(!errors::<Strict>(body.clone()).await.is_empty());
    }
}
