//! Requests that may be sent again: each has its effect once.

use axum::Router;
use serde_json::{Value, json};

use crate::bulk::bulk;
use crate::support::{
    Reply, add_product, ask, count_products, get, on_each_shop, post_json, unique,
};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn keyed(shop: &Router, request: &str, key: &str, body: &Value) -> Reply {
    let headers = [JSON, ("idempotency-key", key)];
    ask(shop, request, &headers, body.to_string()).await
}

fn lamp(sku: &str) -> Value {
    json!({ "sku": sku, "name": "Lamp", "price_cents": 1 })
}

async fn total(shop: &Router, path: &str) -> Value {
    let page = get(shop, &format!("{path}?include_total=true")).await;
    page.ok(200)["total"].clone()
}

/// What a client sees of an answer, but what belongs to one response alone.
fn seen(reply: &Reply) -> (u16, String, Vec<String>) {
    let names = [
        "location",
        "etag",
        "content-type",
        "link",
        "preference-applied",
    ];
    let fields = names.map(|name| reply.header(name).to_owned());
    (reply.status.as_u16(), reply.text.clone(), fields.into())
}

#[tokio::test]
async fn every_write_that_is_repeated_under_its_key_has_one_effect() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let (other, _) = add_product(&shop, "b").await;
        let product = format!("/api/v1/products/{}", product["id"]);
        let event = json!({ "kind": "k", "title": "t" });
        let rename = json!({ "id": other["id"], "data": { "name": "Chair" } });
        let before = [count_products(&shop).await];
        for (request, body, status) in [
            ("POST /api/v1/products".to_owned(), lamp("c"), 201),
            (
                format!("POST {product}/reviews"),
                json!({ "rating": 9 }),
                201,
            ),
            ("POST /api/v1/events".to_owned(), event.clone(), 201),
            (
                "POST /api/v1/products/bulk".to_owned(),
                json!({ "items": [lamp("d"), 1] }),
                207,
            ),
            (
                "POST /api/v1/events/bulk".to_owned(),
                json!({ "items": [event] }),
                207,
            ),
            (format!("PATCH {product}"), json!({ "name": "Table" }), 200),
            (
                "PATCH /api/v1/products/bulk".to_owned(),
                json!({ "items": [rename] }),
                207,
            ),
            (
                "POST /api/v1/products/bulk-delete".to_owned(),
                json!({ "ids": [other["id"]] }),
                207,
            ),
        ] {
            let first = keyed(&shop, &request, "the-key", &body).await;
            first.ok(status);
            assert_eq!(first.header("idempotency-replayed"), "", "{request}");
            for key in ["the-key", "\"the-key\""] {
                let again = keyed(&shop, &request, key, &body).await;
                assert_eq!(again.header("idempotency-replayed"), "true", "{request}");
                assert_eq!(seen(&again), seen(&first), "{request}");
                assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
            }
        }
        // Two came, one went.
        assert_eq!(count_products(&shop).await, before[0] + 1);
        assert_eq!(total(&shop, &format!("{product}/reviews")).await, 1);
        assert_eq!(total(&shop, "/api/v1/events").await, 2);
        // Once changed is version 2.
        assert_eq!(get(&shop, &product).await.header("etag"), "\"2\"");
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    on_each_shop(async |shop| {
        let request = "POST /api/v1/products";
        keyed(&shop, request, "k", &lamp("a")).await.ok(201);
        let problem = keyed(&shop, request, "k", &lamp("b")).await.problem(422);
        assert_eq!(problem["code"], "idempotency_key_reused");
        // Another spelling of the same body is no other body.
        let spelled = r#" {"price_cents":1, "name": "L\u0061mp", "sku":"a"} "#;
        let headers = [JSON, ("idempotency-key", "k")];
        let again = ask(&shop, request, &headers, spelled).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        // Elsewhere, and for somebody else, it is another key.
        let event = json!({ "kind": "k", "title": "t" });
        keyed(&shop, "POST /api/v1/events", "k", &event)
            .await
            .ok(201);
        for (who, sku) in [("Bearer ada", "b"), ("Bearer bob", "c")] {
            let headers = [JSON, ("idempotency-key", "k"), ("authorization", who)];
            let reply = ask(&shop, request, &headers, lamp(sku).to_string()).await;
            reply.ok(201);
            assert_eq!(reply.header("idempotency-replayed"), "");
        }
        assert_eq!(count_products(&shop).await, 3);
    })
    .await;
}

#[tokio::test]
async fn keys_that_are_none_are_refused_before_anything_is_done() {
    on_each_shop(async |shop| {
        for key in [
            "",
            "\"\"",
            &"x".repeat(256),
            &"x".repeat(10_000),
            "a b",
            "a, b",
            "\"a\";p=1",
            "\"a",
            "ä",
        ] {
            let problem = keyed(&shop, "POST /api/v1/products", key, &lamp("a"))
                .await
                .problem(400);
            assert_eq!(problem["code"], "invalid_idempotency_key", "{key}");
        }
        let twice = [JSON, ("idempotency-key", "a"), ("idempotency-key", "a")];
        let reply = ask(
            &shop,
            "POST /api/v1/products",
            &twice,
            lamp("a").to_string(),
        )
        .await;
        reply.problem(400);
        assert_eq!(count_products(&shop).await, 0);
        keyed(&shop, "POST /api/v1/products", &"x".repeat(255), &lamp("a"))
            .await
            .ok(201);
    })
    .await;
}

