//! Linked items and pages of them.

use api_patterns::links::{Linked, Links};
use api_patterns::openapi::{CommonProblems, Paginated};
use api_patterns::pagination::{CursorPage, Keyset, OffsetPage, PageRequest};
use api_patterns::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

use super::{assert_resolves, document, operation, schemas::assert_fits};
use crate::problem::send;

#[derive(Clone, Debug, Serialize, ToSchema, Keyset, Links)]
#[keyset(unique = id, default = "id")]
#[links(
    base = "/lamps/{id}",
    link(rel = "edit", method = "PATCH", title = "Change it"),
    link(rel = "search", href = "/lamps{?q}")
)]
struct Lamp {
    id: i64,
}

#[utoipa::path(get, path = "/lamps", params(PageRequest<Lamp>),
    responses((status = 200, description = "A page", body = Linked<CursorPage<Lamp>>)))]
async fn lamps(page: PageRequest<Lamp>) -> Result<Linked<CursorPage<Lamp>>, Problem> {
    page.select([Lamp { id: 1 }, Lamp { id: 2 }]).map(Linked)
}

#[utoipa::path(get, path = "/lamp",
    responses((status = 200, description = "One", body = Linked<Lamp>)))]
async fn lamp() -> Linked<Lamp> {
    Linked(Lamp { id: 1 })
}

#[utoipa::path(get, path = "/numbered",
    responses((status = 200, description = "A page", body = Linked<OffsetPage<Lamp>>)))]
fn numbered() {}

#[utoipa::path(get, path = "/plain",
    responses((status = 200, description = "A page", body = CursorPage<Linked<Lamp>>)))]
fn plain() {}

const PAGES: Paginated = Paginated::new();
const PROBLEMS: CommonProblems = CommonProblems::new();

#[derive(OpenApi)]
#[openapi(paths(lamps, lamp, numbered, plain), modifiers(&PAGES, &PROBLEMS))]
struct Api;

#[test]
fn linked_items_have_a_name_of_their_own() {
    let document = document::<Api>();
    assert_resolves(&document);
    let components = document["components"]["schemas"].as_object();
    let names: Vec<_> = components.expect("an object").keys().collect();
    assert_eq!(
        names,
        [
            "CursorPage_Linked_Lamp",
            "FieldError",
            "Lamp",
            "Link",
            "Linked_CursorPage_Lamp",
            "Linked_Lamp",
            "Linked_OffsetPage_Lamp",
            "Problem",
        ],
    );
    let items = |page: &Value| page["properties"]["items"]["items"].clone();
    let linked = json!({ "$ref": "#/components/schemas/Linked_Lamp" });
    let components = &document["components"]["schemas"];
    assert_eq!(items(&components["CursorPage_Linked_Lamp"]), linked);
    for page in ["Linked_CursorPage_Lamp", "Linked_OffsetPage_Lamp"] {
        assert_eq!(items(&components[page]["allOf"][0]), linked, "{page}");
    }
}

#[test]
fn linked_pages_are_pages() {
    let document = document::<Api>();
    for (path, kind) in [
        ("/lamps", "cursor"),
        ("/numbered", "page"),
        ("/plain", "cursor"),
    ] {
        let operation = operation(&document, "get", path);
        assert_eq!(operation["x-pagination"]["type"], kind, "{path}");
    }
    let lamp = operation(&document, "get", "/lamp");
    assert_eq!(lamp.get("x-pagination"), None);
}

#[tokio::test]
async fn linked_answers_fit_their_schemas() {
    let document = document::<Api>();
    let app = Router::new()
        .route("/lamps", get(lamps))
        .route("/lamp", get(lamp));
    for path in ["/lamps", "/lamp"] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let answer = send(&app, request).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.json()["links"]
                .as_array()
                .is_some_and(|links| !links.is_empty())
        );
        let responses = &operation(&document, "get", path)["responses"];
        let schema = &responses["200"]["content"]["application/json"]["schema"];
        assert_fits(&document, schema, &answer.json());
    }
}
