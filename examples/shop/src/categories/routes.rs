//! Categories over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith};
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::{Path, Problem};
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::Category;
use crate::app::Shop;
use crate::error::{DatabaseFailed, NoCategory};
use crate::links::{BASE, up};

/// Routes below `/api/v1`.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
}

/// List categories
///
/// By id, unless `sort` says otherwise.
#[utoipa::path(get, path = "/categories", operation_id = "list_categories", tag = "categories",
    params(OffsetRequest<Category>, Filters<Category>),
    responses(
        (status = 200, description = "A page of categories", body = Linked<OffsetPage<Category>>),
        DatabaseFailed,
    ))]
async fn list(
    State(shop): State<Shop>,
    page: OffsetRequest<Category>,
    filters: Filters<Category>,
) -> Result<LinkedWith<OffsetPage<Category>>, Problem> {
    let page = shop.categories.list(page, filters).await?;
    Ok(Linked(page).link(up(BASE)))
}

/// Show a category
///
/// Its products are behind the link `products`.
#[utoipa::path(get, path = "/categories/{id}", operation_id = "show_category", tag = "categories",
    params(("id" = i64, Path, description = "The category's id.")),
    responses(
        (status = 200, description = "The category", body = Linked<Category>,
            headers(("Link" = String, description = "Its links (RFC 8288)."))),
        NoCategory,
    ))]
async fn show(State(shop): State<Shop>, Path(id): Path<i64>) -> Result<Linked<Category>, Problem> {
    Ok(Linked(shop.categories.get(id).await?))
}
