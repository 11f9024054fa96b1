//! Preconditions: reads that cost nothing while nothing has changed, and changes that overwrite
//! nobody else's.
//!
//! ```text
//! $ cargo run -p blocks --example conditional
//! $ curl -i 127.0.0.1:3000/note
//! HTTP/1.1 200 OK … etag: "1" … {"text":"a first note"}
//! $ curl -i -H 'if-none-match: "1"' 127.0.0.1:3000/note
//! HTTP/1.1 304 Not Modified … etag: "1"
//! $ curl -i -X PATCH -H 'if-match: "1"' -H 'content-type: application/json' -d '{"text":"mine"}' 127.0.0.1:3000/note
//! HTTP/1.1 200 OK … etag: "2" … {"text":"mine"}
//! $ curl -i -X PATCH -H 'if-match: "1"' -H 'content-type: application/json' -d '{"text":"yours"}' 127.0.0.1:3000/note
//! HTTP/1.1 412 Precondition Failed … etag: "2" … "code":"precondition_failed" …
//! $ curl -X PATCH -H 'content-type: application/json' -d '{"text":"yours"}' 127.0.0.1:3000/note
//! {"type":"about:blank","title":"Precondition Required","status":428,"detail":"the header If-Match is needed, …
//! $ curl -i 127.0.0.1:3000/about
//! HTTP/1.1 200 OK … etag: W/"…"
//! ```

use std::sync::{Arc, Mutex};

use api_patterns::conditional::{ETag, ETagLayer, Preconditions};
use api_patterns::problem::{Json, Problem};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};

#[derive(Clone, Deserialize, Serialize)]
struct Note {
    text: String,
    #[serde(skip)]
    version: i64,
}

type Shared = Arc<Mutex<Note>>;

async fn show(when: Preconditions, State(shared): State<Shared>) -> Response {
    let note = shared.lock().expect("no panic").clone();
    when.respond(ETag::version(note.version), axum::Json(note))
}

async fn change(
    when: Preconditions,
    State(shared): State<Shared>,
    Json(new): Json<Note>,
) -> Result<Response, Problem> {
    let when = when.require()?;
    let mut note = shared.lock().expect("no panic");
    when.check(ETag::version(note.version))?;
    *note = Note {
        version: note.version + 1,
        ..new
    };
    Ok(when.respond(ETag::version(note.version), axum::Json(&*note)))
}

async fn about() -> &'static str {
    "A note that several people write.\n"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let first = Note {
        text: "a first note".to_owned(),
        version: 1,
    };
    let app = Router::new()
        .route("/note", get(show).patch(change))
        .route("/about", get(about).layer(ETagLayer::new()))
        .with_state(Arc::new(Mutex::new(first)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
