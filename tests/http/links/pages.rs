//! Pages of items.

use api_patterns::links::{Link, Linked, LinksLayer, Rendering};
use api_patterns::pagination::{CursorPage, OffsetPage, OffsetRequest, PageRequest};
use api_patterns::problem::Problem;
use api_patterns::proxy::BaseUrl;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get as on_get;
use serde_json::{Value, json};

use super::{Product, get, header, only, product};

async fn cursors(page: PageRequest<Product>) -> Result<Linked<CursorPage<Product>>, Problem> {
    Ok(Linked(page.select((1..=95).map(product))?))
}

async fn numbered(page: OffsetRequest<Product>) -> Linked<OffsetPage<Product>> {
    Linked(page.select((1..=95).map(product)))
}

fn app() -> Router {
    let api = Router::new()
        .route("/products", on_get(cursors))
        .route("/numbered", on_get(numbered));
    Router::new().nest("/api", api)
}

#[tokio::test]
async fn a_plain_page_has_the_links_of_its_items_and_its_own() {
    let (_, headers, body) = get(&app(), "/api/products?limit=2&x=1", &[]).await;
    let keys: Vec<_> = body.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        [
            "has_more",
            "items",
            "links",
            "next_cursor",
            "previous_cursor"
        ]
    );
    assert_eq!(body["items"][1]["links"][0]["href"], "/api/products/2");
    let own = "/api/products?limit=2&x=1";
    let next = body["next_cursor"].as_str().expect("a cursor");
    let next = format!("{own}&cursor={next}");
    let links = json!([
        {"href": own, "rel": "self", "method": "GET"},
        {"href": own, "rel": "first", "method": "GET"},
        {"href": next, "rel": "next", "method": "GET"},
    ]);
    assert_eq!(body["links"], links);
    let expected = format!("<{own}>; rel=\"self\", <{own}>; rel=\"first\", <{next}>; rel=\"next\"");
    assert_eq!(header(&headers, "link"), expected);

    let (_, _, body) = get(&app(), &next, &[]).await;
    assert_eq!(
        body["links"][0]["href"], next,
        "a page knows its own address"
    );
}

#[tokio::test]
async fn a_hal_page_embeds_its_items() {
    let app = app().layer(only(Rendering::Hal));
    let (_, _, body) = get(&app, "/api/numbered?page=2&page_size=10&x=1", &[]).await;
    let href = |page: u8| json!({"href": format!("/api/numbered?x=1&page={page}&page_size=10")});
    let links = json!({
        "self": href(2), "first": href(1), "prev": href(1), "next": href(3), "last": href(10),
    });
    assert_eq!(body["_links"], links);
    assert_eq!((&body["total"], &body["page"]), (&json!(95), &json!(2)));
    let items = body["_embedded"]["products"].as_array().expect("items");
    assert_eq!(items.len(), 10);
    assert_eq!(items[0]["_links"]["self"]["href"], "/api/products/11");
    assert_eq!(body.get("items"), None);
}

#[tokio::test]
async fn a_json_api_page_keeps_its_members_in_meta() {
    let app = app().layer(only(Rendering::JsonApi));
    let (_, _, body) = get(&app, "/api/products?limit=2", &[]).await;
    let keys: Vec<_> = body.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["data", "links", "meta"]);
    assert_eq!(body["data"][0]["type"], "products");
    assert_eq!(body["data"][0]["id"], "1");
    assert_eq!(body["meta"]["has_more"], true);
    assert_eq!(body["links"]["self"], "/api/products?limit=2");
}

#[tokio::test]
async fn without_links_in_the_body_a_page_is_what_it_was() {
    let app = app().layer(only(Rendering::Header).items_in_header());
    let (_, headers, body) = get(&app, "/api/products?limit=2", &[]).await;
    assert_eq!(body["items"][0].get("links"), None);
    assert_eq!(body.get("links"), None);
    let link = header(&headers, "link");
    assert!(
        link.ends_with("</api/products/1>; rel=\"item\", </api/products/2>; rel=\"item\""),
        "{link}"
    );

    let (_, headers, _) = get(&app, "/api/products?limit=95", &[]).await;
    let link = header(&headers, "link");
    let items = link.matches("rel=\"item\"").count();
    assert!(
        items > 40 && items < 95,
        "as many as some proxies take: {items}"
    );
    assert!(
        link.len() <= 2048 && link.contains("rel=\"self\""),
        "{link}"
    );

    let long = "x".repeat(1500);
    let (_, headers, _) = get(&app, &format!("/api/products?limit=2&x={long}"), &[]).await;
    let link = header(&headers, "link");
    assert!(
        link.ends_with("; rel=\"next\"") && link.matches("rel=").count() == 1,
        "{link}"
    );
}

