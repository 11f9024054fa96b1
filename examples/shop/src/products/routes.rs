//! The catalogue over HTTP.

use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};

use super::model::{NewProduct, Product};
use crate::app::Shop;
use crate::bulk::{Items, Outcome};
use crate::links::Linked;
use crate::response::Created;

/// Routes below `/api/v1`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/products", get(list).post(create))
        .route("/products/bulk", post(create_all))
        .route("/products/{id}", get(show))
}

async fn list(
    State(shop): State<Shop>,
    page: PageRequest<Product>,
    filters: Filters<Product>,
) -> Result<CursorPage<Linked<Product>>, Problem> {
    Ok(shop.products.list(page, filters).await?.map(Linked::new))
}

async fn show(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
) -> Result<Json<Linked<Product>>, Problem> {
    Ok(Json(Linked::new(shop.products.get(id).await?)))
}

async fn create(
    State(shop): State<Shop>,
    Valid(Json(product)): Valid<Json<NewProduct>>,
) -> Result<Created<Product>, Problem> {
    Ok(Created(shop.products.create(&product).await?))
}

async fn create_all(
    State(shop): State<Shop>,
    Valid(Json(items)): Valid<Json<Items>>,
) -> Result<Outcome<Linked<Product>>, Problem> {
    let outcome = shop.products.create_all(items.parse()).await?;
    Ok(outcome.map(Linked::new))
}
