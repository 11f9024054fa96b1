//! What a client, a value or a mistake must not change.

use api_patterns::links::{Link, Linked, Links, LinksLayer, Rendering};
use api_patterns::proxy::BaseUrl;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::IntoResponse;
use axum::routing::{get as on_get, post};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::{get, header, only, product, send};

#[tokio::test]
async fn where_a_router_is_mounted_stays_inside_of_its_links() {
    let inner = Router::new()
        .route("/p/1", on_get(async || Linked(product(1)).created()))
        .layer(LinksLayer::new().mounted());
    let app = Router::new()
        .nest("/{a}", inner.clone())
        .nest("/x/{a}", inner);
    for (mount, safe) in [
        ("/a\",\"b\":\"", "/a%22,%22b%22:%22"),
        ("/\\evil.example", "/%5Cevil.example"),
        ("/{x}", "/%7Bx%7D"),
        ("/x/é", "/x/%C3%A9"),
    ] {
        let (status, headers, body) = get(&app, &format!("{mount}/p/1"), &[]).await;
        assert_eq!(status, StatusCode::CREATED);
        let own = format!("{safe}/api/products/1");
        assert_eq!(body["links"][0]["href"], own);
        assert_eq!(
            body["links"][5]["href"],
            format!("{safe}/api/products{{?q,page}}")
        );
        assert_eq!(body.as_object().map(serde_json::Map::len), Some(6));
        assert_eq!(header(&headers, "location"), own);
    }
}

#[tokio::test]
async fn a_path_in_a_value_cannot_name_another_host() {
    #[derive(Serialize, Links)]
    #[links(base = "/{*path}", any_rel,
            link(rel = "part", href = "/{*each}", each = parts),
            link(rel = "found", href = "/found?in={path}"))]
    struct File {
        path: &'static str,
        parts: Option<Vec<&'static str>>,
    }
    for path in ["/evil.example/x", "a//b", "a/../b", "a/", ""] {
        let file = async move || {
            Linked(File {
                path,
                parts: Some(vec![path, "b"]),
            })
        };
        let (_, headers, body) = get(&Router::new().route("/", on_get(file)), "/", &[]).await;
        let links = body["links"].as_array().expect("links");
        let hrefs: Vec<_> = links
            .iter()
            .filter_map(|link| link["href"].as_str())
            .collect();
        assert_eq!(hrefs.len(), 2, "{hrefs:?}");
        assert_eq!(hrefs[0], "/b");
        assert!(hrefs[1].starts_with("/found?in="));
        assert!(!header(&headers, "link").contains("//evil"));
    }
}

