//! Whitelisted filters: clients choose what they see, within what the derive allows.
//!
//! ```text
//! $ cargo run -p blocks --example filters
//! $ curl -g '127.0.0.1:3000/?price_cents[gte]=2000&q=lamp'
//! [{"id":2,"name":"Desk lamp","price_cents":4500,"rating":null}]
//! $ curl -g '127.0.0.1:3000/?rating[is_null]=false&id[in]=1,2,3'
//! [{"id":1,"name":"Red lamp","price_cents":1500,"rating":8.5}]
//! $ curl -g '127.0.0.1:3000/?color=red&price_cents=5'
//! {"title":"Bad Request","status":400,"detail":"2 query parameters are invalid; the first is
//!  `color`: unknown filter; allowed: `id`, `name`, `price_cents`, `rating`, `q`", …}
//! ```

use api_patterns::filter::{Filter, Filters};
use api_patterns::problem::Problem;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{FromRow, QueryBuilder, SqlitePool};

#[derive(Serialize, FromRow, Filter)]
#[filter(search(name))]
struct Product {
    #[filter(eq, in)]
    id: i64,
    #[filter(eq, like)]
    name: String,
    #[filter(gte, lte)]
    price_cents: i64,
    #[filter(gte, lte, is_null)]
    rating: Option<f64>,
}

async fn list(
    filters: Filters<Product>,
    State(db): State<SqlitePool>,
) -> Result<Json<Vec<Product>>, Problem> {
    let mut query = QueryBuilder::new("SELECT * FROM products WHERE active = TRUE");
    filters.push_and(&mut query);
    let products = query.build_query_as().fetch_all(&db).await;
    products.map(Json).map_err(Problem::internal)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = SqlitePoolOptions::new()
        .max_connections(1)
        .connect("sqlite::memory:")
        .await?;
    sqlx::raw_sql(
        "CREATE TABLE products (id INTEGER, name TEXT, price_cents INTEGER, rating REAL, active BOOLEAN);
         INSERT INTO products VALUES (1, 'Red lamp', 1500, 8.5, TRUE), (2, 'Desk lamp', 4500, NULL, TRUE),
                                     (3, 'Old lamp', 9900, 3.0, FALSE), (4, 'Chair', 12000, 7.0, TRUE);",
    )
    .execute(&db)
    .await?;

    let app = Router::new().route("/", get(list)).with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
