//! Links of items and pages, in every rendering, through a router.

mod hostile;
mod items;
mod pages;
mod request;

use api_patterns::links::{Links, LinksLayer, Rendering};
use api_patterns::pagination::Keyset;
use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde_json::Value;
use tower::ServiceExt as _;

#[derive(Clone, Debug, Serialize, Keyset, Links)]
#[keyset(unique = id, default = "id")]
#[links(
    base = "/api/products/{id}",
    any_rel,
    link(rel = "update", method = "PATCH", fields(name, price_cents)),
    link(rel = "delete", method = "DELETE", when = "self.can_delete", title = "Delete it"),
    link(rel = "reviews", href = "{base}/reviews"),
    link(rel = "category", href = "/api/categories/{category}"),
    link(rel = "search", href = "/api/products{?q,page}", title = "Finde \"Äpfel\""),
    link(rel = "enclosure", href = "{base}/images/{each}", each = images, type = "image/png")
)]
struct Product {
    id: i64,
    name: String,
    price_cents: u32,
    category: Option<String>,
    #[serde(skip)]
    can_delete: bool,
    images: Vec<u8>,
}

fn product(id: i64) -> Product {
    Product {
        id,
        name: format!("Product {id}"),
        price_cents: 100,
        category: Some("a/b?c#d é".to_owned()),
        can_delete: id % 2 == 1,
        images: (0..u8::try_from(id % 3).unwrap_or_default()).collect(),
    }
}

/// The answer to `GET uri` with these headers.
async fn get(app: &Router, uri: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Value) {
    send(app, "GET", uri, headers).await
}

async fn send(
    app: &Router,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    (parts.status, parts.headers, body)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name).map(|value| value.to_str());
    value.transpose().expect("ASCII").unwrap_or_default()
}

fn only(rendering: Rendering) -> LinksLayer {
    LinksLayer::new().offer([rendering])
}
