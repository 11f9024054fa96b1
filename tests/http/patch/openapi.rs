//! Patches in an OpenAPI document.

use api_patterns::patch::{JsonPatch, MergePatch, Patch};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

/// Something that is sold.
#[derive(Serialize, ToSchema, Patch)]
#[patch(immutable(id))]
struct Article {
    id: i64,
    /// What it is called.
    #[schema(max_length = 20)]
    name: String,
    #[schema(required)]
    rating: Option<f64>,
    maker: Maker,
}

#[derive(Serialize, serde::Deserialize, ToSchema)]
struct Maker {
    name: String,
}

#[utoipa::path(
    patch,
    path = "/articles/{id}",
    request_body(content(
        (ArticlePatch = "application/merge-patch+json"),
        (JsonPatch<Article> = "application/json-patch+json")
    )),
    responses((status = 200, body = Article))
)]
#[allow(dead_code, reason = "only its description is read")]
fn change() {}

#[derive(OpenApi)]
#[openapi(paths(change))]
struct Api;

fn document() -> Value {
    serde_json::to_value(Api::openapi()).expect("JSON")
}

/// Follows a reference.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = schema["$ref"].as_str();
    let pointer = reference.and_then(|reference| reference.strip_prefix('#'));
    pointer.map_or(schema, |pointer| {
        document.pointer(pointer).expect("a component")
    })
}

#[test]
fn a_body_of_either_form_is_described() {
    let document = document();
    let content = &document["paths"]["/articles/{id}"]["patch"]["requestBody"]["content"];
    let merge = &content["application/merge-patch+json"]["schema"];
    assert_eq!(merge["$ref"], "#/components/schemas/ArticlePatch");
    let merge = resolved(&document, merge);
    let properties = merge["properties"].as_object().expect("properties");
    assert_eq!(
        properties.keys().collect::<Vec<_>>(),
        ["maker", "name", "rating"]
    );
    assert_eq!(merge.get("required"), None);
    assert_eq!(merge["additionalProperties"], false);
    assert_eq!(merge["properties"]["name"]["maxLength"], 20);
    assert_eq!(
        merge["properties"]["name"]["description"],
        "What it is called."
    );
    assert_eq!(
        merge["properties"]["rating"]["type"],
        json!(["number", "null"])
    );
    assert!(document["components"]["schemas"]["Maker"].is_object());

    let operations = resolved(&document, &content["application/json-patch+json"]["schema"]);
    assert_eq!(operations["type"], "array");
    assert_eq!(operations["maxItems"], 256);
    let variants = operations["items"]["oneOf"].as_array().expect("variants");
    let needed: Vec<_> = variants
        .iter()
        .map(|variant| &variant["required"])
        .collect();
    assert_eq!(
        needed,
        [
            &json!(["op", "path", "value"]),
            &json!(["op", "path"]),
            &json!(["op", "path", "from"])
        ]
    );
}

#[test]
fn a_merge_patch_has_the_schema_of_the_changes() {
    use utoipa::PartialSchema;
    let schema = |schema| serde_json::to_value::<utoipa::openapi::RefOr<_>>(schema).expect("JSON");
    assert_eq!(
        schema(<MergePatch<Article> as PartialSchema>::schema()),
        schema(<ArticlePatch as PartialSchema>::schema())
    );
    assert_eq!(ArticlePatch::name(), "ArticlePatch");
}
