//! Bulk requests in an OpenAPI document.

use api_patterns::bulk::{Bulk, BulkDelete, Deleted, MultiStatus, Update};
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

#[derive(ToSchema)]
#[allow(dead_code)]
struct Lamp {
    name: String,
}

#[utoipa::path(post, path = "/lamps", params(Bulk<Lamp>), request_body = Bulk<Lamp>,
    responses((status = 207, description = "each", body = MultiStatus<Lamp>)))]
#[allow(dead_code)]
fn create() {}

#[utoipa::path(patch, path = "/lamps", request_body = Bulk<Update<i64, Lamp>>,
    responses((status = 207, description = "each", body = MultiStatus<Lamp>)))]
#[allow(dead_code)]
fn update() {}

#[utoipa::path(post, path = "/delete", params(BulkDelete<i64>), request_body = BulkDelete<i64>,
    responses((status = 207, description = "each", body = Deleted<i64>)))]
#[allow(dead_code)]
fn delete() {}

#[derive(OpenApi)]
#[openapi(paths(create, update, delete))]
struct Api;

fn document() -> Value {
    serde_json::to_value(Api::openapi()).expect("serializable")
}

/// All references, wherever they stand.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference.trim_start_matches('#').to_owned());
            }
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 8, "{found:?}");
    for reference in found {
        assert!(document.pointer(&reference).is_some(), "{reference}");
    }
}

#[test]
fn requests_tell_their_bounds() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let items = &schemas["Bulk_Lamp"]["properties"]["items"];
    assert_eq!(
        (&items["minItems"], &items["maxItems"]),
        (&json!(1), &json!(100))
    );
    assert_eq!(items["items"]["$ref"], "#/components/schemas/Lamp");
    assert_eq!(schemas["Bulk_Lamp"]["additionalProperties"], false);
    let names = |path: &str| {
        let parameters = document["paths"][path]["post"]["parameters"].as_array();
        let parameters = parameters.expect("parameters").iter();
        parameters
            .map(|parameter| parameter["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("/lamps"),
        ["mode", "stop_after", "envelope", "Prefer"]
    );
    assert_eq!(
        names("/delete"),
        ["mode", "stop_after", "envelope", "Prefer"]
    );
}

#[test]
fn answers_have_two_shapes() {
    let document = document();
    let answer = &document["components"]["schemas"]["MultiStatus_Lamp"]["oneOf"];
    let created = &answer[0]["properties"]["created"]["items"];
    assert_eq!(created["$ref"], "#/components/schemas/Lamp");
    let envelope = &answer[1]["properties"]["results"]["items"]["properties"];
    assert_eq!(envelope["body"]["$ref"], "#/components/schemas/Lamp");
    assert_eq!(answer[0]["required"], json!(["errors"]));
}
