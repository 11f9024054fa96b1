//! Reviews over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith, PropertyKind};
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{NewReview, Review};
use crate::app::Shop;
use crate::error::{NoProduct, NoReview};
use crate::links::{BASE, create, up};
use crate::tx::Work;

/// Routes below `/api/v1`.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show))
}

/// List the reviews of a product
///
/// Newest first, unless `sort` says otherwise.
#[utoipa::path(get, path = "/products/{id}/reviews", operation_id = "list_reviews", tag = "reviews",
    params(
        ("id" = i64, Path, description = "The product's id."),
        OffsetRequest<Review>, Filters<Review>,
    ),
    responses(
        (status = 200, description = "A page of reviews", body = Linked<OffsetPage<Review>>),
        NoProduct,
    ))]
async fn list(
    State(shop): State<Shop>,
    Path(product_id): Path<i64>,
    page: OffsetRequest<Review>,
    filters: Filters<Review>,
) -> Result<LinkedWith<OffsetPage<Review>>, Problem> {
    let page = shop.reviews.list(product_id, page, filters).await?;
    let product = format!("{BASE}/products/{product_id}");
    let create = create(&format!("{product}/reviews"))
        .field("rating", PropertyKind::Number, true)
        .field("author", PropertyKind::Text, false)
        .field("text", PropertyKind::Text, false);
    Ok(Linked(page).link(create).link(up(&product)))
}

/// Show a review
///
/// Of the product that the path names, and of no other.
#[utoipa::path(get, path = "/products/{id}/reviews/{review_id}", operation_id = "show_review",
    tag = "reviews",
    params(
        ("id" = i64, Path, description = "The product's id."),
        ("review_id" = i64, Path, description = "The review's id."),
    ),
    responses(
        (status = 200, description = "The review", body = Linked<Review>,
            headers(("Link" = String, description = "Its links (RFC 8288)."))),
        NoReview,
    ))]
async fn show(
    State(shop): State<Shop>,
    Path((product_id, id)): Path<(i64, i64)>,
) -> Result<Linked<Review>, Problem> {
    Ok(Linked(shop.reviews.get(product_id, id).await?))
}

/// Review a product
///
/// A rating from 0 to 10, and maybe a few words.
#[utoipa::path(post, path = "/products/{id}/reviews", operation_id = "add_review", tag = "reviews",
    params(("id" = i64, Path, description = "The product's id.")),
    request_body = NewReview,
    responses(
        (status = 201, description = "The review as it was added", body = Linked<Review>,
            headers(
                ("Location" = String, description = "Where it is."),
                ("Link" = String, description = "Its links (RFC 8288)."),
            )),
        NoProduct,
    ))]
async fn add(
    State(shop): State<Shop>,
    Path(product_id): Path<i64>,
    work: Work,
    Valid(Json(review)): Valid<Json<NewReview>>,
) -> Result<LinkedWith<Review>, Problem> {
    let mut tx = work.begin().await?;
    let review = shop.reviews.create(&mut tx, product_id, &review).await?;
    Ok(Linked(review).created())
}