#[tokio::test]
async fn a_refusal_is_not_made_a_success_by_a_status_beside_it() {
    let app = Router::new()
        .route(
            "/",
            on_get(async || (StatusCode::ACCEPTED, Linked(product(1)))),
        )
        .layer(LinksLayer::new());
    let (status, _, _) = get(&app, "/", &[]).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (status, _, body) = get(&app, "/", &[("accept", "text/html")]).await;
    assert_eq!(status, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(body["status"], 406);
}

#[tokio::test]
async fn the_root_of_a_nested_router_is_where_it_answers() {
    #[derive(Serialize, Links)]
    #[links(base = "/", resource = "root")]
    struct Root {}
    let inner = Router::new()
        .route("/", on_get(async || Linked(Root {})))
        .layer(LinksLayer::new().mounted());
    let app = Router::new().nest("/v1", inner.clone());
    let (_, _, body) = get(&app, "/v1", &[]).await;
    assert_eq!(body["links"][0]["href"], "/v1");
    let (_, _, body) = get(&inner, "/", &[]).await;
    assert_eq!(body["links"][0]["href"], "/");
}

#[tokio::test]
async fn an_item_without_an_address_is_not_named_in_the_header() {
    #[derive(Serialize, Links)]
    #[links(base = "/tags/{name}")]
    struct Tag {
        name: &'static str,
    }
    let tags = async || {
        Linked(vec![
            Tag { name: ".." },
            Tag { name: "a" },
            Tag { name: "" },
        ])
    };
    let app = Router::new()
        .route("/", on_get(tags))
        .layer(LinksLayer::new().items_in_header());
    let (_, headers, _) = get(&app, "/", &[]).await;
    assert_eq!(header(&headers, "link"), "</tags/a>; rel=\"item\"");
}

#[tokio::test]
async fn links_of_run_time_stay_on_their_host_and_in_their_header() {
    let base = BaseUrl::fixed("https://shop.example").expect("a base");
    let item = async || {
        Linked(product(2))
            .link(Link::new("r1", "@evil.example"))
            .link(Link::new("r2", "products"))
            .link(Link::new("r3", "//evil.example"))
            .link(Link::new("r4", "mailto:a@b.example"))
            .link(Link::new("r5", "HTTPS://Other.example/"))
            .link(Link::new("x\"; anchor=\"https://evil.example", "/x"))
            .link(Link::new("x\r\ny", "/y").media_type("text/csv; a=\"b\\\""))
            .link(Link::new("curies", "/z"))
            .link(Link::query("found", "/p?active=1", ["q"]))
    };
    let app = Router::new()
        .route("/", on_get(item))
        .layer(LinksLayer::new().base(base));
    let (_, headers, body) = get(&app, "/", &[]).await;
    let href = |rel: &str| {
        let links = body["links"].as_array().expect("links");
        let link = links.iter().find(|link| link["rel"] == rel);
        link.and_then(|link| link["href"].as_str())
            .unwrap_or("none")
            .to_owned()
    };
    assert_eq!(href("r1"), "https://shop.example/@evil.example");
    assert_eq!(href("r2"), "https://shop.example/products");
    assert_eq!(href("r3"), "https://shop.example/.//evil.example");
    assert_eq!(href("r4"), "mailto:a@b.example");
    assert_eq!(href("r5"), "HTTPS://Other.example/");
    assert_eq!(href("found"), "https://shop.example/p?active=1{&q}");
    let link = header(&headers, "link");
    assert!(
        link.contains("rel=\"x%22;%20anchor=%22https://evil.example\""),
        "{link}"
    );
    assert!(
        link.contains("rel=\"x%0D%0Ay\"; type=\"text/csv; a=\\\"b\\\\\\\"\""),
        "{link}"
    );
    let accept = [("accept", "application/hal+json")];
    let (_, _, body) = get(&app, "/", &accept).await;
    assert_eq!(body["_links"].get("curies"), None);
}

#[tokio::test]
async fn templates_of_one_relation_have_keys_of_their_own() {
    #[derive(Serialize, Links)]
    #[links(base = "/o/{id}", any_rel,
            link(rel = "edit", method = PUT, list),
            link(rel = "edit", method = PATCH, list),
            link(rel = "edit-2", method = POST),
            link(rel = "line", method = DELETE, href = "{base}/lines/{each}", each = lines),
            link(rel = "find", method = POST, href = "/o{?q}"))]
    struct Order {
        id: u8,
        lines: Vec<u8>,
    }
    let order = async || {
        Linked(Order {
            id: 1,
            lines: vec![5, 5],
        })
    };
    let app = Router::new()
        .route("/", on_get(order))
        .layer(only(Rendering::HalForms));
    let (_, _, body) = get(&app, "/", &[]).await;
    let templates = body["_templates"].as_object().expect("templates");
    let keys: Vec<_> = templates.keys().collect();
    assert_eq!(keys, ["edit", "edit 2", "edit-2", "line 1", "line 2"]);
    assert_eq!(templates["edit"]["method"], "PUT");
    assert_eq!(templates["line 2"]["target"], "/o/1/lines/5");
}

#[tokio::test]
async fn a_link_of_a_relation_that_is_there_loses_none() {
    let item = async || {
        Linked(product(2))
            .link(Link::new("self", "/other"))
            .link(Link::new("reviews", "/more"))
            .link(Link::new("item", "/one").list())
    };
    let app = Router::new().route("/", on_get(item));
    let (_, _, body) = get(&app.clone().layer(only(Rendering::JsonApi)), "/", &[]).await;
    assert_eq!(body["links"]["self"], "/api/products/2");
    assert_eq!(body["links"]["reviews"], "/api/products/2/reviews");
    let (_, _, body) = get(&app.layer(only(Rendering::Hal)), "/", &[]).await;
    assert_eq!(body["_links"]["self"]["href"], "/api/products/2");
    assert_eq!(body["_links"]["reviews"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["_links"]["item"], json!([{"href": "/one"}]));
}

#[tokio::test]
async fn json_api_names_are_legal_and_items_have_an_identity() {
    #[derive(Serialize, Links)]
    #[links(
        curie(name = "shop", href = "https://shop.example/rels/{rel}"),
        link(rel = "shop:invoice", href = "/invoices/{id}"),
        link(rel = "https://shop.example/rels/x", href = "/x")
    )]
    struct Order {
        id: u8,
    }
    #[derive(Serialize, Links)]
    #[links(base = "/api", resource = "service")]
    struct Root {}
    let app = Router::new()
        .route("/order", on_get(async || Linked(Order { id: 3 })))
        .route("/root", on_get(async || Linked(Root {})))
        .layer(only(Rendering::JsonApi));
    let (_, _, body) = get(&app, "/order", &[]).await;
    assert_eq!(body["data"]["id"], "3");
    assert_eq!(body["data"]["attributes"], json!({}));
    assert_eq!(body["links"], json!({"invoice": "/invoices/3"}));
    let (_, _, body) = get(&app, "/root", &[]).await;
    assert_eq!(
        (&body["data"]["type"], &body["data"]["id"]),
        (&json!("service"), &json!("service"))
    );
}

