//! The pictures of products, as the seed draws them.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::support::{get, items, on_each_database, on_each_shop, post_json, send, vars};

/// Whoever writes an SVG must not be able to script the shop.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

async fn on_each_seeded_shop(test: impl AsyncFn(Router)) {
    on_each_database(async |database| {
        test(database.shop(&vars([("SHOP_SEED", "1")])).await.router()).await;
    })
    .await;
}

#[tokio::test]
async fn the_images_of_a_product_come_as_numbered_pages_and_lead_to_their_bytes() {
    on_each_seeded_shop(async |shop| {
        let reply = get(&shop, "/api/v1/products/1/images?page_size=100").await;
        let page = reply.ok(200);
        let images = items(&page);
        assert!((1..=3).contains(&images.len()), "{page}");
        assert_eq!(page["total"], images.len());
        assert!(reply.header("link").contains("rel=\"self\""));
        for image in images {
            let href = format!("/api/v1/products/1/images/{}", image["id"]);
            assert_eq!(&get(&shop, &href).await.ok(200), image);
            assert_eq!(
                image["links"],
                json!([
                    { "href": href, "rel": "self", "method": "GET" },
                    { "href": "/api/v1/products/1", "rel": "product", "method": "GET" },
                    { "href": "/api/v1/products/1/images", "rel": "collection", "method": "GET" },
                    { "href": format!("{href}/content"), "rel": "enclosure", "method": "GET" },
                ])
            );
            let content = get(&shop, &format!("{href}/content")).await;
            assert_eq!(image["size"], content.text.len());
            assert!(content.text.len() < 1024, "{}", content.text);
            assert_eq!(
                (&image["width"], &image["height"]),
                (&json!(320), &json!(320))
            );
            assert!(image["alt"].as_str().is_some_and(|alt| alt.len() > 5));
        }
    })
    .await;
}

#[tokio::test]
async fn an_image_is_served_as_what_it_is_and_runs_nothing() {
    on_each_seeded_shop(async |shop| {
        let reply = get(&shop, "/api/v1/products/1/images/1/content").await;
        assert_eq!(reply.status, 200);
        assert!(reply.text.starts_with("<svg ") && reply.text.ends_with("</svg>"));
        assert_eq!(reply.header("content-type"), "image/svg+xml");
        assert_eq!(reply.header("content-length"), reply.text.len().to_string());
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("content-security-policy"), POLICY);
        assert_eq!(reply.header("cache-control"), "public, max-age=3600");
        let head = Request::head("/api/v1/products/1/images/1/content");
        let head = send(&shop, head.body(Body::empty()).expect("a request")).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
        assert_eq!(
            head.header("content-length"),
            reply.header("content-length")
        );
    })
    .await;
}

#[tokio::test]
async fn an_image_is_not_sent_twice_to_a_client_that_keeps_it() {
    on_each_seeded_shop(async |shop| {
        let path = "/api/v1/products/1/images/1/content";
        let tag = get(&shop, path).await.header("etag").to_owned();
        for (asked, status) in [(tag.as_str(), 304), ("*", 304), ("W/\"0\"", 200)] {
            let request = Request::get(path).header("if-none-match", asked);
            let again = send(&shop, request.body(Body::empty()).expect("a request")).await;
            assert_eq!(again.status.as_u16(), status, "{asked}");
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("content-security-policy"), POLICY);
            assert_eq!(again.text.is_empty(), status == 304);
        }
    })
    .await;
}

#[tokio::test]
async fn pictures_are_where_lists_begin_and_end_and_each_is_drawn_anew() {
    on_each_seeded_shop(async |shop| {
        let mut drawn = BTreeSet::new();
        for (product, pictured) in [
            (1, true),
            (200, true),
            (201, false),
            (9_801, true),
            (10_000, true),
        ] {
            let path = format!("/api/v1/products/{product}/images");
            let page = get(&shop, &path).await.ok(200);
            assert_eq!(!items(&page).is_empty(), pictured, "{product}");
            for image in items(&page) {
                let path = format!("{path}/{}/content", image["id"]);
                assert!(drawn.insert(get(&shop, &path).await.text), "{path}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_a_404_and_what_is_not_a_number_is_a_400() {
    on_each_seeded_shop(async |shop| {
        for (path, status, code) in [
            ("0/images", 404, "product_not_found"),
            ("10001/images", 404, "product_not_found"),
            ("1/images/99999", 404, "image_not_found"),
            ("1/images/99999/content", 404, "image_not_found"),
            // The first image belongs to the first product.
            ("2/images/1", 404, "image_not_found"),
            ("2/images/1/content", 404, "image_not_found"),
            ("1/images/one", 400, "invalid_parameter"),
            ("1/images/one/content", 400, "invalid_parameter"),
            ("1/images?sort=alt", 400, "invalid_parameter"),
        ] {
            let problem = get(&shop, &format!("/api/v1/products/{path}"))
                .await
                .problem(status);
            assert_eq!(problem["code"], code, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_product_without_images_has_an_empty_page_of_them() {
    on_each_shop(async |shop| {
        let body = json!({ "sku": "a", "name": "Lamp", "price_cents": 1 });
        let product = post_json(&shop, "/api/v1/products", &body).await.ok(201);
        let path = format!("/api/v1/products/{}/images", product["id"]);
        let page = get(&shop, &path).await.ok(200);
        assert_eq!((&page["items"], &page["total"]), (&json!([]), &json!(0)));
    })
    .await;
}
