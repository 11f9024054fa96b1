//! The OpenAPI document: complete without schemas written by hand, and true.

#![allow(
    dead_code,
    reason = "some handlers and errors are described and never called"
)]

use api_patterns::filter::{Filter, Filters};
use api_patterns::openapi::{CommonProblems, Paginated};
use api_patterns::pagination::{
    Connection, CursorPage, Keyset, OffsetPage, OffsetRequest, PageRequest, Pagination,
    RelayRequest, Totals,
};
use api_patterns::problem::{Json, Problem, Problems};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{Modify as _, OpenApi, ToSchema};

mod edges;
mod linked;
mod linked_operations;
mod parameters;
mod renderings;
mod responses;
mod schemas;

/// With every kind of filter.
#[derive(Clone, Debug, Serialize, ToSchema, Keyset, Filter)]
#[keyset(unique = id, default = "-price_cents", sortable(id, price_cents, name))]
#[filter(search(name, sku), param = "q")]
pub(crate) struct Product {
    #[filter(eq, ne, in)]
    id: i64,
    #[filter(eq, in)]
    sku: String,
    #[filter(eq, like)]
    name: String,
    #[filter(lt, lte, gt, gte)]
    price_cents: i64,
    #[filter(gte, in, is_null)]
    rating: Option<f64>,
    #[filter(eq)]
    active: bool,
    #[filter(eq, in)]
    shelf: u8,
    #[filter(eq)]
    atoms: u64,
    #[filter(lt)]
    #[serde(skip)]
    created_at: chrono::DateTime<chrono::Utc>,
    #[filter(eq)]
    #[schema(value_type = String)]
    maker: uuid::Uuid,
    #[filter(eq, in)]
    #[serde(skip)]
    weight: rust_decimal::Decimal,
    #[filter(eq)]
    #[serde(skip)]
    born: chrono::NaiveDate,
}

/// A wrapper of the application's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct Wrapped<T> {
    item: T,
    note: String,
}

#[derive(Debug, thiserror::Error, Problem)]
#[error("only {left} left")]
#[problem(status = 409, code = "out_of_stock", title = "Out of stock")]
pub(crate) struct OutOfStock {
    #[problem(extension)]
    left: u32,
}

/// Its problem is any.
#[derive(Debug, thiserror::Error)]
#[error("foreign")]
struct Foreign;

impl From<Foreign> for Problem {
    fn from(_: Foreign) -> Self {
        Self::unavailable("elsewhere")
    }
}

#[derive(Debug, thiserror::Error, Problem)]
pub(crate) enum ShopError {
    /// There is no such product.
    ///
    /// Or not any more.
    #[error("no product")]
    #[problem(status = 404, code = "product_not_found")]
    NoProduct,
    #[error("no shelf")]
    #[problem(
        status = 404,
        code = "shelf_not_found",
        type = "/problems/shelf",
        detail = "no shelf"
    )]
    NoShelf,
    #[error("taken")]
    #[problem(status = 409, code = "sku_taken")]
    Taken,
    #[error(transparent)]
    #[problem(transparent)]
    Stock(#[from] OutOfStock),
    #[error("the database failed")]
    Database(#[source] std::io::Error),
}

/// Whose transparent case says nothing of itself.
#[derive(Debug, thiserror::Error, Problem)]
enum Loose<T: std::error::Error>
where
    Problem: From<T>,
{
    #[error(transparent)]
    #[problem(transparent)]
    Foreign(#[from] Foreign),
    #[error(transparent)]
    #[problem(transparent)]
    Any(T),
    #[error("gone")]
    #[problem(status = 410)]
    Gone,
}

#[derive(serde::Deserialize, ToSchema)]
struct NewProduct {
    name: String,
}

#[utoipa::path(get, path = "/products", operation_id = "products",
    params(PageRequest<Product>, Filters<Product>),
    responses((status = 200, description = "A page", body = CursorPage<Product>), Problems<429>))]
async fn products(page: PageRequest<Product>) -> Result<CursorPage<Product>, Problem> {
    page.select([])
}

#[utoipa::path(get, path = "/wrapped", params(PageRequest<Product>),
    responses((status = 200, description = "A page", body = CursorPage<Wrapped<Product>>)))]
fn wrapped() {}

#[utoipa::path(get, path = "/names", params(PageRequest<Product>),
    responses((status = 200, description = "A page", body = CursorPage<String>)))]
fn names() {}

#[utoipa::path(get, path = "/numbered", params(OffsetRequest<Product>),
    responses((status = 200, description = "A page", body = OffsetPage<Product>)))]
async fn numbered(page: OffsetRequest<Product>) -> OffsetPage<Product> {
    page.select([])
}

#[utoipa::path(get, path = "/relay", params(RelayRequest<Product>),
    responses((status = 200, description = "A page", body = Connection<Product>)))]
async fn relay(relay: RelayRequest<Product>) -> Result<Connection<Product>, Problem> {
    relay.connect(async |page| page.select([])).await
}

#[utoipa::path(post, path = "/products", request_body = NewProduct,
    responses((status = 201, description = "Made", body = Product), ShopError))]
fn create() {}

#[utoipa::path(get, path = "/products/{id}", params(("id" = i64, Path)),
    responses((status = 200, description = "It", body = Product), (status = "4XX", description = "No")))]
fn show() {}

#[utoipa::path(delete, path = "/all", responses((status = 204, description = "Gone"), Loose<Foreign>))]
fn delete() {}

const PAGES: Paginated = Paginated::new().speakeasy().fern();
const PROBLEMS: CommonProblems = CommonProblems::new().everywhere(503);

