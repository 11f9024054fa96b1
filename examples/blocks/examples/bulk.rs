//! Bulk requests: many items at once, and what became of each.
//!
//! ```text
//! $ cargo run -p blocks --example bulk
//! $ curl 127.0.0.1:3000 --json '{"items": [{"name": "red"}, {"name": 7}, {"name": "red"}, {"name": "blue"}]}'
//! {"created":[{"id":1,"name":"red"},{"id":2,"name":"blue"}],"errors":[
//!  {"index":1,"detail":"`/name`: expected a string, found 7","status":422,"problem":{…}},
//!  {"index":2,"detail":"there is such a tag","status":409,"problem":{…}}]}
//! $ curl '127.0.0.1:3000?mode=atomic' --json '{"items": [{"name": "green"}, {"name": "red"}]}'
//! {"created":[],"errors":[{"index":0,…,"status":424,…},{"index":1,…,"status":409,…}]}
//! ```

use std::collections::HashMap;

use api_patterns::bulk::{Bulk, MultiStatus};
use api_patterns::problem::{FieldErrors, Problem, Validate};
use axum::{Router, extract::State, routing::post};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{FromRow, QueryBuilder, SqliteConnection, SqlitePool};

#[derive(Deserialize)]
struct NewTag {
    name: String,
}

#[derive(Serialize, FromRow)]
struct Tag {
    id: i64,
    name: String,
}

impl Validate for NewTag {
    fn validate(&self, errors: &mut FieldErrors) {
        errors.check("name", !self.name.is_empty(), "must not be empty");
    }
}

/// One statement for all items, and again for parts of them where it fails.
async fn insert(tx: &mut SqliteConnection, tags: &[NewTag]) -> Result<Vec<Tag>, Problem> {
    let mut query = QueryBuilder::new("INSERT INTO tags (name) ");
    query.push_values(tags, |mut row, tag| {
        row.push_bind(&tag.name);
    });
    let inserted = query.push(" RETURNING *").build_query_as().fetch_all(tx);
    let mut inserted: Vec<Tag> = inserted.await.map_err(|error| match &error {
        sqlx::Error::Database(refused) if refused.is_unique_violation() => {
            Problem::conflict("there is such a tag")
        }
        _ => Problem::internal(error),
    })?;
    // In which order they come back is not said.
    let places: HashMap<_, _> = tags.iter().map(|tag| &tag.name).zip(0..).collect();
    inserted.sort_by_key(|tag| places.get(&tag.name));
    Ok(inserted)
}

async fn create(
    State(db): State<SqlitePool>,
    Bulk(tags): Bulk<NewTag>,
) -> Result<MultiStatus<Tag>, Problem> {
    tags.insert_in(&db, insert).await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await?;
    sqlx::query("CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)")
        .execute(&db)
        .await?;

    let app = Router::new().route("/", post(create)).with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
