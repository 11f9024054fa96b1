//! Linked answers in all renderings have the schemas that the document says.

use api_patterns::links::{Link, Linked, LinkedWith, Links, LinksLayer, Rendering};
use api_patterns::openapi::{CommonProblems, Paginated, Renderings};
use api_patterns::pagination::{CursorPage, Keyset, OffsetPage, OffsetRequest, PageRequest};
use api_patterns::problem::Problem;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{Modify as _, OpenApi, ToSchema};

use super::{assert_resolves, document, operation, schemas::assert_fits};
use crate::problem::{Answer, send};

#[derive(Clone, Debug, Serialize, ToSchema)]
struct Shelf {
    floor: u8,
}

#[derive(Clone, Debug, Serialize, ToSchema, Keyset, Links)]
#[serde(rename_all = "camelCase")]
#[keyset(unique = book_id, default = "book_id")]
#[links(
    base = "/books/{book_id}",
    curie(name = "b", href = "https://books.example/rels/{rel}"),
    link(rel = "edit", method = "PATCH", title = "Change it", fields(name, pages)),
    link(rel = "b:burn", method = "DELETE", when = self.pages > 100),
    link(rel = "author", href = "/authors/{author}", title = "Who wrote it"),
    link(rel = "item", href = "{base}/chapters/{each}", each = chapters),
    link(rel = "search", href = "/books{?q}"),
    link(rel = "b:cover", href = "{base}/cover", type = "image/png")
)]
struct Book {
    book_id: i64,
    name: String,
    pages: u32,
    author: Option<i64>,
    chapters: Vec<u32>,
    #[serde(flatten)]
    shelf: Shelf,
}

/// With everything, with a second chapter, and with as little as can be.
fn books() -> Vec<Book> {
    let shelf = Shelf { floor: 1 };
    let book = |book_id, pages, author, chapters| Book {
        book_id,
        name: "n".to_owned(),
        pages,
        author,
        chapters,
        shelf: shelf.clone(),
    };
    vec![
        book(1, 500, Some(2), vec![1]),
        book(2, 500, Some(2), vec![1, 2]),
        book(3, 5, None, vec![]),
    ]
}

#[utoipa::path(get, path = "/books", params(PageRequest<Book>),
    responses((status = 200, description = "A page", body = Linked<CursorPage<Book>>)))]
async fn list(page: PageRequest<Book>) -> Result<LinkedWith<CursorPage<Book>>, Problem> {
    let page = page.select(books())?;
    let add = Link::new("create-form", "/books").method(Method::POST);
    Ok(Linked(page)
        .link(add)
        .link(Link::query("search", "/books", ["q"])))
}

#[utoipa::path(get, path = "/numbered", params(OffsetRequest<Book>),
    responses((status = 200, description = "A page", body = Linked<OffsetPage<Book>>)))]
async fn numbered(page: OffsetRequest<Book>) -> Linked<OffsetPage<Book>> {
    Linked(page.select(books()))
}

#[utoipa::path(get, path = "/full",
    responses((status = 200, description = "One", body = Linked<Book>)))]
async fn full() -> Linked<Book> {
    Linked(books().swap_remove(1))
}

#[utoipa::path(get, path = "/bare",
    responses((status = 200, description = "One", body = Linked<Book>)))]
async fn bare() -> Linked<Book> {
    Linked(books().swap_remove(2))
}

#[utoipa::path(post, path = "/full", operation_id = "create",
    responses((status = 201, description = "Made", body = Linked<Book>)))]
async fn create() -> LinkedWith<Book> {
    Linked(books().swap_remove(0)).created()
}

#[utoipa::path(get, path = "/unlinked",
    responses((status = 200, description = "One", body = Book)))]
fn unlinked() {}

const OFFERED: [Rendering; 4] = [
    Rendering::Plain,
    Rendering::Hal,
    Rendering::HalForms,
    Rendering::JsonApi,
];
const PAGES: Paginated = Paginated::new();
const RENDERINGS: Renderings = Renderings::new(OFFERED);
const PROBLEMS: CommonProblems = CommonProblems::new();

#[derive(OpenApi)]
#[openapi(
    paths(list, numbered, full, bare, create, unlinked),
    modifiers(&PAGES, &RENDERINGS, &PROBLEMS)
)]
struct Api;

#[derive(OpenApi)]
#[openapi(paths(list, numbered, full, bare, create, unlinked))]
struct Bare;

const PATHS: [&str; 4] = ["/books", "/numbered", "/full", "/bare"];

fn app(offered: impl IntoIterator<Item = Rendering>) -> Router {
    Router::new()
        .route("/books", get(list))
        .route("/numbered", get(numbered))
        .route("/full", get(full).post(create))
        .route("/bare", get(bare))
        .layer(LinksLayer::new().offer(offered))
}

async fn ask(app: &Router, method: Method, path: &str, accept: &str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("accept", accept).body(Body::empty());
    send(app, request.expect("a request")).await
}

/// Asserts that an answer has a documented media type and its schema.
fn assert_described(document: &Value, method: &str, path: &str, answer: &Answer) {
    let responses = &operation(document, method, path)["responses"];
    let content = &responses[answer.status.as_str()]["content"];
    let media_type = answer.content_type();
    let schema = &content[media_type]["schema"];
    assert!(schema.is_object(), "{path} as {media_type}: {content}");
    assert_fits(document, schema, &answer.json());
}

