//! Cursor pages over HTTP.

use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
use api_patterns::problem::Problem;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use serde::Serialize;
use sqlx::{FromRow, SqlitePool};

#[derive(Serialize, FromRow, Keyset)]
#[keyset(unique = id, default = "-created_at", sortable(created_at, price_cents, name, rating))]
struct Product {
    id: i64,
    name: String,
    price_cents: i64,
    rating: Option<f64>,
    created_at: i64,
}

async fn list(page: PageRequest<Product>, State(db): State<SqlitePool>) -> Result<CursorPage<Product>, Problem> {
    page.fetch(&db, |q| {
        q.push("SELECT * FROM products WHERE active = ").push_bind(true);
    })
    .await
}

#[tokio::test]
async fn x() {
    let db = SqlitePool::connect("sqlite::memory:").await.unwrap();
    let _app: Router = Router::new().route("/", get(list)).with_state(db);
}
