//! Links between operations, from the definitions that make the links at run time.

use api_patterns::links::{Linked, Links, LinksLayer};
use api_patterns::openapi::LinkedOperations;
use api_patterns::pagination::{CursorPage, Keyset};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{Modify as _, OpenApi, ToSchema};

use super::{document, operation};
use crate::problem::send;

#[derive(Clone, Debug, Serialize, ToSchema, Keyset, Links)]
#[serde(rename_all = "camelCase")]
#[keyset(unique = id, default = "id")]
#[links(
    base = "/teams/{id}",
    any_rel,
    link(rel = "edit", method = "PATCH"),
    link(rel = "delete", method = "DELETE", when = self.id > 5),
    link(rel = "members", href = "/members?team={id}&sort=-name"),
    link(rel = "home", href = "/towns/{country}/t-{town_name}", title = "Where they play"),
    link(rel = "urn:x:coach", href = "/members/{coach}", when = self.id > 1),
    link(rel = "first", href = "/towns/at/Linz"),
    link(rel = "secret", href = "/members/{hidden}"),
    link(rel = "item", href = "/members/{each}", each = players),
    link(rel = "search", href = "/members{?team,sort}"),
    link(rel = "about", href = "https://elsewhere.example/{id}"),
)]
struct Team {
    id: i64,
    country: String,
    town_name: String,
    coach: Option<i64>,
    #[serde(skip)]
    #[allow(dead_code)]
    hidden: i64,
    players: Vec<i64>,
}

/// Nothing but links.
#[derive(Clone, Debug, Serialize, ToSchema, Links)]
#[links(
    base = "/",
    any_rel,
    link(rel = "members"),
    link(rel = "team", href = "/teams/7")
)]
struct Root {}

const TEAM: fn() -> Team = || Team {
    id: 7,
    country: "at".to_owned(),
    town_name: "Graz / Süd".to_owned(),
    coach: Some(3),
    hidden: 9,
    players: vec![1, 2],
};

#[utoipa::path(get, path = "/teams/{id}", params(("id" = i64, Path)),
    responses((status = 200, description = "It", body = Linked<Team>)))]
async fn show() -> Linked<Team> {
    Linked(TEAM())
}

#[utoipa::path(post, path = "/teams",
    responses((status = 201, description = "Made", body = Linked<Team>)))]
fn create() {}

#[utoipa::path(get, path = "/teams",
    responses((status = 200, description = "All", body = Linked<CursorPage<Team>>)))]
fn list() {}

#[utoipa::path(patch, path = "/teams/{id}", params(("id" = i64, Path)),
    responses((status = 204, description = "Changed")))]
fn edit() {}

#[utoipa::path(delete, path = "/teams/{id}", params(("id" = i64, Path)),
    responses((status = 204, description = "Gone")))]
fn delete() {}

#[utoipa::path(get, path = "/members", params(("team" = i64, Query), ("sort" = String, Query)),
    responses((status = 200, description = "Members")))]
fn members() {}

#[utoipa::path(get, path = "/members/{member}", operation_id = "twice",
    params(("member" = i64, Path)), responses((status = 200, description = "One")))]
fn member() {}

#[utoipa::path(get, path = "/towns/{country}/{town}", operation_id = "town",
    params(("country" = String, Path), ("town" = String, Path)),
    responses((status = 200, description = "A town")))]
fn town() {}

#[utoipa::path(get, path = "/towns/at/Linz", operation_id = "twice",
    responses((status = 200, description = "A town")))]
fn linz() {}

const LINKS: LinkedOperations = LinkedOperations::new().of::<Team>();

#[derive(OpenApi)]
#[openapi(
    paths(show, create, list, edit, delete, members, member, town, linz),
    modifiers(&LINKS)
)]
struct Api;

fn links(method: &str, path: &str, status: &str) -> Value {
    operation(&document::<Api>(), method, path)["responses"][status]["links"].clone()
}

#[test]
fn links_name_operations_and_where_their_parameters_come_from() {
    let expected = json!({
        "self": { "operationId": "show", "parameters": { "id": "$response.body#/id" } },
        "members": {
            "operationId": "members",
            "parameters": { "team": "$response.body#/id", "sort": "-name" },
        },
        "home": {
            "operationId": "town",
            "parameters": {
                "country": "$response.body#/country",
                "town": "t-{$response.body#/townName}",
            },
            "description": "Where they play.",
        },
        "urn_x_coach": {
            "operationRef": "#/paths/~1members~1%7Bmember%7D/get",
            "parameters": { "member": "$response.body#/coach" },
            "description": "Conditional: the links in the answer tell whether it is there. \
                            There only where `coach` has a value.",
        },
        // The literal path goes before that with parameters.
        "first": { "operationRef": "#/paths/~1towns~1at~1Linz/get" },
    });
    assert_eq!(links("get", "/teams/{id}", "200"), expected);
    assert_eq!(links("post", "/teams", "201"), expected);
    assert_eq!(links("get", "/teams", "200"), Value::Null);
}

