//! Keyset cursors over a table in SQLite: sorting, page size, forward and back.
//!
//! ```text
//! $ cargo run -p blocks --example cursors
//! $ curl 'http://127.0.0.1:3000/books?limit=2&sort=-rating'
//! {"items":[{"id":4,"title":"Persuasion","rating":4.8},{"id":3,"title":"Lady Susan","rating":4.5}],
//!  "next_cursor":"FI0j…","previous_cursor":null,"has_more":true}
//! $ curl 'http://127.0.0.1:3000/books?limit=2&sort=-rating&cursor=FI0j…'
//! $ curl 'http://127.0.0.1:3000/books?limit=0'
//! {"title":"Bad Request","status":400,"detail":"`limit`: `0` is not a whole number from 1 to 100",…}
//! ```

use std::error::Error;

use api_patterns::pagination::{CursorKey, CursorPage, Keyset, PageRequest, Pagination};
use api_patterns::problem::{Problem, ProblemLayer};
use axum::extract::State;
use axum::{Router, routing::get};
use serde::Serialize;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Executor as _, FromRow, SqlitePool};
use tokio::net::TcpListener;

#[derive(Serialize, FromRow, Keyset)]
#[keyset(unique = id, default = "title", sortable(title, rating))]
struct Book {
    id: i64,
    title: String,
    rating: Option<f64>,
}

async fn list(
    page: PageRequest<Book>,
    State(db): State<SqlitePool>,
) -> Result<CursorPage<Book>, Problem> {
    page.fetch(&db, |q| {
        q.push("SELECT id, title, rating FROM books");
    })
    .await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // One connection: each has a database of its own in memory.
    let db = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await?;
    db.execute(
        "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, rating REAL);
         CREATE INDEX books_by_title ON books (title, id);
         CREATE INDEX books_by_rating ON books (rating, id);
         INSERT INTO books (title, rating) VALUES ('Emma', 4.5), ('Sanditon', NULL), ('Lady Susan', 4.5),
             ('Persuasion', 4.8), ('Mansfield Park', NULL)",
    )
    .await?;
    // From the environment or a secret store where cursors shall outlive the process.
    let secret =
        std::env::var("CURSOR_KEY").unwrap_or_else(|_| "an example key, known to all".to_owned());
    let app = Router::new()
        .route("/books", get(list))
        .layer(Pagination::signed([CursorKey::new(secret)?]))
        .layer(ProblemLayer::new())
        .with_state(db);
    axum::serve(TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}
