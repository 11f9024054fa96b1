//! The JSON extractor, which reads on after a mistake to report all of them.

use std::collections::BTreeMap;

use api_patterns::problem::{Json, Problem};
use serde::Deserialize;
use serde_json::Value;

use crate::check_refusal;

/// The bytes are a body. It is accepted exactly where serde_json accepts it, with the same value,
/// but for arrays in place of structs and for reserved names; a mistake is told with its place, and the place is in the
/// document or would be a member of it.
pub fn json(data: &[u8]) {
    let expected = serde_json::from_slice::<Order>(data);
    match (Json::<Order>::from_bytes(data), expected) {
        (Err(problem), _) if is_about_a_name(&problem) => check_refusal(&problem, &[422]),
        (Ok(Json(found)), Ok(expected)) => assert_eq!(found, expected),
        (Err(problem), Err(_)) => {
            check_refusal(&problem, &[400, 422]);
            if let Ok(document) = serde_json::from_slice::<Value>(data) {
                check_mistakes(&problem, &document);
            }
        }
        (Err(problem), Ok(_)) => check_arrays(&problem),
        (found, expected) => panic!("{found:?}, serde_json: {expected:?}"),
    }
}

/// A name that serde_json keeps for itself is refused whatever the rest is.
fn is_about_a_name(problem: &Problem) -> bool {
    problem
        .get_detail()
        .is_some_and(|detail| detail.contains("is reserved"))
}

/// What only serde_json accepts has arrays where structs belong, and no other mistake.
fn check_arrays(problem: &Problem) {
    let errors = problem.get_errors();
    let is_array = |detail| detail == "expected an object, found an array";
    assert!(
        !errors.is_empty() && errors.iter().all(|error| is_array(error.get_detail())),
        "serde_json accepts it: {problem:?}"
    );
}

fn check_mistakes(problem: &Problem, document: &Value) {
    assert_eq!(problem.status(), 422, "valid JSON: {problem:?}");
    // A member given twice is gone from the document, and then nothing may be wrong with the rest.
    let rest_is_right = Order::deserialize(document).is_ok();
    assert!(
        rest_is_right || !problem.get_errors().is_empty(),
        "no errors[]: {problem:?}"
    );
    for error in problem.get_errors() {
        check_place(document, error.get_place());
    }
}

fn check_place(document: &Value, place: &str) {
    let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
    let known = document.pointer(place).or_else(|| document.pointer(parent));
    assert!(known.is_some(), "`{place}` is nowhere in {document}");
}

#[derive(Debug, Deserialize, PartialEq)]
struct Order {
    name: String,
    amount: u8,
    ratio: Option<f64>,
    lines: Vec<Line>,
    #[serde(default)]
    labels: BTreeMap<String, i32>,
    position: Option<(i16, i16)>,
    payment: Payment,
    parent: Option<Box<Order>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Line {
    sku: String,
    pieces: Option<u32>,
    gift: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Payment {
    Cash,
    Card { number: String, month: u8 },
    Voucher(Vec<String>),
    Parts(u8, u8),
}
