//! Links: clients start at the root and follow what is there.
//!
//! ```text
//! $ cargo run -p blocks --example links
//! $ curl 127.0.0.1:3000/notes/2
//! {"id":2,"text":"two","open":true,"links":[{"href":"/notes/2","rel":"self","method":"GET"},
//!  {"href":"/notes/2","rel":"edit","method":"PUT"},{"href":"/notes","rel":"collection","method":"GET"}]}
//! $ curl -H 'accept: application/hal+json' '127.0.0.1:3000/notes?limit=1'
//! {"_embedded":{"notes":[{"id":1,"text":"one","open":false,"_links":{"self":{"href":"/notes/1"},
//!  "collection":{"href":"/notes"}}}]},"next_cursor":…,"_links":{"self":{"href":"/notes?limit=1"},…}}
//! $ curl -H 'x-forwarded-host: notes.example' -H 'x-forwarded-proto: https' 127.0.0.1:3000/notes/1
//! {"id":1,"text":"one","open":false,"links":[{"href":"https://notes.example/notes/1",…
//! ```

use api_patterns::links::{Linked, Links, LinksLayer};
use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
use api_patterns::problem::Problem;
use api_patterns::proxy::{BaseUrl, Proxies};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use serde::Serialize;

#[derive(Clone, Serialize, Keyset, Links)]
#[keyset(unique = id, default = "id")]
#[links(
    base = "/notes/{id}",
    link(rel = "edit", method = "PUT", when = "self.open"),
    link(rel = "collection", href = "/notes")
)]
struct Note {
    id: u32,
    text: &'static str,
    open: bool,
}

fn notes() -> Vec<Note> {
    let texts = ["one", "two", "three", "four"];
    let note = |(id, text)| Note {
        id,
        text,
        open: id % 2 == 0,
    };
    (1..).zip(texts).map(note).collect()
}

async fn list(page: PageRequest<Note>) -> Result<Linked<CursorPage<Note>>, Problem> {
    Ok(Linked(page.select(notes())?))
}

async fn show(Path(id): Path<u32>) -> Result<Linked<Note>, Problem> {
    let note = notes().into_iter().find(|note| note.id == id);
    note.map(Linked)
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // One proxy stands before this service, and sets all of the forwarding headers.
    let base = BaseUrl::from_request(Proxies::hops(1));
    let app = Router::new()
        .route("/notes", get(list))
        .route("/notes/{id}", get(show))
        .layer(LinksLayer::new().base(base));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
