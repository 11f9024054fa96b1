//! Many items in one request.

use axum::Router;
use serde_json::{Value, json};

use crate::support::{
    Reply, Vars, add_product, ask, count_products, get, on_each_database, on_each_shop, post,
    post_json, vars,
};

fn product(sku: &str) -> Value {
    json!({ "sku": sku, "name": "Lamp", "price_cents": 100 })
}

/// Sends a batch.
pub(crate) async fn bulk(
    shop: &Router,
    request: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Reply {
    let headers = [&[("content-type", "application/json")], headers].concat();
    ask(shop, request, &headers, body.to_string()).await
}

#[tokio::test]
async fn a_bad_item_fails_alone() {
    on_each_shop(async |shop| {
        post_json(&shop, "/api/v1/products", &product("taken"))
            .await
            .ok(201);
        let body = json!({ "items": [
            product("a"),
            "not a product",
            product("taken"),
            { "sku": "b", "name": "Lamp", "price_cents": "free" },
            { "sku": "c", "name": "", "price_cents": -1 },
            product("d"),
            product("a"),
            { "sku": "e", "name": "Lamp", "price_cents": 1, "category_id": 99 },
            null,
            ["f", "Lamp", null, 1, null, null, null],
        ] });
        let outcome = post_json(&shop, "/api/v1/products/bulk", &body)
            .await
            .ok(207);
        let created = outcome["created"].as_array().expect("created");
        let skus: Vec<_> = created
            .iter()
            .map(|item| item["sku"].as_str().expect("a SKU"))
            .collect();
        assert_eq!(skus, ["a", "d"]);
        assert_eq!(
            created[0]["links"][0]["href"],
            format!("/api/v1/products/{}", created[0]["id"])
        );
        let errors = outcome["errors"].as_array().expect("errors");
        let failed: Vec<_> = errors
            .iter()
            .map(|error| {
                (
                    error["index"].as_u64().expect("an index"),
                    error["status"].as_u64().expect("a status"),
                )
            })
            .collect();
        assert_eq!(
            failed,
            [
                (1, 422),
                (2, 409),
                (3, 422),
                (4, 422),
                (6, 409),
                (7, 422),
                (8, 422),
                (9, 422)
            ]
        );
        for error in errors {
            assert_eq!(error["problem"]["status"], error["status"]);
            assert!(!error["detail"].as_str().expect("a detail").is_empty());
        }
        assert_eq!(errors[3]["problem"]["errors"][0]["pointer"], "/name");
        assert_eq!(errors[7]["problem"]["errors"][0]["pointer"], "");
        let page = get(&shop, "/api/v1/products?include_total=true")
            .await
            .ok(200);
        assert_eq!(page["total"], 3);
    })
    .await;
}

#[tokio::test]
async fn one_to_a_hundred_items_are_taken() {
    on_each_shop(async |shop| {
        for path in ["/api/v1/products/bulk", "/api/v1/events/bulk"] {
            for count in [0, 101] {
                let body = json!({ "items": vec![product("a"); count] });
                let problem = post_json(&shop, path, &body).await.problem(422);
                assert_eq!(problem["errors"][0]["pointer"], "/items", "{path} {count}");
            }
            for body in [json!({}), json!([]), json!({ "items": {} })] {
                let status = post_json(&shop, path, &body).await.status;
                assert!(status == 400 || status == 422, "{path} {body}: {status}");
            }
        }
        let items: Vec<_> = (0..100).map(|nth| product(&format!("S-{nth}"))).collect();
        let outcome = post_json(&shop, "/api/v1/products/bulk", &json!({ "items": items }))
            .await
            .ok(207);
        assert_eq!(outcome["created"].as_array().map(Vec::len), Some(100));
    })
    .await;
}

#[tokio::test]
async fn events_are_published_one_by_one_too() {
    on_each_shop(async |shop| {
        let body = json!({ "items": [
            { "kind": "a", "title": "first" },
            { "kind": "a" },
            { "kind": "a", "title": "third", "occurred_at": "yesterday" },
            { "kind": "a", "title": "fourth", "payload": "x".repeat(9000) },
            { "kind": "a", "title": "fifth", "severity": null, "payload": [] },
        ] });
        let outcome = post_json(&shop, "/api/v1/events/bulk", &body).await.ok(207);
        let titles: Vec<_> = outcome["created"]
            .as_array()
            .expect("created")
            .iter()
            .map(|event| &event["title"])
            .collect();
        assert_eq!(titles, ["first", "fifth"]);
        let failed: Vec<_> = outcome["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| &error["index"])
            .collect();
        assert_eq!(failed, [1, 2, 3]);
    })
    .await;
}

#[tokio::test]
async fn what_a_batch_does_not_know_is_refused_before_it_writes() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let id = &product["id"];
        let add = json!({ "items": [{ "sku": "A-1", "name": "Lamp", "price_cents": 1 }] });
        let change = json!({ "items": [{ "id": id, "data": { "name": "Chair" } }] });
        for (request, body) in [
            ("POST /api/v1/products/bulk", add),
            ("PATCH /api/v1/products/bulk", change),
        ] {
            for query in [
                "mode=all",
                "mode=",
                "mode=atomic&mode=atomic",
                "stop_after=0",
                "stop_after=-1",
                "stop_after=x",
                "mode=atomic&stop_after=1",
                "envelope=classic-ish",
                "x",
                "x=1",
            ] {
                let problem = bulk(&shop, &format!("{request}?{query}"), &[], &body)
                    .await
                    .problem(400);
                let text = problem.to_string();
                let named = query.split(['=', '&']).next().unwrap_or_default();
                assert!(text.contains(named), "{query}: {text}");
            }
        }
        let page = get(&shop, "/api/v1/products").await.ok(200);
        assert_eq!(page["items"], json!([product]));
    })
    .await;
}

