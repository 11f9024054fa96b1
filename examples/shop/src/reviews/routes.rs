//! Reviews over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith};
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::Router;
use axum::extract::State;
use axum::routing::get;

use super::model::{NewReview, Review};
use crate::app::Shop;

/// Routes below `/api/v1`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/products/{id}/reviews", get(list).post(create))
        .route("/products/{id}/reviews/{review_id}", get(show))
}

async fn list(
    State(shop): State<Shop>,
    Path(product_id): Path<i64>,
    page: OffsetRequest<Review>,
    filters: Filters<Review>,
) -> Result<Linked<OffsetPage<Review>>, Problem> {
    Ok(Linked(shop.reviews.list(product_id, page, filters).await?))
}

async fn show(
    State(shop): State<Shop>,
    Path((product_id, id)): Path<(i64, i64)>,
) -> Result<Linked<Review>, Problem> {
    Ok(Linked(shop.reviews.get(product_id, id).await?))
}

async fn create(
    State(shop): State<Shop>,
    Path(product_id): Path<i64>,
    Valid(Json(review)): Valid<Json<NewReview>>,
) -> Result<LinkedWith<Review>, Problem> {
    Ok(Linked(shop.reviews.create(product_id, &review).await?).created())
}