#[tokio::test]
async fn reading_and_deleting_take_no_notice_of_a_key() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let path = format!("/api/v1/products/{}", product["id"]);
        let key = [("idempotency-key", "k")];
        for _ in 0..2 {
            let read = ask(&shop, &format!("GET {path}"), &key, "").await;
            assert_eq!(
                (read.ok(200), read.header("idempotency-replayed")),
                (product.clone(), "")
            );
        }
        let deleted = ask(&shop, &format!("DELETE {path}"), &key, "").await;
        assert_eq!(deleted.status, 204);
        ask(&shop, &format!("DELETE {path}"), &key, "")
            .await
            .problem(404);
    })
    .await;
}

#[tokio::test]
async fn copies_that_race_have_one_effect_and_the_late_ones_are_told_to_wait() {
    on_each_shop(async |shop| {
        let key = unique();
        let copies = (0..40).map(|_| {
            let (shop, key) = (shop.clone(), key.clone());
            tokio::spawn(async move {
                let event = json!({ "kind": "k", "title": "t" });
                keyed(&shop, "POST /api/v1/events", &key, &event).await
            })
        });
        let mut made = Vec::new();
        for copy in copies.collect::<Vec<_>>() {
            let reply = copy.await.expect("a task");
            match reply.status.as_u16() {
                201 => made.push(seen(&reply)),
                _ => {
                    assert_eq!(reply.problem(409)["code"], "idempotency_in_flight");
                    let wait: u32 = reply.header("retry-after").parse().expect("seconds");
                    assert!((1..=10).contains(&wait), "{wait}");
                }
            }
        }
        assert!(!made.is_empty() && made.iter().all(|reply| reply == &made[0]));
        assert_eq!(total(&shop, "/api/v1/events").await, 1);
        let event = json!({ "kind": "k", "title": "t" });
        let late = keyed(&shop, "POST /api/v1/events", &key, &event).await;
        assert_eq!(seen(&late), made[0]);
    })
    .await;
}

#[tokio::test]
async fn a_client_that_leaves_finds_its_answer_later() {
    on_each_shop(async |shop| {
        for nth in 0..5_u64 {
            let (key, body) = (format!("k-{nth}"), lamp(&format!("S-{nth}")));
            let leaves = tokio::time::timeout(
                std::time::Duration::from_micros(200 * nth),
                keyed(&shop, "POST /api/v1/products", &key, &body),
            );
            drop(leaves.await);
            let reply = loop {
                let reply = keyed(&shop, "POST /api/v1/products", &key, &body).await;
                if reply.status != 409 {
                    break reply;
                }
                tokio::task::yield_now().await;
            };
            reply.ok(201);
        }
        assert_eq!(count_products(&shop).await, 5);
    })
    .await;
}

#[tokio::test]
async fn a_refused_batch_leaves_nothing_and_can_be_sent_again() {
    on_each_shop(async |shop| {
        let request = "POST /api/v1/products/bulk?mode=atomic";
        let body = json!({ "items": [lamp("a"), lamp("a")] });
        let first = keyed(&shop, request, "k", &body).await;
        assert_eq!(first.ok(207)["created"], json!([]));
        let again = keyed(&shop, request, "k", &body).await;
        assert_eq!(again.ok(207)["created"], json!([]));
        assert_eq!(count_products(&shop).await, 0);
        post_json(&shop, "/api/v1/products", &lamp("a"))
            .await
            .ok(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_at_once_do_not_starve_each_other() {
    on_each_shop(async |shop| {
        // More than there are connections, each of which a request needs twice.
        let writers = (0..120).map(|nth| {
            let shop = shop.clone();
            tokio::spawn(async move {
                let body = lamp(&format!("S-{nth}"));
                match nth % 3 {
                    0 => post_json(&shop, "/api/v1/products", &body).await.ok(201),
                    1 => keyed(&shop, "POST /api/v1/products", &format!("k-{nth}"), &body)
                        .await
                        .ok(201),
                    _ => {
                        let body = json!({ "items": [body] });
                        let request = "POST /api/v1/products/bulk";
                        keyed(&shop, request, &format!("k-{nth}"), &body)
                            .await
                            .ok(207)
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("a task");
        }
        assert_eq!(count_products(&shop).await, 120);
    })
    .await;
}

#[tokio::test]
async fn the_longest_answer_of_a_batch_is_repeated() {
    on_each_shop(async |shop| {
        let item = |nth| {
            let text = "\u{1}".repeat(2000);
            json!({ "sku": format!("S-{nth}"), "name": "Lamp", "description": text, "price_cents": 1 })
        };
        let body = json!({ "items": (0..100).map(item).collect::<Vec<_>>() });
        let request = "POST /api/v1/products/bulk?envelope=items";
        let headers = [("idempotency-key", "long")];
        let first = bulk(&shop, request, &headers, &body).await;
        assert_eq!(first.status, 207, "{}", first.text);
        assert!(first.text.len() > 1 << 20, "{}", first.text.len());
        let again = bulk(&shop, request, &headers, &body).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
        assert_eq!(count_products(&shop).await, 100);
    })
    .await;
}

#[tokio::test]
async fn a_key_belongs_to_one_preference_and_one_precondition() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let item = json!({ "sku": "b", "name": "Lamp", "price_cents": 1 });
        let body = json!({ "items": [item, item] });
        let request = "POST /api/v1/products/bulk";
        let key = ("idempotency-key", "k");
        bulk(&shop, request, &[key], &body).await.ok(207);
        let strict = [key, ("prefer", "handling=strict")];
        let other = bulk(&shop, request, &strict, &body).await.problem(422);
        assert_eq!(other["code"], "idempotency_key_reused");
        let request = format!("PATCH /api/v1/products/{}", product["id"]);
        let body = json!({ "name": "Chair" });
        let seen = [key, ("if-match", tag.as_str())];
        bulk(&shop, &request, &seen, &body).await.ok(200);
        let other = bulk(&shop, &request, &[key], &body).await.problem(422);
        assert_eq!(other["code"], "idempotency_key_reused");
    })
    .await;
}