#[tokio::test]
async fn an_atomic_batch_is_all_or_nothing() {
    on_each_shop(async |shop| {
        let bad = json!({ "items": [product("a"), product("b"), product("a"), 7] });
        for (query, prefer) in [("?mode=atomic", ""), ("", "handling=strict")] {
            let request = format!("POST /api/v1/products/bulk{query}");
            let headers = [("prefer", prefer)];
            let headers = if prefer.is_empty() { &[][..] } else { &headers };
            let reply = bulk(&shop, &request, headers, &bad).await;
            let outcome = reply.ok(207);
            assert_eq!(outcome["created"], json!([]));
            let errors = outcome["errors"].as_array().expect("errors");
            let indices: Vec<_> = errors.iter().map(|error| error["index"].clone()).collect();
            assert_eq!(indices, [0, 1, 2, 3]);
            for (nth, error) in errors.iter().enumerate() {
                let status = error["status"].as_u64().expect("a status");
                match nth {
                    3 => assert_eq!(status, 422),
                    2 => assert!([409, 424].contains(&status), "{error}"),
                    _ => assert_eq!(error["problem"]["code"], "failed_dependency"),
                }
            }
        }
        assert_eq!(count_products(&shop).await, 0);
        let good = json!({ "items": [product("a"), product("b")] });
        let reply = bulk(&shop, "POST /api/v1/products/bulk?mode=atomic", &[], &good).await;
        assert_eq!(reply.ok(207)["created"].as_array().map(Vec::len), Some(2));
        assert_eq!(count_products(&shop).await, 2);
    })
    .await;
}