#[tokio::test]
async fn links_of_pages_that_are_not_linked_have_the_base_too() {
    async fn bare(page: PageRequest<Product>) -> Result<impl IntoResponse, Problem> {
        page.select((1..=5).map(product))
    }
    let base = BaseUrl::fixed("https://shop.example/prefix").expect("a base");
    let app = Router::new()
        .route("/p", on_get(bare))
        .layer(LinksLayer::new().base(base));
    let (_, headers, body) = get(&app, "/p?limit=5", &[]).await;
    let link = header(&headers, "link");
    assert!(
        link.starts_with("<https://shop.example/prefix/p?limit=5>; rel=\"self\""),
        "{link}"
    );
    assert_eq!(body["items"][0].get("links"), None);
}

#[tokio::test]
async fn a_page_without_items_is_one_in_every_rendering() {
    async fn none(page: PageRequest<Product>) -> Result<Linked<CursorPage<Product>>, Problem> {
        Ok(Linked(page.select([])?))
    }
    for (rendering, pointer) in [
        (Rendering::Plain, "/items"),
        (Rendering::Header, "/items"),
        (Rendering::Hal, "/_embedded/products"),
        (Rendering::HalForms, "/_embedded/products"),
        (Rendering::JsonApi, "/data"),
    ] {
        let app = Router::new()
            .route("/p", on_get(none))
            .layer(only(rendering));
        let (_, _, body) = get(&app, "/p", &[]).await;
        assert_eq!(body.pointer(pointer), Some(&json!([])), "{body}");
    }
}

#[tokio::test]
async fn a_page_can_have_further_links() {
    async fn list(page: PageRequest<Product>) -> Result<impl IntoResponse, Problem> {
        let page = page.select((1..=5).map(product))?;
        Ok(Linked(page).link(Link::template("search", "/p{?q}")))
    }
    let app = Router::new().route("/p", on_get(list));
    let (_, headers, body) = get(&app, "/p", &[]).await;
    let search = json!({"href": "/p{?q}", "rel": "search", "method": "GET", "templated": true});
    assert_eq!(body["links"][2], search);
    assert_eq!(
        header(&headers, "link-template"),
        "\"/p{?q}\"; rel=\"search\""
    );
    assert_ne!(body["items"], Value::Null);
}

#[tokio::test]
async fn what_a_client_puts_into_its_address_stays_in_it() {
    let app = Router::new().route("/p/{name}", on_get(cursors));
    // What the `http` crate takes in a path and in a query, raw.
    let uri = "/p/\"},{\"href\":\"evil\"?limit=2&x=|^`{}\\é\\";
    let escaped = "/p/%22%7D,%7B%22href%22:%22evil%22?limit=2&x=%7C%5E%60%7B%7D%5C%C3%A9%5C";
    for (rendering, own) in [
        (Rendering::Plain, "/links/0/href"),
        (Rendering::Hal, "/_links/self/href"),
        (Rendering::JsonApi, "/links/self"),
    ] {
        let (status, headers, body) = get(&app.clone().layer(only(rendering)), uri, &[]).await;
        assert_eq!(status, 200);
        let own = body.pointer(own).and_then(Value::as_str);
        assert_eq!(own, Some(escaped), "{rendering:?}");
        let link = header(&headers, "link");
        assert!(
            link.starts_with(&format!("<{escaped}>; rel=\"self\"")),
            "{link}"
        );
    }
}

#[tokio::test]
async fn a_list_is_a_page_without_others_beside_it() {
    let list = async || Linked(vec![product(1), product(2)]);
    let app = Router::new().route("/p", on_get(list));
    let (_, headers, body) = get(&app, "/p", &[]).await;
    assert_eq!(body["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["links"], json!([]));
    assert_eq!(header(&headers, "link"), "");
    let (_, _, body) = get(&app.layer(only(Rendering::Hal)), "/p", &[]).await;
    assert_eq!(body["_embedded"]["products"][1]["id"], 2);
}
