//! What the shop says of itself, held against what it does.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::{
    Database, Reply, Vars, add_product, get, items, on_each_database, on_each_shop, post_json,
    send, vars,
};

mod docs;
mod schema;

use self::schema::{assert_fits, component};

/// Every method that an operation may have.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// The media type of a batch of lines.
const LINES: &str = "application/x-ndjson";

/// One documented operation.
#[derive(Debug)]
struct Operation<'a> {
    path: &'a str,
    method: &'a str,
    said: &'a Value,
}

impl Operation<'_> {
    /// An address of it, in a shop that has one of everything.
    fn address(&self, id: &str) -> String {
        let parts = self.path.split('/');
        let filled = parts.map(|part| if part.starts_with('{') { id } else { part });
        filled.collect::<Vec<_>>().join("/")
    }

    fn parameters(&self, place: &str) -> usize {
        let parameters = self.said["parameters"].as_array().into_iter().flatten();
        parameters
            .filter(|parameter| parameter["in"] == place)
            .count()
    }

    /// Asserts that the reply is one of those that the document promises.
    #[track_caller]
    fn assert_promised(&self, document: &Value, reply: &Reply) {
        let status = reply.status.as_str();
        let response = &self.said["responses"][status];
        let context = format!("{} {}: {status} {}", self.method, self.path, reply.text);
        assert!(response.is_object(), "{context}");
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let optional = ["Retry-After", "Idempotency-Replayed", "Last-Modified"];
            let optional = optional.contains(&&**name);
            assert!(
                optional || !reply.header(name).is_empty(),
                "{name}: {context}"
            );
            assert_eq!(header["schema"]["type"], "string", "{name}");
        }
        let Some(contents) = response["content"].as_object() else {
            assert_eq!(
                (reply.text.as_str(), reply.header("content-type")),
                ("", "")
            );
            return;
        };
        let kind = reply.header("content-type");
        let range = kind.split('/').next().map(|main| format!("{main}/*"));
        let content = contents.get(kind).or(contents.get(&range.expect("a type")));
        let content = content.unwrap_or_else(|| panic!("{kind}: {context}"));
        if kind.ends_with("json") && kind != LINES {
            assert_fits(document, &content["schema"], &reply.json());
        }
    }
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document["paths"].as_object().expect("paths");
    let found = paths.iter().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let said = item.get(method)?;
            Some(Operation { path, method, said })
        })
    });
    found.collect()
}

async fn document(shop: &Router) -> Value {
    get(shop, "/openapi.json").await.ok(200)
}

/// A request with a header.
async fn ask(shop: &Router, path: &str, header: &str, value: &str) -> Reply {
    let request = Request::get(path).header(header, value);
    send(shop, request.body(Body::empty()).expect("a request")).await
}

/// Bodies that the operation takes, by their media types: the examples of their schemas.
fn examples(document: &Value, operation: &Operation<'_>) -> Vec<(String, String)> {
    let contents = operation.said["requestBody"]["content"].as_object();
    let contents = contents.into_iter().flatten();
    let body = |(kind, content): (&String, &Value)| {
        let schema = component(document, &content["schema"]);
        let body = match (content.get("example"), schema["properties"].get("items")) {
            (Some(example), _) => example.to_string(),
            (None, Some(items)) => {
                let item = component(document, &items["items"]);
                json!({ "items": item["examples"] }).to_string()
            }
            (None, None) => schema["examples"][0].to_string(),
        };
        (kind.clone(), body)
    };
    contents.map(body).collect()
}

/// A request of the operation with a body.
async fn write(
    shop: &Router,
    operation: &Operation<'_>,
    id: &str,
    kind: &str,
    body: &str,
) -> Reply {
    let request = Request::builder()
        .method(operation.method.to_ascii_uppercase().as_str())
        .uri(operation.address(id))
        .header("content-type", kind);
    send(
        shop,
        request
            .body(Body::from(body.to_owned()))
            .expect("a request"),
    )
    .await
}

