//! What the request decides: `Accept`, the base URL, where a router is nested.

use api_patterns::links::{Linked, LinksLayer, Rendering};
use api_patterns::proxy::{BaseUrl, Proxies};
use axum::Router;
use axum::extract::Path;
use axum::routing::get as on_get;
use http::StatusCode;
use serde_json::json;

use super::{get, header, only, product, send};

async fn show(Path(id): Path<i64>) -> Linked<super::Product> {
    Linked(product(id))
}

fn app(layer: LinksLayer) -> Router {
    let route = on_get(show).post(show);
    Router::new()
        .route("/api/products/{id}", route)
        .layer(layer)
}

#[tokio::test]
async fn accept_chooses_the_rendering_and_vary_says_so() {
    let app = app(LinksLayer::new());
    for (accept, expected) in [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/hal+json", "application/hal+json"),
        (
            "application/hal+json;q=0.5, application/json;q=0.4",
            "application/hal+json",
        ),
        (
            "text/html, application/vnd.api+json",
            "application/vnd.api+json",
        ),
        (
            "application/prs.hal-forms+json, */*;q=0.1",
            "application/prs.hal-forms+json",
        ),
    ] {
        let (status, headers, _) = get(&app, "/api/products/1", &[("accept", accept)]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(header(&headers, "content-type"), expected, "{accept}");
        assert_eq!(header(&headers, "vary"), "accept");
    }
}

#[tokio::test]
async fn a_client_that_accepts_nothing_there_is_gets_a_406_with_what_there_is() {
    let app = app(LinksLayer::new().offer([Rendering::Plain, Rendering::Hal]));
    let accept = [("accept", "text/html, application/vnd.api+json")];
    let (status, headers, body) = get(&app, "/api/products/1", &accept).await;
    assert_eq!(status, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(header(&headers, "vary"), "accept");
    assert_eq!(
        body["available"],
        json!(["application/json", "application/hal+json"])
    );

    // What a POST has done is done: it is answered in the default rendering.
    let (status, headers, _) = send(&app, "POST", "/api/products/1", &accept).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(header(&headers, "content-type"), "application/json");
}

#[tokio::test]
async fn with_a_single_rendering_accept_is_not_looked_at() {
    let app = app(only(Rendering::Hal));
    let (status, headers, _) = get(&app, "/api/products/1", &[("accept", "text/html")]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(header(&headers, "vary"), "");
}

#[tokio::test]
async fn a_fixed_base_goes_before_every_link() {
    let base = BaseUrl::fixed("https://shop.example/prefix/").expect("a base");
    let app = app(LinksLayer::new().base(base));
    let (_, headers, body) = get(&app, "/api/products/1", &[("host", "evil.example")]).await;
    let own = "https://shop.example/prefix/api/products/1";
    assert_eq!(body["links"][0]["href"], own);
    assert_eq!(
        body["links"][5]["href"],
        "https://shop.example/prefix/api/products{?q,page}"
    );
    assert!(header(&headers, "link").starts_with(&format!("<{own}>")));
}

#[tokio::test]
async fn forwarding_headers_are_believed_only_from_trusted_hops() {
    let forwarded = [
        ("host", "10.0.0.7:3000"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "shop.example"),
        ("x-forwarded-prefix", "/shop"),
    ];
    let trusting = app(LinksLayer::new().base(BaseUrl::from_request(Proxies::hops(1))));
    let (_, _, body) = get(&trusting, "/api/products/1", &forwarded).await;
    assert_eq!(
        body["links"][0]["href"],
        "https://shop.example/shop/api/products/1"
    );

    let (_, _, body) = get(&app(LinksLayer::new()), "/api/products/1", &forwarded).await;
    assert_eq!(body["links"][0]["href"], "/api/products/1");
}

#[tokio::test]
async fn a_router_need_not_know_where_it_is_nested() {
    async fn any() -> Linked<super::Product> {
        Linked(product(1))
    }
    let inner = Router::new()
        .route("/", on_get(any))
        .route("/api/products/{id}", on_get(any))
        .layer(LinksLayer::new().mounted());
    let app = Router::new()
        .nest("/tenants/{tenant}", inner.clone())
        .nest("/flat", inner);
    for (mount, path) in [
        ("/tenants/a%2Fb", "/api/products/1"),
        ("/flat", "/api/products/1"),
        ("/flat", ""),
        ("/flat", "/"),
    ] {
        let (status, _, body) = get(&app, &format!("{mount}{path}"), &[]).await;
        if path == "/" {
            // axum has no route there.
            assert_eq!(status, StatusCode::NOT_FOUND);
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{mount}{path}");
        let own = format!("{mount}/api/products/1");
        assert_eq!(body["links"][0]["href"], own);
        let (status, _, _) = get(&app, &own, &[]).await;
        assert_eq!(status, StatusCode::OK, "{own}");
    }
}

#[tokio::test]
async fn requests_that_are_answered_at_once_do_not_share_what_they_decided() {
    async fn slow(Path(id): Path<i64>) -> Linked<super::Product> {
        for _ in 0..id % 4 {
            tokio::task::yield_now().await;
        }
        Linked(product(id))
    }
    let layer = LinksLayer::new().base(BaseUrl::from_request(Proxies::none()));
    let app = Router::new().route("/p/{id}", on_get(slow)).layer(layer);
    let ask = async |id: i64| {
        let host = format!("h{id}.example");
        let (_, _, body) = get(&app, &format!("/p/{id}"), &[("host", &host)]).await;
        assert_eq!(
            body["links"][0]["href"],
            format!("http://{host}/api/products/{id}")
        );
    };
    // One task polls all of them by turns.
    let mut all: Vec<_> = (0..8).map(|id| Box::pin(ask(id))).collect();
    std::future::poll_fn(|cx| {
        all.retain_mut(|one| one.as_mut().poll(cx).is_pending());
        if all.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}