#[tokio::test]
async fn a_layer_within_another_keeps_what_it_does_not_set() {
    let inner = Router::new()
        .route("/p", on_get(async || Linked(product(1))))
        .layer(LinksLayer::new().mounted());
    let base = BaseUrl::fixed("https://shop.example/pub").expect("a base");
    let outer = LinksLayer::new()
        .base(base)
        .offer([Rendering::Hal, Rendering::Plain]);
    let app = Router::new().nest("/v1", inner).layer(outer);
    let (_, headers, body) = get(&app, "/v1/p", &[]).await;
    assert_eq!(header(&headers, "content-type"), "application/hal+json");
    let own = "https://shop.example/pub/v1/api/products/1";
    assert_eq!(body["_links"]["self"]["href"], own);
    let (status, _, _) = get(&app, "/v1/p", &[("accept", "application/vnd.api+json")]).await;
    assert_eq!(status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn what_is_streamed_has_the_same_links() {
    let stream = async || {
        let item = futures_item();
        Body::from_stream(item).into_response()
    };
    let base = BaseUrl::fixed("https://shop.example").expect("a base");
    let app = Router::new()
        .route("/", on_get(stream))
        .layer(LinksLayer::new().base(base));
    let (_, _, body) = get(&app, "/", &[]).await;
    assert_eq!(
        body["links"][0]["href"],
        "https://shop.example/api/products/1"
    );
}

/// A stream that serializes its item when it is asked for it.
fn futures_item() -> impl futures_core::Stream<Item = Result<Bytes, std::convert::Infallible>> + Send
{
    struct Once(bool);
    impl futures_core::Stream for Once {
        type Item = Result<Bytes, std::convert::Infallible>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            if std::mem::replace(&mut self.0, true) {
                return std::task::Poll::Ready(None);
            }
            let json = serde_json::to_vec(&Linked(product(1))).expect("JSON");
            std::task::Poll::Ready(Some(Ok(json.into())))
        }
    }
    Once(false)
}

#[tokio::test]
async fn a_header_that_is_too_long_keeps_its_first_links() {
    #[derive(Serialize, Links)]
    #[links(base = "/o/{id}", link(rel = "item", href = "{base}/lines/{each}", each = lines,
            title = "a line, <b>"))]
    struct Order {
        id: u8,
        lines: Vec<u32>,
    }
    let order = async || {
        Linked(Order {
            id: 1,
            lines: (0..2000).collect(),
        })
    };
    let (_, headers, body) = get(&Router::new().route("/", on_get(order)), "/", &[]).await;
    assert_eq!(body["links"].as_array().map(Vec::len), Some(2001));
    let link = header(&headers, "link");
    assert!(
        link.starts_with("</o/1>; rel=\"self\", </o/1/lines/0>; rel=\"item\""),
        "{link}"
    );
    assert!(
        link.len() <= 2048 && link.len() > 1900 && link.ends_with("%3Cb%3E"),
        "{}",
        link.len()
    );
}

#[tokio::test]
async fn raw_values_with_white_space_are_objects_too() {
    #[derive(Serialize, Links)]
    #[serde(transparent)]
    #[links(resource = "raws", link(rel = "up", href = "/up"))]
    struct Raw {
        raw: Box<serde_json::value::RawValue>,
    }
    for (text, expected) in [
        ("{ }", json!({})),
        ("{ \"id\" : 5 , \"b\" : 1 } ", json!({"id": 5, "b": 1})),
    ] {
        let raw = async move || {
            let raw = serde_json::value::RawValue::from_string(text.to_owned()).expect("JSON");
            Linked(Raw { raw })
        };
        let (_, _, mut body) = get(&Router::new().route("/", on_get(raw)), "/", &[]).await;
        let links = body.as_object_mut().and_then(|body| body.remove("links"));
        assert_eq!(
            links.as_ref().and_then(|links| links.pointer("/0/rel")),
            Some(&json!("up"))
        );
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn pointers_to_items_are_items() {
    let shared = std::sync::Arc::new(product(4));
    let own = json!("/api/products/4");
    let arc = serde_json::to_value(Linked(&*shared)).expect("JSON");
    assert_eq!(arc["links"][0]["href"], own);
    let boxed = async || Linked(Box::new(product(4)));
    let (_, _, body) = get(&Router::new().route("/", on_get(boxed)), "/", &[]).await;
    assert_eq!(body["links"][0]["href"], own);
}

#[tokio::test]
async fn renderings_of_one_media_type_are_one() {
    let layer = LinksLayer::new().offer([Rendering::Plain, Rendering::Header]);
    let app = Router::new()
        .route(
            "/",
            post(async || Linked(product(1))).get(async || Linked(product(1))),
        )
        .layer(layer);
    let (status, headers, body) = send(&app, "GET", "/", &[("accept", "text/html")]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(header(&headers, "vary"), "");
    assert_ne!(body["links"], Value::Null);
}

#[tokio::test]
async fn a_location_is_whole_however_long_it_is() {
    #[derive(Serialize, Links)]
    #[links(base = "/notes/{name}")]
    struct Note {
        name: String,
    }
    let name = "é, \"".repeat(500);
    let add = async move || Linked(Note { name: name.clone() }).created();
    let app = Router::new().route("/", post(add));
    let (status, headers, body) = send(&app, "POST", "/", &[]).await;
    assert_eq!(status, StatusCode::CREATED);
    let own = body["links"][0]["href"].as_str().expect("an address");
    assert!(own.len() > 6000, "{}", own.len());
    assert_eq!(header(&headers, "location"), own);
}
