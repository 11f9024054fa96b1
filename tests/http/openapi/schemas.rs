//! Schemas have the members that are served.

use api_patterns::problem::{FieldError, Problem};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use serde_json::{Value, json};

use super::{Api, Product, document, numbered, operation, products, relay};
use crate::problem::send;

/// Asserts that a value has the members of a schema, and their types, as far as types are named.
pub(super) fn assert_fits(document: &Value, schema: &Value, value: &Value) {
    if let Err(mistake) = fits(document, schema, value) {
        panic!("{mistake}");
    }
}

pub(super) fn fits(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(&reference[1..]).expect("a component");
        return fits(document, found, value);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return fits(document, &merged(document, parts), value);
    }
    if let Some(parts) = schema["anyOf"].as_array() {
        let mistakes = parts
            .iter()
            .map(|part| fits(document, part, value))
            .collect::<Vec<_>>();
        let fitting = mistakes.iter().any(Result::is_ok);
        return fitting.then_some(()).ok_or(format!("{mistakes:?}"));
    }
    check(is_of_type(&schema["type"], value), || {
        format!("the type of {value}: {schema}")
    })?;
    if let Some(known) = schema["enum"].as_array() {
        check(known.contains(value), || format!("{value}: {schema}"))?;
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        let name = required.as_str().expect("a name");
        check(value.get(name).is_some(), || {
            format!("{name} is missing: {value}")
        })?;
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let others = &schema["additionalProperties"];
        match schema["properties"].get(name) {
            Some(schema) => fits(document, schema, member)?,
            None if others.is_object() => fits(document, others, member)?,
            None => check(*others == true, || format!("{name}: {schema}"))?,
        }
    }
    let mut items = value.as_array().into_iter().flatten();
    items.try_for_each(|item| fits(document, &schema["items"], item))
}

fn check(holds: bool, mistake: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(mistake()) }
}

fn is_of_type(types: &Value, value: &Value) -> bool {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match types {
        Value::Array(types) => types.iter().any(|name| name == kind),
        name => name == kind,
    }
}

/// All members of the parts in one schema.
fn merged(document: &Value, parts: &[Value]) -> Value {
    let mut whole = json!({ "type": "object", "properties": {}, "required": [] });
    for part in parts {
        let part = match part["$ref"].as_str() {
            Some(reference) => document.pointer(&reference[1..]).expect("a component"),
            None => part,
        };
        let nested = part["allOf"].as_array();
        let part = &nested.map_or_else(|| part.clone(), |parts| merged(document, parts));
        for (name, member) in part["properties"].as_object().into_iter().flatten() {
            whole["properties"][name] = member.clone();
        }
        let required = part["required"].as_array().cloned().unwrap_or_default();
        whole["required"]
            .as_array_mut()
            .expect("an array")
            .extend(required);
    }
    whole
}

fn schema<'a>(document: &'a Value, path: &str) -> &'a Value {
    let response = &operation(document, "get", path)["responses"]["200"];
    &response["content"]["application/json"]["schema"]
}

#[tokio::test]
async fn pages_fit_their_schemas() {
    let document = document::<Api>();
    let app = Router::new()
        .route("/products", get(products))
        .route("/numbered", get(numbered))
        .route("/relay", get(relay));
    let requests = [
        ("/products", ""),
        ("/products", "?include_total=true"),
        ("/numbered", ""),
        ("/numbered", "?offset=0&limit=5"),
        ("/relay", "?include_total=true"),
    ];
    for (path, query) in requests {
        let request = Request::get(format!("{path}{query}"));
        let answer = send(&app, request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, 200, "{path}{query}");
        assert_fits(&document, schema(&document, path), &answer.json());
    }
}

#[test]
fn problems_fit_their_schema() {
    let document = document::<Api>();
    let problem = Problem::bad_request("no")
        .code("broken")
        .type_uri("/problems/broken")
        .instance("/products/7")
        .error(FieldError::pointer("/name", "is empty").code("empty"))
        .error(FieldError::parameter("limit", "is not a number"))
        .error(FieldError::header("accept", "is not known"))
        .extension("left", 3);
    let value = serde_json::to_value(problem).expect("a problem");
    assert_fits(
        &document,
        &json!({ "$ref": "#/components/schemas/Problem" }),
        &value,
    );
}

#[test]
fn pages_are_named_for_their_items() {
    let document = document::<Api>();
    assert_eq!(
        schema(&document, "/products")["$ref"],
        "#/components/schemas/CursorPage_Product",
    );
    let components = &document["components"]["schemas"];
    let items = |name: &str| &components[name]["properties"]["items"]["items"];
    let product = json!({ "$ref": "#/components/schemas/Product" });
    assert_eq!(items("CursorPage_Product"), &product);
    assert_eq!(items("OffsetPage_Product"), &product);
    assert_eq!(items("CursorPage_String"), &json!({ "type": "string" }));
    let wrapped = &items("CursorPage_Wrapped_Product")["properties"];
    assert_eq!(wrapped["note"], json!({ "type": "string" }));
    assert!(
        wrapped["item"]["properties"]["price_cents"].is_object(),
        "{wrapped}"
    );

    let edges = &components["Connection_Product"]["properties"]["edges"]["items"];
    assert_eq!(edges["$ref"], "#/components/schemas/Edge_Product");
    assert_eq!(components["Edge_Product"]["properties"]["node"], product);
    let names: Vec<_> = components.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        [
            "Connection_Product",
            "CursorPage_Product",
            "CursorPage_String",
            "CursorPage_Wrapped_Product",
            "Edge_Product",
            "FieldError",
            "NewProduct",
            "OffsetPage_Product",
            "PageInfo",
            "Problem",
            "Product",
        ],
    );
}

#[test]
fn what_may_be_missing_at_either_end_may_be_null() {
    let document = document::<Api>();
    let page = &document["components"]["schemas"]["CursorPage_Product"];
    for name in ["next_cursor", "previous_cursor"] {
        assert_eq!(page["properties"][name]["type"], json!(["string", "null"]));
        assert!(
            page["required"]
                .as_array()
                .is_some_and(|names| names.contains(&json!(name)))
        );
    }
    // A page of pages, however senseless, resolves as well.
    type Nested =
        api_patterns::pagination::CursorPage<api_patterns::pagination::CursorPage<Product>>;
    let mut gathered = Vec::new();
    <Nested as utoipa::ToSchema>::schemas(&mut gathered);
    let names: Vec<_> = gathered.iter().map(|(name, _)| name.as_str()).collect();
    assert!(
        names.contains(&"CursorPage_CursorPage_Product"),
        "{names:?}"
    );
    assert!(names.contains(&"CursorPage_Product"), "{names:?}");
}
