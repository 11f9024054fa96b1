//! Problem responses: of error types, by status, and those that follow from the operation.

use api_patterns::openapi::CommonProblems;
use api_patterns::problem::Problem;
use serde_json::{Value, json};
use utoipa::{Modify as _, OpenApi as _};

use super::{Api, Bare, ShopError, document, operation};

const PROBLEM: &str = "application/problem+json";

fn statuses<'a>(document: &'a Value, method: &str, path: &str) -> Vec<&'a str> {
    let responses = operation(document, method, path)["responses"].as_object();
    responses
        .expect("responses")
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_statuses_and_codes_of_an_error_type_are_there() {
    let document = document::<Bare>();
    assert_eq!(
        statuses(&document, "post", "/products"),
        ["201", "404", "409", "500"]
    );
    let responses = &operation(&document, "post", "/products")["responses"];
    assert_eq!(
        responses["404"]["description"],
        "Not Found: `product_not_found`, `shelf_not_found`",
    );
    let examples = &responses["404"]["content"][PROBLEM]["examples"];
    assert_eq!(
        examples,
        &json!({
            "product_not_found": {
                "summary": "There is no such product.",
                "value": {
                    "type": "about:blank", "title": "Not Found", "status": 404,
                    "code": "product_not_found",
                },
            },
            "shelf_not_found": {
                "value": {
                    "type": "/problems/shelf", "title": "Not Found", "status": 404,
                    "code": "shelf_not_found", "detail": "no shelf",
                },
            },
        }),
    );
    // One is the enum's own, the other that of a transparent case.
    assert_eq!(
        responses["409"]["description"],
        "Conflict: `out_of_stock`, `sku_taken`"
    );
    let stock = &responses["409"]["content"][PROBLEM]["examples"]["out_of_stock"]["value"];
    assert_eq!(stock["title"], "Out of stock");
    assert_eq!(responses["500"]["description"], "Internal Server Error");
}

#[test]
fn examples_are_what_the_error_becomes() {
    let document = document::<Bare>();
    let responses = &operation(&document, "post", "/products")["responses"];
    let problem = serde_json::to_value(Problem::from(ShopError::NoShelf)).expect("a problem");
    let examples = &responses["404"]["content"][PROBLEM]["examples"];
    assert_eq!(examples["shelf_not_found"]["value"], problem);
}

#[test]
fn a_transparent_case_that_does_not_describe_itself_is_any_problem() {
    let document = document::<Bare>();
    assert_eq!(
        statuses(&document, "delete", "/all"),
        ["204", "410", "default"]
    );
}

#[test]
fn each_operation_has_the_problems_that_follow_from_it() {
    let document = document::<Api>();
    let table: [(&str, &str, &[&str]); 4] = [
        ("get", "/products", &["200", "400", "429", "500", "503"]),
        (
            "post",
            "/products",
            &[
                "201", "400", "404", "409", "413", "415", "422", "500", "503",
            ],
        ),
        // The class is described already.
        ("get", "/products/{id}", &["200", "4XX", "500", "503"]),
        ("delete", "/all", &["204", "410", "500", "503", "default"]),
    ];
    for (method, path, expected) in table {
        assert_eq!(
            statuses(&document, method, path),
            expected,
            "{method} {path}"
        );
    }
    let responses = &operation(&document, "post", "/products")["responses"];
    assert_eq!(
        responses["422"],
        json!({
            "description": "Unprocessable Entity",
            "content": { (PROBLEM): { "schema": { "$ref": "#/components/schemas/Problem" } } },
        }),
    );
    assert!(responses["503"]["headers"]["Retry-After"].is_object());
}

#[test]
fn what_an_operation_says_itself_is_kept() {
    let document = document::<Api>();
    let responses = &operation(&document, "post", "/products")["responses"];
    assert_eq!(
        responses["404"]["description"],
        "Not Found: `product_not_found`, `shelf_not_found`",
    );
    assert_eq!(
        responses["404"]["content"][PROBLEM]["schema"]["$ref"],
        "#/components/schemas/Problem",
    );
}

#[test]
fn statuses_are_left_out_and_added_by_choice() {
    let mut openapi = Bare::openapi();
    let problems = CommonProblems::new()
        .without(413)
        .without(415)
        .everywhere(401)
        .fallback();
    problems.modify(&mut openapi);
    let document = serde_json::to_value(openapi).expect("a document");
    assert_eq!(
        statuses(&document, "post", "/products"),
        ["201", "400", "401", "404", "409", "422", "500", "default"],
    );
}

#[test]
fn the_classic_envelope_is_described_as_it_is() {
    let mut openapi = Bare::openapi();
    CommonProblems::new().classic().modify(&mut openapi);
    let document = serde_json::to_value(openapi).expect("a document");
    let response = &operation(&document, "post", "/products")["responses"]["404"];
    assert_eq!(
        response["content"],
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Problem" } } }),
    );
    assert_eq!(
        document["components"]["schemas"]["Problem"]["required"],
        json!(["success", "details", "error_code", "message"]),
    );
}
