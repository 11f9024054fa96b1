//! Images over HTTP.

use api_patterns::conditional::{ETag, Preconditions};
use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith};
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::{Path, Problem};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Content, Image};
use crate::app::Shop;
use crate::error::{NoImage, NoProduct};
use crate::links::{BASE, up};

/// A picture that is opened by itself is a document: an SVG could hold scripts, and would run them
/// as if the shop had written them. Its own styles are all that it needs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
/// An image never changes; it may be removed.
const CACHE: &str = "public, max-age=3600";

/// Routes below `/api/v1`.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(content))
}

/// List the images of a product
///
/// In the order in which they were added.
#[utoipa::path(get, path = "/products/{id}/images", operation_id = "list_images", tag = "images",
    params(
        ("id" = i64, Path, description = "The product's id."),
        OffsetRequest<Image>, Filters<Image>,
    ),
    responses(
        (status = 200, description = "A page of images", body = Linked<OffsetPage<Image>>),
        NoProduct,
    ))]
async fn list(
    State(shop): State<Shop>,
    Path(product_id): Path<i64>,
    page: OffsetRequest<Image>,
    filters: Filters<Image>,
) -> Result<LinkedWith<OffsetPage<Image>>, Problem> {
    let page = shop.images.list(product_id, page, filters).await?;
    let product = format!("{BASE}/products/{product_id}");
    Ok(Linked(page).link(up(&product)))
}

/// Show what is known about an image
///
/// Its bytes are behind the link `enclosure`.
#[utoipa::path(get, path = "/products/{id}/images/{image_id}", operation_id = "show_image",
    tag = "images",
    params(
        ("id" = i64, Path, description = "The product's id."),
        ("image_id" = i64, Path, description = "The image's id."),
    ),
    responses(
        (status = 200, description = "What is known about it", body = Linked<Image>,
            headers(("Link" = String, description = "Its links (RFC 8288)."))),
        NoImage,
    ))]
async fn show(
    State(shop): State<Shop>,
    Path((product_id, id)): Path<(i64, i64)>,
) -> Result<Linked<Image>, Problem> {
    Ok(Linked(shop.images.get(product_id, id).await?))
}

/// Show an image
///
/// Its bytes, or 304 to a client that has them.
#[utoipa::path(get, path = "/products/{id}/images/{image_id}/content",
    operation_id = "show_image_content", tag = "images",
    params(
        ("id" = i64, Path, description = "The product's id."),
        ("image_id" = i64, Path, description = "The image's id."),
        ("If-None-Match" = Option<String>, Header, nullable = false,
            description = "`ETag` of what the client has."),
    ),
    responses(
        (status = 200, description = "The image", body = inline(Content), content_type = "image/*",
            headers(
                ("ETag" = String, description = "For `If-None-Match`."),
                ("Cache-Control" = String, description = "How long it may be kept."),
            )),
        (status = 304, description = "The client has it",
            headers(("ETag" = String, description = "For `If-None-Match`."))),
        NoImage,
    ))]
async fn content(
    State(shop): State<Shop>,
    Path((product_id, id)): Path<(i64, i64)>,
    when: Preconditions,
) -> Result<Response, Problem> {
    let content = shop.images.content(product_id, id).await?;
    let headers = [
        (CACHE_CONTROL, CACHE),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CONTENT_TYPE, &*content.media_type),
        (VARY, "accept-encoding"),
    ];
    // Weak: the same bytes may be sent compressed.
    let tag = ETag::of(&content.bytes).weakened();
    Ok(when.respond(tag, (headers, content.bytes)))
}
