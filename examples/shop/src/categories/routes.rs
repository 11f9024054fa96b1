//! Categories over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::Linked;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::{Path, Problem};
use axum::Router;
use axum::extract::State;
use axum::routing::get;

use super::model::Category;
use crate::app::Shop;

/// Routes below `/api/v1`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/categories", get(list))
        .route("/categories/{id}", get(show))
}

async fn list(
    State(shop): State<Shop>,
    page: OffsetRequest<Category>,
    filters: Filters<Category>,
) -> Result<Linked<OffsetPage<Category>>, Problem> {
    Ok(Linked(shop.categories.list(page, filters).await?))
}

async fn show(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
) -> Result<Linked<Category>, Problem> {
    Ok(Linked(shop.categories.get(id).await?))
}
