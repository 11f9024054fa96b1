//! What an OpenAPI document says of keys.

#![allow(dead_code, reason = "the handlers are described and never called")]

use std::time::Duration;

use api_patterns::idempotency::{IdempotencyKey, IdempotentOperations};
use api_patterns::openapi::CommonProblems;
use api_patterns::problem::{Problem, Problems};
use serde_json::Value;
use utoipa::{Modify as _, OpenApi};

#[derive(Debug, thiserror::Error, Problem)]
enum OrderError {
    /// Somebody was faster.
    #[error("sold out")]
    #[problem(status = 409, code = "sold_out")]
    SoldOut,
}

#[utoipa::path(get, path = "/orders", responses((status = 200, description = "All")))]
fn list() {}

#[utoipa::path(post, path = "/orders", responses((status = 201, description = "Ordered"), OrderError))]
fn order() {}

#[utoipa::path(patch, path = "/orders", params(("idempotency-key" = u64, Header, description = "Mine")),
    responses((status = 204, description = "Changed"), Problems<422>))]
fn change() {}

#[utoipa::path(delete, path = "/orders", params(IdempotencyKey),
    responses((status = 204, description = "Gone"), IdempotencyKey))]
fn remove() {}

#[derive(OpenApi)]
#[openapi(paths(list, order, change, remove))]
struct Api;

fn document(keys: IdempotentOperations) -> Value {
    let mut document = Api::openapi();
    keys.modify(&mut document);
    CommonProblems::new().modify(&mut document);
    let mut document = serde_json::to_value(document).expect("serializable");
    document["paths"]["/orders"].take()
}

fn codes(operation: &Value, status: &str) -> Vec<String> {
    let content = &operation["responses"][status]["content"]["application/problem+json"];
    let examples = content["examples"].as_object();
    examples.map_or_else(Vec::new, |codes| codes.keys().cloned().collect())
}

#[test]
fn what_may_be_repeated_has_the_field_and_the_answers_of_the_layer() {
    let paths = document(IdempotentOperations::new());
    let post = &paths["post"];
    let key = &post["parameters"][0];
    assert_eq!(
        (&key["name"], &key["in"]),
        (&"Idempotency-Key".into(), &"header".into())
    );
    assert_eq!(key["required"], false);
    assert_eq!(key["schema"]["maxLength"], 512);
    let description = key["description"].as_str().expect("a description");
    assert!(description.ends_with("kept for 24 hours."), "{description}");

    assert_eq!(codes(post, "400"), ["invalid_idempotency_key"]);
    let conflicts = [
        "idempotency_answer_not_kept",
        "idempotency_in_flight",
        "idempotency_reservation_lost",
        "sold_out",
    ];
    assert_eq!(codes(post, "409"), conflicts, "with the operation's own");
    let conflict = &post["responses"]["409"];
    assert_eq!(
        conflict["description"],
        "Conflict: `idempotency_answer_not_kept`, `idempotency_in_flight`, \
         `idempotency_reservation_lost`, `sold_out`"
    );
    assert!(conflict["headers"]["Retry-After"].is_object());
    assert_eq!(codes(post, "422"), ["idempotency_key_reused"]);
    assert_eq!(codes(post, "503"), ["idempotency_unavailable"]);
    let created = &post["responses"]["201"]["headers"];
    assert!(created["Idempotency-Replayed"].is_object(), "{created}");
}

#[test]
fn what_an_operation_says_itself_stays() {
    let paths = document(IdempotentOperations::new());
    let parameters = paths["patch"]["parameters"].as_array().expect("parameters");
    assert_eq!(parameters.len(), 1);
    assert_eq!(parameters[0]["description"], "Mine");
    assert_eq!(codes(&paths["patch"], "422"), ["idempotency_key_reused"]);
}

#[test]
fn other_methods_say_so_themselves() {
    let paths = document(IdempotentOperations::new());
    assert!(paths["get"].get("parameters").is_none());
    assert!(codes(&paths["get"], "409").is_empty());
    let remove = &paths["delete"];
    assert_eq!(remove["parameters"][0]["name"], "Idempotency-Key");
    assert_eq!(codes(remove, "422"), ["idempotency_key_reused"]);
    assert!(remove["responses"]["204"].get("headers").is_none());
}

#[test]
fn the_document_says_what_the_layer_was_told() {
    let keys = IdempotentOperations::new()
        .required()
        .keep(Duration::from_secs(90 * 60));
    let paths = document(keys);
    let key = &paths["post"]["parameters"][0];
    assert_eq!(key["required"], true);
    let description = key["description"].as_str().expect("a description");
    assert!(
        description.ends_with("kept for 90 minutes."),
        "{description}"
    );
    let expected = ["idempotency_key_missing", "invalid_idempotency_key"];
    assert_eq!(codes(&paths["post"], "400"), expected);
}
