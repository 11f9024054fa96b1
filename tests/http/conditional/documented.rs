//! Preconditions in an OpenAPI document.
#![allow(dead_code, reason = "the operations are described, not called")]

use api_patterns::conditional::{
    Preconditions, ReadPreconditions, RequiredPreconditions, WritePreconditions,
};
use serde_json::Value;
use utoipa::OpenApi as _;

#[utoipa::path(get, path = "/a", params(ReadPreconditions), responses((status = 200), ReadPreconditions))]
fn read() {}

#[utoipa::path(patch, path = "/a", params(WritePreconditions), responses((status = 200), WritePreconditions))]
fn write() {}

#[utoipa::path(delete, path = "/a", params(RequiredPreconditions), responses((status = 204), RequiredPreconditions))]
fn require() {}

#[utoipa::path(put, path = "/a", params(Preconditions), responses((status = 200), Preconditions))]
fn any() {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(read, write, require, any))]
struct Api;

fn operation(method: &str) -> Value {
    let document = serde_json::to_value(Api::openapi()).expect("JSON");
    document["paths"]["/a"][method].clone()
}

fn names(operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().expect("parameters");
    let names = parameters.iter().map(|parameter| {
        assert_eq!(parameter["in"], "header");
        assert_eq!(parameter["required"], false);
        parameter["name"].as_str().expect("a name").to_owned()
    });
    names.collect()
}

fn statuses(operation: &Value) -> Vec<String> {
    let responses = operation["responses"].as_object().expect("responses");
    responses.keys().cloned().collect()
}

#[test]
fn each_kind_of_operation_has_the_fields_and_answers_that_it_may_have() {
    const READ: [&str; 2] = ["If-None-Match", "If-Modified-Since"];
    const WRITE: [&str; 2] = ["If-Match", "If-Unmodified-Since"];
    let table: [(&str, &[&str], &[&str]); 4] = [
        ("get", &READ, &["200", "304", "400", "412"]),
        ("patch", &WRITE, &["200", "400", "412"]),
        ("delete", &WRITE, &["204", "400", "412", "428"]),
        (
            "put",
            &[READ, WRITE].concat(),
            &["200", "304", "400", "412"],
        ),
    ];
    for (method, fields, answers) in table {
        let operation = operation(method);
        assert_eq!(names(&operation), fields, "{method}");
        assert_eq!(statuses(&operation), answers, "{method}");
    }
}

#[test]
fn the_answers_are_described_with_their_validators() {
    let responses = &operation("get")["responses"];
    for status in ["304", "412"] {
        for name in ["ETag", "Last-Modified"] {
            let header = &responses[status]["headers"][name];
            assert_eq!(header["schema"]["type"], "string", "{status} {name}");
        }
    }
    assert!(responses["304"]["content"].is_null());
    let problem = &responses["412"]["content"]["application/problem+json"]["schema"];
    assert!(problem.is_object());
    let required = &operation("delete")["responses"]["428"]["content"];
    assert!(required["application/problem+json"].is_object());
}

/// The pattern is an ECMA one; here it is held against what the extractor takes.
#[test]
fn the_examples_are_taken_by_the_extractor() {
    for method in ["get", "patch"] {
        let operation = operation(method);
        for parameter in operation["parameters"].as_array().expect("parameters") {
            let name = parameter["name"].as_str().expect("a name");
            let example = parameter["schema"]["examples"][0]
                .as_str()
                .expect("an example");
            let when = super::parse(&http::Method::GET, &[(name, example)]);
            assert!(when.is_ok(), "{name}: {example}");
        }
    }
}