#[derive(OpenApi)]
#[openapi(
    paths(products, wrapped, names, numbered, relay, create, show, delete),
    modifiers(&PAGES, &PROBLEMS)
)]
struct Api;

/// The same without the modifiers.
#[derive(OpenApi)]
#[openapi(
    paths(products, wrapped, names, numbered, relay, create, show, delete),
    components(schemas(CursorPage<Product>))
)]
struct Bare;

fn document<T: OpenApi>() -> Value {
    serde_json::to_value(T::openapi()).expect("a document")
}

fn operation<'a>(document: &'a Value, method: &str, path: &str) -> &'a Value {
    let operation = &document["paths"][path][method];
    assert!(operation.is_object(), "{method} {path}");
    operation
}

/// Every `$ref` below a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "$ref" => found.push(reference),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn assert_resolves(document: &Value) {
    let mut found = Vec::new();
    references(document, &mut found);
    assert!(found.len() > 5, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn every_reference_resolves() {
    assert_resolves(&document::<Api>());
    assert_resolves(&document::<Bare>());
}

#[test]
fn paginated_operations_say_how_to_go_on() {
    let document = document::<Api>();
    let extension = |path, name: &str| operation(&document, "get", path)[name].clone();
    let cursor = json!({
        "type": "cursor", "cursor_param": "cursor", "limit_param": "limit", "results": "items",
        "next_cursor": "next_cursor", "previous_cursor": "previous_cursor", "has_more": "has_more",
    });
    for path in ["/products", "/wrapped", "/names"] {
        assert_eq!(extension(path, "x-pagination"), cursor, "{path}");
    }
    assert_eq!(
        extension("/numbered", "x-pagination"),
        json!({
            "type": "page", "page_param": "page", "limit_param": "page_size", "results": "items",
            "total": "total",
        }),
    );
    assert_eq!(
        extension("/relay", "x-pagination"),
        json!({
            "type": "cursor", "cursor_param": "after", "limit_param": "first", "results": "edges",
            "next_cursor": "pageInfo.endCursor", "previous_cursor": "pageInfo.startCursor",
            "has_more": "pageInfo.hasNextPage",
        }),
    );
    assert_eq!(
        extension("/products", "x-speakeasy-pagination"),
        json!({
            "type": "cursor",
            "inputs": [
                { "name": "cursor", "in": "parameters", "type": "cursor" },
                { "name": "limit", "in": "parameters", "type": "limit" },
            ],
            "outputs": { "results": "$.items", "nextCursor": "$.next_cursor" },
        }),
    );
    assert_eq!(
        extension("/numbered", "x-fern-pagination"),
        json!({ "offset": "$request.page", "results": "$response.items" }),
    );
    for (method, path) in [("post", "/products"), ("get", "/products/{id}")] {
        let operation = operation(&document, method, path);
        assert_eq!(operation.get("x-pagination"), None, "{path}");
    }
}

#[test]
fn pages_with_a_link_header_say_so() {
    let document = document::<Api>();
    let headers = |path| &operation(&document, "get", path)["responses"]["200"]["headers"];
    for path in ["/products", "/names", "/numbered"] {
        assert_eq!(headers(path)["Link"]["schema"]["type"], "string", "{path}");
    }
    assert_eq!(headers("/relay"), &Value::Null);
    assert_eq!(headers("/products/{id}"), &Value::Null);
}

#[test]
fn the_settings_of_a_layer_show_in_the_parameters() {
    let shown = |pagination: Pagination| {
        let mut document = Bare::openapi();
        Paginated::new().settings(&pagination).modify(&mut document);
        serde_json::to_value(document).expect("a document")
    };
    let set = Pagination::plain()
        .default_limit(50)
        .max_limit(200)
        .max_offset(500);
    let document = shown(set.totals(Totals::Refused));
    for (path, name) in [("/products", "limit"), ("/numbered", "page_size")] {
        let schema = &parameters::named(operation(&document, "get", path), name)["schema"];
        let found = [&schema["minimum"], &schema["maximum"], &schema["default"]];
        assert_eq!(found, [1, 200, 50], "{name}");
    }
    let page = parameters::named(operation(&document, "get", "/numbered"), "page");
    assert_eq!(page["schema"]["maximum"], 501);
    let names = parameters::names(operation(&document, "get", "/relay"));
    assert_eq!(names, ["first", "after", "last", "before", "sort"]);

    let document = shown(Pagination::plain().clamp_limit());
    let limit = parameters::named(operation(&document, "get", "/products"), "limit");
    assert_eq!(limit["schema"].get("maximum"), None);
}

#[test]
fn nothing_is_said_of_an_app_without_pages_and_problems() {
    #[utoipa::path(get, path = "/", responses((status = 200, description = "Well")))]
    fn root() {}

    #[derive(OpenApi)]
    #[openapi(paths(root))]
    struct Plain;

    let mut document = Plain::openapi();
    PAGES.modify(&mut document);
    CommonProblems::new().without(500).modify(&mut document);
    assert!(document == Plain::openapi());
}

#[tokio::test]
async fn the_document_is_served_as_json() {
    let app = axum::Router::new().route(
        "/openapi.json",
        axum::routing::get(async || Json(Api::openapi())),
    );
    let request = axum::http::Request::get("/openapi.json");
    let request = request.body(axum::body::Body::empty()).expect("a request");
    let answer = crate::problem::send(&app, request).await;
    assert_eq!(answer.content_type(), "application/json");
    assert_eq!(answer.json()["openapi"], "3.1.0");
}
