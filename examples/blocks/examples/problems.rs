//! Errors as problem details: one derive, all errors of a body at once, axum's own rejections too.
//!
//! ```text
//! $ cargo run -p blocks --example problems
//! $ curl http://127.0.0.1:3000/books/7
//! {"title":"Not Found","status":404,"detail":"there is no book 7","code":"book_not_found","id":7}
//! $ curl http://127.0.0.1:3000/books --json '{"title": 7}'
//! {"title":"Unprocessable Entity","status":422,
//!  "detail":"`/pages`: is missing (and 1 more error)","code":"invalid_body","errors":[
//!  {"pointer":"/pages","detail":"is missing","code":"missing"},
//!  {"pointer":"/title","detail":"expected a string, found the number 7","code":"invalid"}]}
//! $ curl http://127.0.0.1:3000/books --json '{"title": "", "pages": 0}'
//! {"title":"Unprocessable Entity","status":422,
//!  "detail":"`/title`: must not be empty (and 1 more error)","code":"invalid_body","errors":[…]}
//! $ curl http://127.0.0.1:3000/broken
//! {"title":"Internal Server Error","status":500,
//!  "detail":"the request could not be completed because of an error on the server"}
//! $ curl -X DELETE http://127.0.0.1:3000/books
//! {"title":"Method Not Allowed","status":405}
//! $ CLASSIC=1 cargo run -p blocks --example problems
//! $ curl http://127.0.0.1:3000/books/7
//! {"success":false,"error_code":"book_not_found","message":"there is no book 7","details":{"id":7}}
//! ```

use api_patterns::problem::{FieldErrors, Json, Path, Problem, ProblemLayer, Valid, Validate};
use axum::Router;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error, Problem)]
enum BookError {
    #[error("there is no book {id}")]
    #[problem(status = 404, code = "book_not_found")]
    NotFound {
        #[problem(extension)]
        id: u64,
    },
    // No attribute: a masked 500, with this text and its sources in the log.
    #[error("cannot read the shelf")]
    Shelf(#[from] std::io::Error),
}

#[derive(Serialize, Deserialize)]
struct NewBook {
    title: String,
    pages: u32,
}

impl Validate for NewBook {
    fn validate(&self, errors: &mut FieldErrors) {
        errors.check("title", !self.title.is_empty(), "must not be empty");
        errors.check("pages", self.pages > 0, "must be 1 or more");
    }
}

async fn book(Path(id): Path<u64>) -> Result<String, BookError> {
    Err(BookError::NotFound { id })
}

async fn create(Valid(Json(book)): Valid<Json<NewBook>>) -> Json<NewBook> {
    Json(book)
}

async fn broken() -> Result<String, BookError> {
    Ok(std::fs::read_to_string("/no/such/shelf")?)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let classic = std::env::var_os("CLASSIC").is_some();
    let layer = ProblemLayer::new();
    let app = Router::new()
        .route("/books/{id}", get(book))
        .route("/books", post(create))
        .route("/broken", get(broken))
        .layer(if classic { layer.classic() } else { layer });
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}