fn described(renderings: Renderings) -> Value {
    let mut document = Bare::openapi();
    PAGES.modify(&mut document);
    renderings.modify(&mut document);
    serde_json::to_value(document).expect("a document")
}

#[tokio::test]
async fn every_rendering_has_its_schema() {
    let document = document::<Api>();
    assert_resolves(&document);
    let app = app(OFFERED);
    for rendering in OFFERED {
        for path in PATHS {
            let answer = ask(&app, Method::GET, path, rendering.media_type()).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.content_type(), rendering.media_type(), "{path}");
            assert_described(&document, "get", path, &answer);
        }
        let answer = ask(&app, Method::POST, "/full", rendering.media_type()).await;
        assert_eq!(answer.status, 201);
        assert_described(&document, "post", "/full", &answer);
    }
}

#[tokio::test]
async fn a_schema_is_not_that_of_another_rendering() {
    let document = document::<Api>();
    let app = app(OFFERED);
    let content = |path| &operation(&document, "get", path)["responses"]["200"]["content"];
    for path in PATHS {
        let types: Vec<_> = content(path).as_object().expect("types").keys().collect();
        assert_eq!(types.len(), 4, "{types:?}");
        for served in OFFERED {
            let answer = ask(&app, Method::GET, path, served.media_type()).await;
            let others = OFFERED.iter().filter(|other| **other != served);
            for other in others {
                let schema = &content(path)[other.media_type()]["schema"];
                let fits = super::schemas::fits(&document, schema, &answer.json());
                // HAL-FORMS without templates is HAL.
                let is_hal = |form| matches!(form, Rendering::Hal | Rendering::HalForms);
                if !(is_hal(served) && is_hal(*other)) {
                    assert!(fits.is_err(), "{path}: {served:?} as {other:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn links_in_the_header_only_leave_the_schema_without_them() {
    let document = described(Renderings::new([Rendering::Header, Rendering::Plain]));
    assert_resolves(&document);
    let app = app([Rendering::Header, Rendering::Plain]);
    for path in PATHS {
        let answer = ask(&app, Method::GET, path, "*/*").await;
        assert_eq!(answer.json().get("links"), None, "{path}");
        assert_described(&document, "get", path, &answer);
        let operation = operation(&document, "get", path);
        let content = operation["responses"]["200"]["content"].as_object();
        assert_eq!(content.map(serde_json::Map::len), Some(1), "{path}");
    }
}

#[tokio::test]
async fn negotiation_is_described_where_there_is_any() {
    let document = document::<Api>();
    let app = app(OFFERED);
    for path in PATHS {
        let refused = ask(&app, Method::GET, path, "text/html").await;
        assert_eq!(refused.status, 406, "{path}");
        assert_described(&document, "get", path, &refused);
        let answer = ask(&app, Method::GET, path, "*/*").await;
        assert_eq!(answer.headers["vary"], "accept", "{path}");
        let responses = &operation(&document, "get", path)["responses"];
        assert!(responses["200"]["headers"]["Vary"]["schema"].is_object());
    }
    // What a POST has done is done.
    let answer = ask(&app, Method::POST, "/full", "text/html").await;
    assert_eq!(answer.status, 201);
    assert_described(&document, "post", "/full", &answer);
    let responses = &operation(&document, "post", "/full")["responses"];
    assert!(responses["201"]["headers"]["Vary"].is_object());
    assert_eq!(responses.get("406"), None);

    let unlinked = &operation(&document, "get", "/unlinked")["responses"];
    assert_eq!(unlinked.get("406"), None);
    assert_eq!(unlinked["200"].get("headers"), None);
    let content = unlinked["200"]["content"].as_object();
    assert_eq!(content.map(serde_json::Map::len), Some(1));
}

#[tokio::test]
async fn a_single_rendering_is_not_negotiated() {
    let document = described(Renderings::new([Rendering::Hal]));
    let app = app([Rendering::Hal]);
    for path in PATHS {
        let answer = ask(&app, Method::GET, path, "text/html").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers.get("vary"), None);
        assert_described(&document, "get", path, &answer);
        let responses = &operation(&document, "get", path)["responses"];
        assert_eq!(responses.get("406"), None);
        assert_eq!(responses["200"]["headers"].get("Vary"), None);
        let content = responses["200"]["content"].as_object();
        let types: Vec<_> = content.expect("types").keys().collect();
        assert_eq!(types, ["application/hal+json"], "{path}");
    }
}

#[test]
fn schemas_name_what_the_rendering_names() {
    let document = document::<Api>();
    let components = &document["components"]["schemas"];
    let resource = &components["JsonApiResource_Book"];
    assert_eq!(resource["properties"]["type"]["enum"], json!(["books"]));
    let attributes = resource["properties"]["attributes"].to_string();
    assert!(attributes.contains("chapters"), "{attributes}");
    assert!(!attributes.contains("bookId"), "{attributes}");
    let embedded = &components["Hal_CursorPage_Book"]["properties"]["_embedded"];
    assert_eq!(
        embedded["properties"]["books"]["items"],
        json!({ "$ref": "#/components/schemas/Hal_Book" }),
    );
    assert_eq!(embedded["required"], json!(["books"]));
    // Pages are found all the same.
    let pagination = &operation(&document, "get", "/books")["x-pagination"];
    assert_eq!(pagination["results"], "items");
}