#[tokio::test]
async fn the_document_is_served_and_kept_by_caches_that_ask_again() {
    on_each_shop(async |shop| {
        let reply = get(&shop, "/openapi.json").await;
        let document = reply.ok(200);
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(document["servers"], json!([{ "url": "/" }]));
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(reply.header("cache-control"), "no-cache");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        let again = ask(
            &shop,
            "/openapi.json",
            "if-none-match",
            reply.header("etag"),
        )
        .await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
        assert_eq!(again.header("content-type"), "");
        assert_eq!(again.header("etag"), reply.header("etag"));
    })
    .await;
}

#[tokio::test]
async fn the_document_names_the_place_that_links_name() {
    let database = Database::sqlite();
    let server = async |set: &Vars, headers: [(&str, &str); 3]| {
        let mut request = Request::get("/openapi.json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let document = send(&database.shop(set).await.router(), request)
            .await
            .ok(200);
        document["servers"][0]["url"].clone()
    };
    let forwarded = [
        ("host", "inside"),
        ("x-forwarded-host", "shop.example"),
        ("x-forwarded-prefix", "/wares"),
    ];
    assert_eq!(server(&Vars::new(), forwarded).await, "/");
    let fixed = vars([("SHOP_PUBLIC_URL", "https://shop.example/wares")]);
    assert_eq!(
        server(&fixed, forwarded).await,
        "https://shop.example/wares"
    );
    let behind = vars([("SHOP_TRUSTED_PROXIES", "1")]);
    assert_eq!(
        server(&behind, forwarded).await,
        "http://shop.example/wares"
    );
}

#[tokio::test]
async fn every_reference_resolves_and_every_operation_has_a_name_of_its_own() {
    on_each_shop(async |shop| {
        let document = document(&shop).await;
        let references = schema::references(&document);
        assert!(references.len() > 50, "{references:?}");
        for reference in references {
            let pointer = reference.strip_prefix('#').expect("a local reference");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        let tags: Vec<_> = document["tags"].as_array().into_iter().flatten().collect();
        let mut names = BTreeSet::new();
        for operation in operations(&document) {
            let name = operation.said["operationId"].as_str().expect("a name");
            assert!(names.insert(name), "{name} twice");
            assert!(operation.said["summary"].is_string(), "{name}");
            let [tag] = &operation.said["tags"].as_array().expect("tags")[..] else {
                panic!("{name} has one tag");
            };
            assert!(tags.iter().any(|known| known["name"] == *tag), "{tag}");
        }
        assert!(names.contains("list_products"), "{names:?}");
    })
    .await;
}

/// The router is asked what it takes, by a method that it never does.
#[tokio::test]
async fn each_path_takes_the_methods_that_are_documented_and_no_others() {
    on_each_shop(async |shop| {
        let document = document(&shop).await;
        for path in document["paths"].as_object().expect("paths").keys() {
            let all = operations(&document);
            let own: Vec<_> = all
                .iter()
                .filter(|operation| operation.path == path)
                .collect();
            let trace = Request::builder()
                .method(Method::TRACE)
                .uri(own[0].address("1"));
            let refused = send(&shop, trace.body(Body::empty()).expect("a request")).await;
            refused.problem(405);
            let allowed = refused.header("allow").to_ascii_lowercase();
            let allowed: BTreeSet<_> = allowed.split(',').filter(|name| *name != "head").collect();
            let documented = own.iter().map(|operation| operation.method).collect();
            assert_eq!(allowed, documented, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn whatever_links_lead_to_is_documented() {
    on_each_database(async |database| {
        let shop = database.shop(&vars([("SHOP_SEED", "1")])).await.router();
        let document = document(&shop).await;
        for product in items(&get(&shop, "/api/v1/products").await.ok(200)) {
            let reviews = format!("/api/v1/products/{}/reviews", product["id"]);
            post_json(&shop, &reviews, &json!({ "rating": 9 }))
                .await
                .ok(201);
        }
        let all = operations(&document);
        let read = || all.iter().filter(|operation| operation.method == "get");
        let mut visits = BTreeMap::new();
        let mut next = vec!["/api/v1".to_owned()];
        while let Some(address) = next.pop() {
            let path = address.split('?').next().unwrap_or_default();
            let Some(operation) = read().find(|one| schema::is_of(one.path, path)) else {
                assert!(["/openapi.json", "/docs"].contains(&path), "{address}");
                continue;
            };
            // Some of a kind show what the others have, too; a single one may have no reviews.
            let visits = visits.entry(operation.path).or_insert(0);
            *visits += 1;
            if *visits <= 20 {
                let reply = get(&shop, &address).await;
                assert_eq!(reply.status, 200, "{address}");
                operation.assert_promised(&document, &reply);
                if reply.header("content-type") == "application/json" {
                    next.extend(schema::links(&reply.json()));
                }
            }
        }
        let own = read().map(|operation| operation.path);
        let own: BTreeSet<_> = own.filter(|path| path.starts_with("/api/")).collect();
        assert_eq!(visits.into_keys().collect::<BTreeSet<_>>(), own);
    })
    .await;
}

#[tokio::test]
async fn reading_answers_as_documented_in_every_media_type() {
    on_each_database(async |database| {
        let shop = database.shop(&vars([("SHOP_SEED", "1")])).await.router();
        let document = document(&shop).await;
        for operation in operations(&document) {
            if operation.method != "get" {
                continue;
            }
            let address = operation.address("1");
            let contents = &operation.said["responses"]["200"]["content"];
            for kind in contents.as_object().expect("media types").keys() {
                let reply = ask(&shop, &address, "accept", kind).await;
                assert_eq!(reply.status, 200, "{address} as {kind}");
                let answered = reply.header("content-type");
                assert!(
                    answered == kind || kind == "image/*",
                    "{answered} for {kind}"
                );
                operation.assert_promised(&document, &reply);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_as_documented() {
    on_each_database(async |database| {
        let shop = database.shop(&vars([("SHOP_SEED", "1")])).await.router();
        let document = document(&shop).await;
        for operation in operations(&document) {
            if operation.method != "get" {
                continue;
            }
            if operation.parameters("path") > 0 {
                for (id, status) in [("9999999", 404), ("x", 400)] {
                    let reply = get(&shop, &operation.address(id)).await;
                    assert_eq!(reply.status, status, "{operation:?}");
                    operation.assert_promised(&document, &reply);
                }
            }
            if operation.parameters("query") > 0 {
                let address = operation.address("1");
                let reply = get(&shop, &format!("{address}?sort=colour")).await;
                assert_eq!(reply.status, 400, "{operation:?}");
                operation.assert_promised(&document, &reply);
            }
            let reply = ask(&shop, &operation.address("1"), "accept", "text/csv").await;
            operation.assert_promised(&document, &reply);
            let reply = ask(&shop, &operation.address("1"), "if-none-match", "*").await;
            operation.assert_promised(&document, &reply);
        }
    })
    .await;
}

#[tokio::test]
async fn examples_of_bodies_are_taken_and_answered_as_documented() {
    on_each_shop(async |shop| {
        let document = document(&shop).await;
        let product = json!({ "sku": "first", "name": "Lamp", "price_cents": 1 });
        post_json(&shop, "/api/v1/products", &product).await.ok(201);
        let mut written = 0;
        for operation in operations(&document) {
            for (kind, body) in examples(&document, &operation) {
                let reply = write(&shop, &operation, "1", &kind, &body).await;
                assert!(reply.status.is_success(), "{kind}: {}", reply.text);
                operation.assert_promised(&document, &reply);
                written += 1;
            }
        }
        // Three kinds of patches of one, two kinds of batches twice, and five that take JSON alone.
        assert_eq!(written, 12);
    })
    .await;
}

#[tokio::test]
async fn what_is_repeated_under_a_key_is_answered_as_documented() {
    on_each_shop(async |shop| {
        let document = document(&shop).await;
        let product = json!({ "sku": "first", "name": "Lamp", "price_cents": 1 });
        post_json(&shop, "/api/v1/products", &product).await.ok(201);
        for operation in operations(&document) {
            for (kind, body) in examples(&document, &operation) {
                if kind == LINES {
                    continue;
                }
                let keyed = async |body: &str| {
                    let method = operation.method.to_ascii_uppercase();
                    let request = Request::builder()
                        .method(method.as_str())
                        .uri(operation.address("1"))
                        .header("content-type", &kind)
                        .header("idempotency-key", kind.replace('/', "-"));
                    let body = Body::from(body.to_owned());
                    send(&shop, request.body(body).expect("a request")).await
                };
                for replayed in ["", "true"] {
                    let reply = keyed(&body).await;
                    assert!(reply.status.is_success(), "{}", reply.text);
                    assert_eq!(reply.header("idempotency-replayed"), replayed);
                    operation.assert_promised(&document, &reply);
                }
                let reply = keyed("{\"other\":1}").await;
                assert_eq!(reply.status, 422, "{}", reply.text);
                operation.assert_promised(&document, &reply);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn bodies_that_cannot_be_taken_are_refused_as_documented() {
    on_each_shop(async |shop| {
        let document = document(&shop).await;
        let product = json!({ "sku": "LIG-1", "name": "Lamp", "price_cents": 1 });
        post_json(&shop, "/api/v1/products", &product).await.ok(201);
        let large = json!({ "items": "x".repeat(3 << 20) }).to_string();
        for operation in operations(&document) {
            let bodies = examples(&document, &operation);
            let Some((taken, body)) = bodies.first() else {
                continue;
            };
            let is_patch = operation.said["operationId"] == "change_product";
            for (kind, body, status) in [
                ("application/json", "{", 400),
                ("application/json", "{}", if is_patch { 400 } else { 422 }),
                ("application/json", &*large, 413),
                ("text/plain", "{}", 415),
            ] {
                let reply = write(&shop, &operation, "1", kind, body).await;
                let context = format!("{operation:?}: {}", reply.text);
                assert_eq!(reply.status, status, "{context}");
                operation.assert_promised(&document, &reply);
            }
            // In the place of 1, whose SKU is taken: a product that is not there.
            let reply = write(&shop, &operation, "99", taken, body).await;
            operation.assert_promised(&document, &reply);
        }
    })
    .await;
}

#[tokio::test]
async fn changes_that_come_too_late_are_refused_as_documented() {
    on_each_shop(async |shop| {
        let document = document(&shop).await;
        let (product, _) = add_product(&shop, "a").await;
        let id = product["id"].to_string();
        let mut refused = 0;
        for operation in operations(&document) {
            let is_conditional = operation.method == "patch" && operation.parameters("path") > 0
                || operation.method == "delete";
            if !is_conditional {
                continue;
            }
            for (name, value, id, status) in [
                ("if-match", "\"0\"", &*id, 412),
                ("if-none-match", "*", &*id, 412),
                ("if-match", "0", &*id, 400),
                ("if-match", "*", "99", 404),
                ("if-match", "*", "x", 400),
            ] {
                let request = Request::builder()
                    .method(operation.method.to_ascii_uppercase().as_str())
                    .uri(operation.address(id))
                    .header("content-type", "application/json")
                    .header(name, value);
                let body = Body::from("{\"name\":\"Chair\"}");
                let reply = send(&shop, request.body(body).expect("a request")).await;
                assert_eq!(reply.status, status, "{name}: {value}: {}", reply.text);
                operation.assert_promised(&document, &reply);
                refused += 1;
            }
        }
        assert_eq!(refused, 10);
        let request = Request::delete(format!("/api/v1/products/{id}"));
        let reply = send(&shop, request.body(Body::empty()).expect("a request")).await;
        let all = operations(&document);
        let delete = all.iter().find(|operation| operation.method == "delete");
        delete.expect("a delete").assert_promised(&document, &reply);
        assert_eq!(reply.status, 204);
    })
    .await;
}
