//! The catalogue over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith};
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};

use super::model::{NewProduct, Product};
use crate::app::Shop;
use crate::bulk::{Items, Outcome};
use crate::links::{create, search};

/// Routes below `/api/v1`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/products", get(list).post(add))
        .route("/products/bulk", post(add_all))
        .route("/products/{id}", get(show))
}

async fn list(
    State(shop): State<Shop>,
    page: PageRequest<Product>,
    filters: Filters<Product>,
) -> Result<LinkedWith<CursorPage<Product>>, Problem> {
    let page = shop.products.list(page, filters).await?;
    Ok(Linked(page).link(search::<Product>("/api/v1/products")).link(create("/api/v1/products")))
}

async fn show(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
) -> Result<Linked<Product>, Problem> {
    Ok(Linked(shop.products.get(id).await?))
}

async fn add(
    State(shop): State<Shop>,
    Valid(Json(product)): Valid<Json<NewProduct>>,
) -> Result<LinkedWith<Product>, Problem> {
    Ok(Linked(shop.products.create(&product).await?).created())
}

async fn add_all(
    State(shop): State<Shop>,
    Valid(Json(items)): Valid<Json<Items>>,
) -> Result<Outcome<Linked<Product>>, Problem> {
    let outcome = shop.products.create_all(items.parse()).await?;
    Ok(outcome.map(Linked))
}
