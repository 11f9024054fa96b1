//! A client that knows one address reaches everything by following links, in every rendering,
//! directly and behind a proxy.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::support::{Database, Reply, send, vars};

/// What there is, numbers and queries left out.
const KINDS: [&str; 11] = [
    "/api/v1",
    "/api/v1/categories",
    "/api/v1/categories/N",
    "/api/v1/events",
    "/api/v1/events/N",
    "/api/v1/products",
    "/api/v1/products/N",
    "/api/v1/products/N/images",
    "/api/v1/products/N/images/N",
    "/api/v1/products/N/images/N/content",
    "/api/v1/products/N/reviews",
];
/// Addresses of one kind that are followed.
const EACH: usize = 3;

#[tokio::test]
async fn every_rendering_leads_from_the_root_to_everything() {
    let database = Database::sqlite();
    let seeded = vars([("SHOP_SEED", "1"), ("SHOP_TRUSTED_PROXIES", "1")]);
    let shop = database.shop(&seeded).await.router();
    for accept in [
        "application/json",
        "application/hal+json",
        "application/prs.hal-forms+json",
        "application/vnd.api+json",
    ] {
        crawl(&shop, accept, "", body_links).await;
        crawl(&shop, accept, "https://shop.example/wares", body_links).await;
    }
    crawl(&shop, "application/json", "", header_links).await;
    let base = "https://shop.example/wares";
    crawl(&shop, "application/json", base, header_links).await;
}

/// Follows what `links` finds, breadth first, and asserts that every address begins with `base`
/// and answers.
async fn crawl(shop: &Router, accept: &str, base: &str, links: fn(&Reply) -> BTreeSet<String>) {
    let mut open = VecDeque::from([format!("{base}/api/v1")]);
    let mut seen = BTreeMap::<String, BTreeSet<String>>::new();
    while let Some(url) = open.pop_front() {
        let path = url.strip_prefix(base);
        let path = path.unwrap_or_else(|| panic!("{url} does not begin with {base}"));
        let same = seen.entry(kind(path)).or_default();
        if same.len() >= EACH || !same.insert(url.clone()) {
            continue;
        }
        let reply = get(shop, path, accept, base).await;
        assert!(
            reply.status.is_success() || reply.status.is_redirection(),
            "{url}: {reply:?}"
        );
        let json = reply.header("content-type").ends_with("json");
        if json && path.starts_with("/api/") {
            assert_eq!(reply.header("content-type"), accept, "{url}");
            open.extend(links(&reply));
        }
    }
    for kind in KINDS {
        assert!(
            seen.contains_key(kind),
            "{kind} in {accept}: {:?}",
            seen.keys()
        );
    }
}

/// The request as the proxy at `base` passes it on.
async fn get(shop: &Router, path: &str, accept: &str, base: &str) -> Reply {
    let mut request = Request::get(path)
        .header("accept", accept)
        .header("host", "10.0.0.7:3000");
    if !base.is_empty() {
        request = request
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "shop.example")
            .header("x-forwarded-prefix", "/wares");
    } else {
        // A host that no URL can have: links stay relative.
        request = request
            .header("x-forwarded-host", "not a host")
            .header("host", "");
    }
    send(shop, request.body(Body::empty()).expect("a request")).await
}

fn kind(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let segments = path.split('/').map(|segment| match segment.parse::<i64>() {
        Ok(_) => "N",
        Err(_) => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// What a document links to, whatever its form.
fn body_links(reply: &Reply) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&reply.json(), false, &mut found);
    found
}

fn collect(value: &Value, are_links: bool, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            let get = object.get("method").is_none_or(|method| method == "GET")
                && object
                    .get("meta")
                    .is_none_or(|meta| meta["method"].is_null());
            let templated = object.get("templated") == Some(&Value::Bool(true));
            if let Some(href) = object.get("href").and_then(Value::as_str)
                && get
                && !templated
            {
                found.insert(href.to_owned());
            }
            for (name, member) in object {
                match member {
                    // JSON:API writes an address as it is.
                    Value::String(href) if are_links && name != "href" => {
                        found.insert(href.clone());
                    }
                    _ => collect(member, name == "links", found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, false, found)),
        _ => {}
    }
}

/// What a `Link` header links to.
fn header_links(reply: &Reply) -> BTreeSet<String> {
    let links = reply.header("link").split(", <");
    links
        .filter_map(|link| link.trim_start_matches('<').split_once('>'))
        .map(|(href, _)| href.to_owned())
        .collect()
}
