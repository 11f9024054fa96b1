//! The links that collections have beside those of the page, and the root document.

use api_patterns::filter::Filter;
use api_patterns::links::{Link, Linked, Links};
use axum::Router;
use axum::http::Method;
use axum::routing::get;
use serde::Serialize;

/// Where every route of this version begins.
pub(crate) const BASE: &str = "/api/v1";

/// Where a client that knows only this address goes on.
#[derive(Debug, Serialize, Links)]
#[links(
    base = "/api/v1",
    any_rel,
    link(rel = "products", href = "{base}/products"),
    link(rel = "categories", href = "{base}/categories"),
    link(rel = "events", href = "{base}/events"),
    link(rel = "service-desc", href = "/openapi.json", type = "application/json"),
    link(rel = "service-doc", href = "/docs", type = "text/html")
)]
pub(crate) struct Root {}

/// The root document.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(BASE, get(async || Linked(Root {})))
}

/// The template with which a collection is searched, filtered and sorted: clients need not know
/// how its addresses are built.
pub(crate) fn search<T: Filter>(collection: &str) -> Link {
    let own = ["sort", "limit", "include_total"].map(str::to_owned);
    Link::query("search", collection, T::parameters().into_iter().chain(own))
}

/// Where new items of a collection are sent.
pub(crate) fn create(collection: &str) -> Link {
    Link::new("create", collection).method(Method::POST)
}
