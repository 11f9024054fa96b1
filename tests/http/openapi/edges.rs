//! Names that meet, and types that refuse what others add.

use api_patterns::links::{Linked, Links, Rendering};
use api_patterns::openapi::{LinkedOperations, Paginated, Renderings};
use api_patterns::pagination::{CursorPage, Keyset, PageRequest, Pagination};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
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
