//! The links that collections have beside those of the page, and the root document.

use api_patterns::filter::Filter;
use api_patterns::links::{Link, Linked, Links};
use axum::http::Method;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shop;

/// Where every route of this version begins.
pub(crate) const BASE: &str = "/api/v1";

/// Where a client that knows only this address goes on.
#[derive(Debug, Serialize, Links, ToSchema)]
#[links(
    base = "/api/v1",
    resource = "service",
    any_rel,
    link(rel = "products", href = "{base}/products"),
    link(rel = "categories", href = "{base}/categories"),
    link(rel = "events", href = "{base}/events"),
    link(
        rel = "service-desc",
        href = "/openapi.json",
        type = "application/json"
    ),
    link(rel = "service-doc", href = "/docs", type = "text/html")
)]
pub(crate) struct Root {}

/// The root document.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Where everything begins
///
/// Every resource is reached from here by following links.
#[utoipa::path(get, path = "/api/v1", operation_id = "show_root", tag = "root",
    responses((status = 200, description = "The collections", body = Linked<Root>,
        headers(("Link" = String, description = "The same links (RFC 8288).")))))]
async fn show() -> Linked<Root> {
    Linked(Root {})
}

/// The template with which a collection is searched, filtered and sorted: clients need not know
/// how its addresses are built.
pub(crate) fn search<T: Filter>(collection: &str) -> Link {
    let own = ["sort", "limit", "include_total"].map(str::to_owned);
    Link::query("search", collection, T::parameters().into_iter().chain(own))
}

/// Where a collection belongs.
pub(crate) fn up(parent: &str) -> Link {
    Link::new("up", parent)
}

/// Where new items of a collection are sent.
pub(crate) fn create(collection: &str) -> Link {
    Link::new("create", collection).method(Method::POST)
}

/// Where many new items of a collection are sent at once, and what a client may choose there.
pub(crate) fn create_many(bulk: &str) -> Link {
    let choices = ["mode", "stop_after", "envelope"];
    Link::query("create-many", bulk, choices).method(Method::POST)
}