/// What a client that knows runtime expressions makes of a parameter.
fn evaluate(expression: &str, body: &Value) -> String {
    let text = |pointer: &str| match body.pointer(pointer).expect("a member") {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Some(pointer) = expression.strip_prefix("$response.body#") {
        return text(pointer);
    }
    match expression.split_once("{$response.body#") {
        Some((before, rest)) => {
            let (pointer, after) = rest.split_once('}').expect("a closed expression");
            format!("{before}{}{}", text(pointer), evaluate(after, body))
        }
        None => expression.to_owned(),
    }
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |out, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            out + &char::from(byte).to_string()
        }
        _ => out + &format!("%{byte:02X}"),
    })
}

#[tokio::test]
async fn documented_links_lead_where_the_served_ones_lead() {
    let document = document::<Api>();
    let app = Router::new()
        .route("/teams/{id}", get(show))
        .layer(LinksLayer::new());
    let request = Request::get("/teams/7").body(Body::empty());
    let body = send(&app, request.expect("a request")).await.json();
    let served = |rel: &str| {
        let links = body["links"].as_array().expect("links");
        let found = links.iter().find(|link| link["rel"] == rel);
        found.expect("the relation")["href"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    let links = links("get", "/teams/{id}", "200");
    for (rel, path) in [
        ("self", "/teams/{id}"),
        ("home", "/towns/{country}/{town}"),
        ("members", "/members"),
    ] {
        let link = &links[rel];
        let target = operation(&document, "get", path);
        assert_eq!(link["operationId"], target["operationId"]);
        let parameters = link["parameters"].as_object().expect("parameters");
        let mut made = path.to_owned();
        let mut query = Vec::new();
        for (name, expression) in parameters {
            let value = encoded(&evaluate(expression.as_str().expect("text"), &body));
            let place = format!("{{{name}}}");
            match made.contains(&place) {
                true => made = made.replace(&place, &value),
                false => query.push(format!("{name}={value}")),
            }
        }
        let served = served(rel);
        let (path, rest) = served.split_once('?').unwrap_or((&served, ""));
        assert_eq!(made, path, "{rel}");
        let mut rest: Vec<_> = rest.split('&').filter(|pair| !pair.is_empty()).collect();
        rest.sort_unstable();
        assert_eq!(query, rest, "{rel}");
    }
}

#[test]
fn a_document_of_links_only_is_an_item_too() {
    #[utoipa::path(get, path = "/",
        responses((status = 200, description = "Root", body = Linked<Root>)))]
    fn root() {}

    const ROOT: LinkedOperations = LinkedOperations::new().of::<Root>();

    #[derive(OpenApi)]
    #[openapi(paths(root, show), modifiers(&ROOT))]
    struct Found;

    assert_eq!(
        operation(&document::<Found>(), "get", "/")["responses"]["200"]["links"],
        json!({
            "self": { "operationId": "root" },
            "members": { "operationId": "root" },
            "team": { "operationId": "show", "parameters": { "id": "7" } },
        }),
    );
}

#[test]
fn links_that_lead_nowhere_are_named() {
    #[derive(OpenApi)]
    #[openapi(paths(show, create, list, delete, member))]
    struct Few;

    assert_eq!(LINKS.dangling(&Api::openapi()), Vec::<String>::new());
    assert_eq!(
        LINKS.dangling(&Few::openapi()),
        [
            "`edit` of `Team`: there is no operation `PATCH /teams/{id}`",
            "`members` of `Team`: there is no operation `GET /members`",
            "`home` of `Team`: there is no operation `GET /towns/{country}/t-{townName}`",
            "`first` of `Team`: there is no operation `GET /towns/at/Linz`",
            "`search` of `Team`: there is no operation `GET /members`",
        ],
    );
}

#[test]
fn a_parameter_that_the_operation_does_not_know_is_named() {
    #[utoipa::path(get, path = "/members", params(("team" = i64, Query), ("sort" = i64, Header)),
        responses((status = 200, description = "Members")))]
    fn members() {}

    #[derive(OpenApi)]
    #[openapi(paths(show, edit, delete, members, member, town))]
    struct Other;

    assert_eq!(
        LINKS.dangling(&Other::openapi()),
        [
            "`members` of `Team`: `GET /members` has no parameter `sort`",
            "`search` of `Team`: `GET /members` has no parameter `sort`",
        ],
    );
}

#[test]
fn a_mounted_router_is_found_below_its_path() {
    #[derive(OpenApi)]
    #[openapi(nest((path = "/api/v1", api = Inner)))]
    struct Outer;

    #[derive(OpenApi)]
    #[openapi(paths(show, create, list, edit, delete, members, member, town, linz))]
    struct Inner;

    let mut document = Outer::openapi();
    assert_eq!(LINKS.dangling(&document).len(), 10);
    let links = LINKS.mounted("/api/v1");
    assert_eq!(links.dangling(&document), Vec::<String>::new());
    links.modify(&mut document);
    let document = serde_json::to_value(document).expect("a document");
    let shown = &operation(&document, "get", "/api/v1/teams/{id}")["responses"]["200"]["links"];
    assert_eq!(shown["members"]["operationId"], "members");
}

#[test]
fn links_of_other_types_and_of_ones_own_stay() {
    let mut openapi = Api::openapi();
    let before = openapi.clone();
    LINKS.modify(&mut openapi);
    assert!(openapi == before, "twice is once");
    LinkedOperations::new().modify(&mut openapi);
    assert!(openapi == before, "no type, no link");
}
