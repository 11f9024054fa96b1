//! Cursor pages, numbered pages and connections over HTTP.

mod cursors;
mod numbered;
mod parameters;
mod streams;

use api_patterns::pagination::{
    Connection, CursorKey, CursorPage, Keyset, OffsetPage, OffsetRequest, PageRequest, Pagination,
    RelayRequest, Totals,
};
use api_patterns::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::routing::get;
use axum::{Router, http};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde_json::Value;
use sqlx::{Executor as _, FromRow, SqlitePool};
use tower::ServiceExt as _;

#[derive(Clone, Debug, Serialize, FromRow, Keyset)]
#[keyset(unique = id, default = "-created_at", sortable(created_at, price_cents, name, rating))]
struct Product {
    id: i64,
    name: String,
    price_cents: i64,
    rating: Option<f64>,
    created_at: i64,
}

async fn list(
    page: PageRequest<Product>,
    State(db): State<SqlitePool>,
) -> Result<CursorPage<Product>, Problem> {
    page.fetch(&db, |q| {
        q.push("SELECT * FROM products WHERE active = ")
            .push_bind(true);
    })
    .await
}

async fn numbered(
    page: OffsetRequest<Product>,
    State(db): State<SqlitePool>,
) -> Result<OffsetPage<Product>, Problem> {
    page.fetch(&db, |q| {
        q.push("SELECT * FROM products WHERE active = ")
            .push_bind(true);
    })
    .await
}

async fn relay(
    relay: RelayRequest<Product>,
    State(db): State<SqlitePool>,
) -> Result<Connection<Product>, Problem> {
    relay
        .connect(async |page| {
            page.fetch(&db, |q| drop(q.push("SELECT * FROM products").sql()))
                .await
        })
        .await
}

async fn app(pagination: Pagination) -> Router {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let db = options
        .connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    db.execute(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price_cents INTEGER NOT NULL, \
         rating REAL, created_at INTEGER NOT NULL, active BOOLEAN NOT NULL);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 57) \
         INSERT INTO products SELECT i, 'name ' || (i % 7), i % 5 * 100, iif(i % 3, i % 10, NULL), i / 4, 1 FROM n",
    )
    .await
    .expect("a catalogue");
    let routes = Router::new()
        .route("/products", get(list))
        .route("/others", get(list))
        .route("/numbered", get(numbered))
        .route("/relay", get(relay));
    Router::new()
        .nest("/api", routes)
        .layer(pagination)
        .with_state(db)
}

async fn send(app: &Router, uri: &str) -> (StatusCode, String, Value) {
    let request = Request::get(uri).body(Body::empty()).expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let link = headers
        .get("link")
        .map(|link| link.to_str().expect("ASCII").to_owned());
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (
        status,
        link.unwrap_or_default(),
        serde_json::from_slice(&body).expect("JSON"),
    )
}

async fn ok(app: &Router, uri: &str) -> Value {
    let (status, _, body) = send(app, uri).await;
    assert_eq!(status, StatusCode::OK, "{uri}: {body}");
    body
}

/// The detail of a 400 problem about `parameter`.
async fn refused(app: &Router, uri: &str, parameter: &str) -> String {
    let (status, _, body) = send(app, uri).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{uri}: {body}");
    assert_eq!(body["errors"][0]["parameter"], parameter, "{uri}: {body}");
    body["detail"].as_str().expect("a detail").to_owned()
}

fn key() -> CursorKey {
    CursorKey::new([1; 32]).expect("32 bytes")
}

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["id"].as_i64().expect("an id"))
        .collect()
}

fn link_of(header: &str, rel: &str) -> Option<String> {
    let end = format!("; rel=\"{rel}\"");
    let link = header.split(", ").find(|link| link.ends_with(&end))?;
    Some(link.strip_suffix(&end)?.trim_matches(['<', '>']).to_owned())
}
