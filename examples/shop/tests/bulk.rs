//! Many items in one request.

use serde_json::{Value, json};

use crate::support::{get, on_each_shop, post_json};

fn product(sku: &str) -> Value {
    json!({ "sku": sku, "name": "Lamp", "price_cents": 100 })
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
async fn batches_with_the_same_skus_do_not_lock_each_other_out() {
    on_each_shop(async |shop| {
        let item =
            |nth: usize| json!({ "sku": format!("S-{nth}"), "name": "Lamp", "price_cents": 1 });
        let forward: Vec<_> = (0..60).map(item).collect();
        let backward: Vec<_> = (0..60).rev().map(item).collect();
        let (forward, backward) = (json!({ "items": forward }), json!({ "items": backward }));
        let batches = (0..8).map(|nth| if nth % 2 == 0 { &forward } else { &backward });
        let batches = batches.cloned().map(|batch| {
            let shop = shop.clone();
            tokio::spawn(async move {
                post_json(&shop, "/api/v1/products/bulk", &batch)
                    .await
                    .ok(207)
            })
        });
        let mut created = 0;
        for batch in batches.collect::<Vec<_>>() {
            let answer = batch.await.expect("a task");
            created += answer["created"].as_array().expect("an array").len();
        }
        assert_eq!(created, 60);
    })
    .await;
}

#[tokio::test]
async fn what_a_batch_does_not_know_is_refused_before_it_writes() {
    on_each_shop(async |shop| {
        let body = json!({ "items": [{ "sku": "A-1", "name": "Lamp", "price_cents": 1 }] });
        for query in ["mode=atomic", "stop_after=1", "x"] {
            let uri = format!("/api/v1/products/bulk?{query}");
            let problem = post_json(&shop, &uri, &body).await.problem(400);
            assert_eq!(problem["code"], "invalid_query");
        }
        let page = get(&shop, "/api/v1/products").await.ok(200);
        assert_eq!(page["items"], json!([]));
    })
    .await;
}
