//! Names that meet, and types that refuse what others add.

use api_patterns::links::{Linked, Links, Rendering};
use api_patterns::openapi::{LinkedOperations, Paginated, Renderings};
use api_patterns::pagination::{CursorPage, Keyset, PageRequest, Pagination};
use api_patterns::problem::Problem;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::{Content, RefOr, Response, Schema};
use utoipa::{Modify as _, OpenApi, ToSchema};

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Keyset, Links)]
#[serde(deny_unknown_fields)]
#[keyset(unique = id, default = "id")]
#[links(base = "/strict/{id}")]
struct Strict {
    id: i64,
}

mod other {
    use super::{Links, Serialize, ToSchema};

    #[derive(Serialize, ToSchema, Links)]
    #[links(base = "/other/{key}")]
    pub(super) struct Strict {
        pub(super) key: i64,
    }
}

#[utoipa::path(get, path = "/strict/{id}", params(("id" = i64, Path)),
    responses((status = 200, description = "One", body = Linked<Strict>)))]
fn strict() {}

#[utoipa::path(get, path = "/other/{key}", params(("key" = i64, Path)),
    responses((status = 200, description = "One", body = other::Strict)))]
fn another() {}

#[utoipa::path(get, path = "/books/{page}/sheets", params(("page" = String, Path), PageRequest<Strict>),
    responses((status = 200, description = "A page", body = CursorPage<Strict>)))]
fn sheets() {}

#[derive(OpenApi)]
#[openapi(paths(strict, another, sheets))]
struct Api;

fn json(document: &utoipa::openapi::OpenApi) -> Value {
    serde_json::to_value(document).expect("JSON")
}

#[test]
fn links_fit_into_a_type_that_refuses_other_members() {
    let document = json(&Api::openapi());
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Strict"]["additionalProperties"], false);
    let part = &schemas["Linked_Strict"]["allOf"][0];
    assert_eq!(part["properties"]["id"]["type"], "integer");
    assert_eq!(part.get("additionalProperties"), None);
}

#[test]
fn types_of_one_name_are_told_apart_by_whoever_names_them() {
    let links = LinkedOperations::new().of::<Strict>().of::<other::Strict>();
    let item = other::Strict { key: 1 };
    let wrong = links.dangling(&Api::openapi());
    assert_eq!(wrong.len(), item.key as usize);
    assert!(
        wrong[0].contains("two types are called `Strict`"),
        "{wrong:?}"
    );
}

#[test]
fn settings_are_those_of_query_parameters() {
    let mut document = Api::openapi();
    let settings = Pagination::plain().max_limit(7);
    Paginated::new().settings(&settings).modify(&mut document);
    let document = json(&document);
    let parameters = &document["paths"]["/books/{page}/sheets"]["get"]["parameters"];
    let schema = |name: &str| {
        let parameters = parameters.as_array().expect("parameters");
        let found = parameters
            .iter()
            .find(|parameter| parameter["name"] == name);
        found.expect("the parameter")["schema"].clone()
    };
    assert_eq!(schema("page"), json!({"type": "string"}));
    assert_eq!(schema("limit")["maximum"], 7);
}

#[test]
fn renderings_of_one_media_type_are_not_negotiated() {
    let mut document = Api::openapi();
    Renderings::new([Rendering::Plain, Rendering::Header]).modify(&mut document);
    let document = json(&document);
    let responses = &document["paths"]["/strict/{id}"]["get"]["responses"];
    assert_eq!(responses.get("406"), None);
    assert_eq!(responses["200"]["headers"].get("Vary"), None);
}

/// What somebody has described by hand.
#[derive(Debug, thiserror::Error)]
#[error("by hand")]
struct ByHand;

impl From<ByHand> for Problem {
    fn from(error: ByHand) -> Self {
        Self::new(StatusCode::CONFLICT).detail(error.to_string())
    }
}

impl utoipa::IntoResponses for ByHand {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut response = Response::new("Told by hand");
        let content = response.content.entry("text/plain".to_owned());
        content.or_insert_with(|| Content::new::<RefOr<Schema>>(None).into());
        BTreeMap::from([("409".to_owned(), response.into())])
    }
}

#[derive(Debug, thiserror::Error, Problem)]
enum Mixed {
    /// It is taken.
    #[error("taken")]
    #[problem(status = 409, code = "taken")]
    Taken,
    #[error(transparent)]
    #[problem(transparent)]
    ByHand(#[from] ByHand),
}

#[utoipa::path(put, path = "/mixed", responses(Mixed))]
fn mixed() -> Result<(), Mixed> {
    Err(Mixed::Taken)
}

#[test]
fn what_is_described_by_hand_is_kept_beside_the_problems() {
    #[derive(OpenApi)]
    #[openapi(paths(mixed))]
    struct Api;

    assert!(mixed().is_err());
    let document = json(&Api::openapi());
    let conflict = &document["paths"]["/mixed"]["put"]["responses"]["409"];
    assert_eq!(conflict["description"], "Conflict: `taken`; Told by hand");
    let content = conflict["content"].as_object().expect("contents");
    let kinds: Vec<_> = content.keys().collect();
    assert_eq!(kinds, ["application/problem+json", "text/plain"]);
}

#[derive(Clone, Serialize, ToSchema, Links)]
#[links(base = "/valued/{id}")]
struct Valued<V: Clone + Serialize + ToSchema> {
    id: i64,
    value: V,
}

#[utoipa::path(get, path = "/valued", responses(
    (status = 200, description = "A page", body = Linked<CursorPage<Valued<i32>>>),
    (status = 203, description = "All", body = Linked<Vec<Strict>>)))]
fn valued() -> Valued<i32> {
    Valued { id: 1, value: 2 }
}

#[test]
fn pages_of_generic_items_and_lists_are_described() {
    #[derive(OpenApi)]
    #[openapi(paths(valued))]
    struct Api;

    assert_eq!(valued().value, 2);
    let document = json(&Api::openapi());
    super::assert_resolves(&document);
    let responses = &document["paths"]["/valued"]["get"]["responses"];
    let list = &responses["203"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(list, "#/components/schemas/Linked_Vec_Strict");
    let list = &document["components"]["schemas"]["Linked_Vec_Strict"]["allOf"];
    let item = &list[0]["properties"]["items"]["items"]["$ref"];
    assert_eq!(item, "#/components/schemas/Linked_Strict");
    assert_eq!(list[1]["required"], json!(["links"]));
}