#[tokio::test]
async fn after_so_many_failures_nothing_more_is_tried() {
    on_each_shop(async |shop| {
        let body = json!({ "items": [
            product("a"), product("a"), product("b"), { "sku": 1 }, product("c"), product("d"),
        ] });
        let request = "POST /api/v1/products/bulk?stop_after=2";
        let outcome = bulk(&shop, request, &[], &body).await.ok(207);
        let statuses: Vec<_> = outcome["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| (error["index"].as_u64(), error["status"].as_u64()))
            .collect();
        let expected = [(1, 409), (3, 422), (4, 424), (5, 424)];
        assert_eq!(
            statuses,
            expected.map(|(index, status)| (Some(index), Some(status)))
        );
        assert_eq!(outcome["created"].as_array().map(Vec::len), Some(2));
        assert_eq!(count_products(&shop).await, 2);
    })
    .await;
}

#[tokio::test]
async fn each_item_may_have_an_envelope_of_its_own() {
    on_each_database(async |database| {
        for base in ["", "https://shop.example/wares"] {
            let set = match base {
                "" => Vars::new(),
                _ => vars([("SHOP_PUBLIC_URL", base)]),
            };
            let shop = database.shop(&set).await.router();
            let new = |nth| product(&format!("{base}{nth}"));
            let body = json!({ "items": [new(1), 7, new(2)] });
            let request = "POST /api/v1/products/bulk?envelope=items";
            let reply = bulk(&shop, request, &[], &body).await.ok(207);
            let results = reply["results"].as_array().expect("results");
            assert!(
                reply.get("created").is_none() && results.len() == 3,
                "{reply}"
            );
            for (nth, result) in results.iter().enumerate() {
                assert_eq!(result["index"], nth);
                if nth == 1 {
                    assert_eq!(result["status"], 422);
                    assert_eq!(result["problem"]["code"], "invalid_body");
                    continue;
                }
                let item = &result["body"];
                let href = format!("/api/v1/products/{}", item["id"]);
                assert_eq!(result["status"], 201);
                assert_eq!(result["location"], format!("{base}{href}"));
                assert_eq!(item["links"][0]["href"], format!("{base}{href}"));
                let read = get(&shop, &href).await;
                assert_eq!(read.header("etag"), result["etag"].as_str().expect("a tag"));
                assert_eq!(&read.ok(200), item);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_prefers_less_is_told_what_failed_alone() {
    on_each_shop(async |shop| {
        let body = json!({ "items": [product("a"), product("a")] });
        let headers = [("prefer", "return=minimal")];
        let reply = bulk(&shop, "POST /api/v1/products/bulk", &headers, &body).await;
        let outcome = reply.ok(207);
        assert_eq!(outcome["errors"][0]["index"], 1);
        assert!(!reply.text.contains("Lamp"), "{}", reply.text);
        assert_eq!(reply.header("preference-applied"), "return=minimal");
        assert_eq!(count_products(&shop).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_item_that_nests_without_end_fails_alone() {
    on_each_shop(async |shop| {
        let bomb = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
        let items = format!("{},{bomb},{}", product("a"), product("b"));
        let body = format!("{{\"items\":[{items}]}}");
        let outcome = post(&shop, "/api/v1/products/bulk", body).await.ok(207);
        assert_eq!(outcome["created"].as_array().map(Vec::len), Some(2));
        assert_eq!(outcome["errors"][0]["index"], 1);
        assert_eq!(outcome["errors"][0]["status"], 400);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_too_large_or_no_list_is_refused_as_a_whole() {
    on_each_shop(async |shop| {
        let large = json!({ "items": ["x".repeat(50 << 20)] }).to_string();
        for path in ["/api/v1/products/bulk", "/api/v1/events/bulk"] {
            for (body, statuses) in [
                (&*large, [413, 413]),
                ("{\"items\":[{}],\"items\":[{}]}", [400, 422]),
                ("{\"items\":[1,]}", [400, 400]),
                ("{\"items\":[1]", [400, 400]),
                ("{\"items\":{}}", [400, 422]),
                ("[{}]", [400, 422]),
            ] {
                let reply = post(&shop, path, body.to_owned()).await;
                let status = reply.status.as_u16();
                assert!(statuses.contains(&status), "{path}: {}", reply.text);
                reply.problem(status);
            }
        }
        assert_eq!(count_products(&shop).await, 0);
    })
    .await;
}
