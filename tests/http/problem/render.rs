//! One problem and its answer.

use api_patterns::problem::{FieldError, Problem};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use serde_json::{Value, json};

fn value(problem: &Problem) -> Value {
    serde_json::to_value(problem).expect("serializable")
}

#[test]
fn only_what_is_set_is_sent_beside_title_and_status() {
    let table = [
        (
            Problem::new(StatusCode::GONE),
            json!({"type": "about:blank",  "title": "Gone", "status": 410 }),
        ),
        (
            Problem::bad_request("who?"),
            json!({"type": "about:blank",  "title": "Bad Request", "status": 400, "detail": "who?" }),
        ),
        (
            Problem::not_found("d"),
            json!({"type": "about:blank",  "title": "Not Found", "status": 404, "detail": "d" }),
        ),
        (
            Problem::conflict("d"),
            json!({"type": "about:blank",  "title": "Conflict", "status": 409, "detail": "d" }),
        ),
        (
            Problem::unprocessable("d"),
            json!({"type": "about:blank",  "title": "Unprocessable Entity", "status": 422, "detail": "d" }),
        ),
        (
            Problem::unavailable("d"),
            json!({"type": "about:blank",  "title": "Service Unavailable", "status": 503, "detail": "d" }),
        ),
    ];
    for (problem, expected) in table {
        assert_eq!(value(&problem), expected);
    }
}

#[test]
fn every_member_is_in_its_place() {
    let problem = Problem::conflict("the SKU is taken")
        .code("sku_taken")
        .title("Already there")
        .type_uri("https://example.com/problems/taken")
        .instance("/products/7")
        .error(FieldError::pointer("/sku", "is taken").code("taken"))
        .errors([
            FieldError::parameter("mode", "must be strict"),
            FieldError::header("if-match", "x"),
        ])
        .extension("existing", 7)
        .extension("naïve", "é\u{1F980}\n\"");
    assert_eq!(
        value(&problem),
        json!({
            "type": "https://example.com/problems/taken",
            "title": "Already there",
            "status": 409,
            "detail": "the SKU is taken",
            "instance": "/products/7",
            "code": "sku_taken",
            "errors": [
                { "pointer": "/sku", "detail": "is taken", "code": "taken" },
                { "parameter": "mode", "detail": "must be strict" },
                { "header": "if-match", "detail": "x" },
            ],
            "existing": 7,
            "naïve": "é\u{1F980}\n\"",
        })
    );
    assert_eq!(problem.get_code(), Some("sku_taken"));
    assert_eq!(problem.get_title(), Some("Already there"));
    assert_eq!(problem.get_instance(), Some("/products/7"));
    assert_eq!(problem.get_errors().len(), 3);
    assert_eq!(problem.to_string(), "the SKU is taken");
}

#[test]
fn reserved_members_win_over_extensions() {
    let mut problem = Problem::not_found("gone for good").code("gone");
    for name in [
        "type", "title", "status", "detail", "instance", "code", "errors",
    ] {
        problem = problem.extension(name, "taken over");
    }
    assert_eq!(
        value(&problem),
        json!({"type": "about:blank",  "title": "Not Found", "status": 404, "detail": "gone for good", "code": "gone" })
    );
}

#[test]
fn what_cannot_be_sent_is_left_out() {
    let unserializable = std::collections::BTreeMap::from([(vec![1], 1)]);
    let response = Problem::new(StatusCode::CONFLICT)
        .extension("map", unserializable)
        .header("bad name", "1")
        .header("x-split", "1\r\nset-cookie: a=b")
        .header(header::CONTENT_TYPE, "text/html")
        .header(header::CONTENT_LENGTH, 1)
        .header(header::RETRY_AFTER, 30)
        .header("x-text", "1")
        .header("x-text", "2")
        .into_response();
    let headers = response.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(headers[header::CONTENT_LENGTH], "54");
    assert_eq!(headers[header::RETRY_AFTER], "30");
    assert_eq!(headers.get_all("x-text").iter().count(), 2);
    assert_eq!(headers.len(), 5);
}

#[test]
fn a_status_that_is_no_failure_becomes_500() {
    for status in [
        StatusCode::OK,
        StatusCode::NOT_MODIFIED,
        StatusCode::CONTINUE,
    ] {
        assert_eq!(
            Problem::new(status).status(),
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
    assert_eq!(
        Problem::new(StatusCode::from_u16(599).expect("valid"))
            .status()
            .as_u16(),
        599
    );
}

#[test]
fn a_status_without_a_phrase_has_a_title() {
    let problem = Problem::new(StatusCode::from_u16(499).expect("valid"));
    assert_eq!(
        value(&problem),
        json!({"type": "about:blank",  "title": "Error", "status": 499 })
    );
}

#[test]
fn a_result_stays_small() {
    assert_eq!(size_of::<Result<(), Problem>>(), size_of::<usize>());
}
