//! A document that describes pages, links and problems without a schema written by hand.
//!
//! ```text
//! $ cargo run -p blocks --example openapi
//! $ curl 127.0.0.1:3000/openapi.json
//! {"openapi":"3.1.0", …, "/notes":{"get":{"parameters":[{"name":"cursor","in":"query",…},…],
//!  "responses":{"200":{"links":…,"content":{"application/json":…,"application/hal+json":…}},"400":…},
//!  "x-pagination":{"type":"cursor","cursor_param":"cursor",…}}}, …}
//! ```

use api_patterns::links::{Linked, Links, LinksLayer, Rendering};
use api_patterns::openapi::{CommonProblems, LinkedOperations, Paginated, Renderings};
use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
use api_patterns::problem::{Path, Problem};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

#[derive(Clone, Serialize, ToSchema, Keyset, Links)]
#[keyset(unique = id, default = "id")]
#[links(base = "/notes/{id}", link(rel = "collection", href = "/notes"))]
struct Note {
    id: u32,
    text: &'static str,
}

const NOTES: [Note; 2] = [Note { id: 1, text: "one" }, Note { id: 2, text: "two" }];

#[derive(Debug, thiserror::Error, Problem)]
enum Error {
    /// There is no such note.
    #[error("there is no note {0}")]
    #[problem(status = 404, code = "no_note")]
    NoNote(u32),
}

/// List notes
#[utoipa::path(get, path = "/notes", params(PageRequest<Note>),
    responses((status = 200, description = "A page", body = Linked<CursorPage<Note>>)))]
async fn list(page: PageRequest<Note>) -> Result<Linked<CursorPage<Note>>, Problem> {
    Ok(Linked(page.select(NOTES)?))
}

/// Show a note
#[utoipa::path(get, path = "/notes/{id}", params(("id" = u32, Path)),
    responses((status = 200, description = "The note", body = Linked<Note>), Error))]
async fn show(Path(id): Path<u32>) -> Result<Linked<Note>, Error> {
    let note = NOTES.into_iter().find(|note| note.id == id);
    note.map(Linked).ok_or(Error::NoNote(id))
}

const OFFERED: [Rendering; 2] = [Rendering::Plain, Rendering::Hal];
const LINKS: LinkedOperations = LinkedOperations::new().of::<Note>();
const PAGES: Paginated = Paginated::new();
const RENDERINGS: Renderings = Renderings::new(OFFERED);
const PROBLEMS: CommonProblems = CommonProblems::new();

#[derive(OpenApi)]
#[openapi(paths(list, show), modifiers(&LINKS, &PAGES, &RENDERINGS, &PROBLEMS))]
struct Api;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = Api::openapi();
    assert!(LINKS.dangling(&document).is_empty(), "a link leads nowhere");
    let app = Router::new()
        .route("/notes", get(list))
        .route("/notes/{id}", get(show))
        .route("/openapi.json", get(async move || Json(document)))
        .layer(LinksLayer::new().offer(OFFERED));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
