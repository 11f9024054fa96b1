//! Partial updates: one `PATCH` route takes merge patches and JSON Patches.
//!
//! ```text
//! $ cargo run -p blocks --example patch
//! $ curl -X PATCH 127.0.0.1:3000/products/1 -H 'Content-Type: application/merge-patch+json' \
//!        -d '{"rating": null, "price_cents": 1499}'
//! {"id":1,"name":"Red lamp","price_cents":1499,"rating":null}
//! $ curl -X PATCH 127.0.0.1:3000/products/1 -H 'Content-Type: application/json-patch+json' \
//!        -d '[{"op": "test", "path": "/price_cents", "value": 1500},
//!             {"op": "replace", "path": "/price_cents", "value": 1400}]'
//! {"type":"about:blank","title":"Conflict","status":409,
//!  "detail":"operation 0: `/price_cents` has another value", …}
//! $ curl -X PATCH 127.0.0.1:3000/products/1 -H 'Content-Type: application/merge-patch+json' \
//!        -d '{"id": 2, "colour": "red"}'
//! {… "status":422,"detail":"`/colour`: is not known here; what can be is `name`, …", …}
//! ```

use api_patterns::patch::{Patch, PatchRequest};
use api_patterns::problem::{FieldErrors, Json, Path, Problem, Validate};
use axum::Router;
use axum::extract::State;
use axum::routing::patch;
use serde::Serialize;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{FromRow, QueryBuilder, SqlitePool};

#[derive(Serialize, FromRow, Patch)]
#[patch(immutable(id))]
struct Product {
    id: i64,
    name: String,
    price_cents: i64,
    rating: Option<f64>,
}

impl Validate for ProductPatch {
    fn validate(&self, errors: &mut FieldErrors) {
        let holds = self.price_cents.is_absent_or(|cents| *cents >= 0);
        errors.check("price_cents", holds, "must be 0 or more");
    }
}

async fn change(
    Path(id): Path<i64>,
    State(db): State<SqlitePool>,
    patch: PatchRequest<Product>,
) -> Result<Json<Product>, Problem> {
    let select = sqlx::query_as("SELECT * FROM products WHERE id = ?").bind(id);
    let found = select.fetch_optional(&db).await;
    let found: Option<Product> = found.map_err(Problem::internal)?;
    let current = found.ok_or_else(|| Problem::not_found(format!("there is no product {id}")))?;
    let changes = patch.changes(&current)?.validated()?;
    if changes.is_empty() {
        return Ok(Json(current));
    }
    let mut update = QueryBuilder::new("UPDATE products SET ");
    changes.push_set(&mut update);
    update.push(" WHERE id = ").push_bind(id);
    update.push(" RETURNING *");
    let product = update.build_query_as().fetch_one(&db).await;
    product.map(Json).map_err(Problem::internal)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let one = SqlitePoolOptions::new().max_connections(1);
    let db = one.connect("sqlite::memory:").await?;
    let table = "CREATE TABLE products (id INTEGER, name TEXT, price_cents INTEGER, rating REAL);
                 INSERT INTO products VALUES (1, 'Red lamp', 1999, 8.5);";
    sqlx::raw_sql(table).execute(&db).await?;
    let app = Router::new()
        .route("/products/{id}", patch(change))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
