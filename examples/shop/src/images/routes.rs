//! Images over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::Linked;
use api_patterns::pagination::{OffsetPage, OffsetRequest};
use api_patterns::problem::{Path, Problem};
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::model::Image;
use crate::app::Shop;
use crate::tag::Tag;

/// A picture that is opened by itself is a document: an SVG could hold scripts, and would run them
/// as if the shop had written them. Its own styles are all that it needs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
/// An image never changes; it may be removed.
const CACHE: &str = "public, max-age=3600";

/// Routes below `/api/v1`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/products/{id}/images", get(list))
        .route("/products/{id}/images/{image_id}", get(show))
        .route("/products/{id}/images/{image_id}/content", get(content))
}

async fn list(
    State(shop): State<Shop>,
    Path(product_id): Path<i64>,
    page: OffsetRequest<Image>,
    filters: Filters<Image>,
) -> Result<Linked<OffsetPage<Image>>, Problem> {
    Ok(Linked(shop.images.list(product_id, page, filters).await?))
}

async fn show(
    State(shop): State<Shop>,
    Path((product_id, id)): Path<(i64, i64)>,
) -> Result<Linked<Image>, Problem> {
    Ok(Linked(shop.images.get(product_id, id).await?))
}

/// The bytes, or 304 to a client that has them.
async fn content(
    State(shop): State<Shop>,
    Path((product_id, id)): Path<(i64, i64)>,
    request: HeaderMap,
) -> Result<Response, Problem> {
    let content = shop.images.content(product_id, id).await?;
    let tag = Tag::of(&content.bytes);
    let headers = [
        (ETAG, tag.as_str()),
        (CACHE_CONTROL, CACHE),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    if tag.is_known(&request) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let kind = [(CONTENT_TYPE, content.media_type)];
    Ok((headers, kind, content.bytes).into_response())
}
