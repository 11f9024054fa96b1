//! Batches that meet each other, and the order in which a batch is run.

use axum::Router;
use serde_json::{Value, json};

use crate::bulk::bulk;
use crate::support::{Reply, add_product, ask, count_products, get, on_each_shop};

const ADD: &str = "POST /api/v1/products/bulk";
const CHANGE: &str = "PATCH /api/v1/products/bulk";
const DELETE: &str = "POST /api/v1/products/bulk-delete";

/// The same things in the order of the `nth` client.
fn shuffled<T: Clone>(things: &[T], nth: usize) -> Vec<T> {
    const STRIDES: [usize; 4] = [1, 7, 11, 29];
    let stride = STRIDES[nth % STRIDES.len()];
    let places = (0..things.len()).map(|place| (place * stride + nth) % things.len());
    places.map(|place| things[place].clone()).collect()
}

#[test]
fn a_shuffle_keeps_everything() {
    let things: Vec<_> = (0..30).collect();
    for nth in 0..30 {
        let mut found = shuffled(&things, nth);
        assert!(nth % 4 == 0 || found != things);
        found.sort_unstable();
        assert_eq!(found, things);
    }
}

/// Sends requests with JSON bodies at once.
async fn at_once(shop: &Router, requests: impl IntoIterator<Item = (String, Value)>) -> Vec<Reply> {
    let sent = requests.into_iter().map(|(request, body)| {
        let shop = shop.clone();
        tokio::spawn(async move { bulk(&shop, &request, &[], &body).await })
    });
    let mut replies = Vec::new();
    for reply in sent.collect::<Vec<_>>() {
        replies.push(reply.await.expect("a task"));
    }
    replies
}

/// New products, whose SKUs are `{prefix}-0` and so on.
async fn add_products(shop: &Router, prefix: &str, count: usize) -> Vec<Value> {
    let item =
        |nth| json!({ "sku": format!("{prefix}-{nth}"), "name": "Lamp", "price_cents": nth });
    let items: Vec<_> = (0..count).map(item).collect();
    let added = bulk(shop, ADD, &[], &json!({ "items": items })).await;
    let added = added.ok(207)["created"].as_array().cloned();
    added
        .expect("created")
        .iter()
        .map(|product| product["id"].clone())
        .collect()
}

fn renamed(ids: &[Value], name: &str) -> Value {
    let change = |id| json!({ "id": id, "data": { "name": name } });
    json!({ "items": ids.iter().map(change).collect::<Vec<_>>() })
}

/// The statuses of the items that failed.
fn failures(outcome: &Value) -> Vec<u64> {
    let errors = outcome["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| error["status"].as_u64().expect("a status"))
        .collect()
}

#[tokio::test]
async fn changes_of_the_same_products_in_other_orders_queue() {
    on_each_shop(async |shop| {
        let ids = add_products(&shop, "S", 30).await;
        for query in ["", "?stop_after=1", "?mode=atomic"] {
            let requests = (0..16).map(|nth| {
                let name = format!("{query}{nth}");
                let body = renamed(&shuffled(&ids, nth), &name);
                (format!("{CHANGE}{query}"), body)
            });
            for reply in at_once(&shop, requests).await {
                let outcome = reply.ok(207);
                assert_eq!(outcome["errors"], json!([]));
                assert_eq!(outcome["updated"].as_array().map(Vec::len), Some(30));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn changes_and_deletions_of_the_same_products_queue() {
    on_each_shop(async |shop| {
        for round in 0..4 {
            let before = count_products(&shop).await;
            let ids = add_products(&shop, &format!("S-{round}"), 100).await;
            // So that where they lie says nothing of their ids.
            for part in shuffled(&ids, 3).chunks(9).rev() {
                bulk(&shop, CHANGE, &[], &renamed(part, "moved"))
                    .await
                    .ok(207);
            }
            let requests = (0..24).map(|nth| {
                let mut ids = shuffled(&ids, nth);
                ids.truncate(80);
                match nth % 3 {
                    0 => (DELETE.to_owned(), json!({ "ids": ids })),
                    _ => (CHANGE.to_owned(), renamed(&ids, &nth.to_string())),
                }
            });
            let mut deleted = 0;
            for reply in at_once(&shop, requests).await {
                let outcome = reply.ok(207);
                deleted += outcome["deleted_count"].as_u64().unwrap_or_default();
                assert!(failures(&outcome).iter().all(|status| *status == 404));
            }
            assert_eq!(before + 100 - deleted, count_products(&shop).await);
        }
    })
    .await;
}

#[tokio::test]
async fn batches_with_the_same_skus_do_not_lock_each_other_out() {
    on_each_shop(async |shop| {
        for (round, query) in ["?stop_after=100", "", "?stop_after=100", "?stop_after=100"].into_iter().enumerate() {
            let item = |nth| json!({ "sku": format!("S-{round}-{nth}"), "name": "Lamp", "price_cents": 1 });
            let items: Vec<_> = (0..100).map(item).collect();
            let requests = (0..16).map(|nth| {
                let items = shuffled(&items, nth);
                (format!("{ADD}{query}"), json!({ "items": items }))
            });
            let mut created = 0;
            for reply in at_once(&shop, requests).await {
                let outcome = reply.ok(207);
                assert!(failures(&outcome).iter().all(|status| *status == 409));
                created += outcome["created"].as_array().map_or(0, Vec::len);
            }
            assert_eq!(created, 100);
        }
    })
    .await;
}

#[tokio::test]
async fn lines_with_the_same_skus_do_not_lock_each_other_out() {
    on_each_shop(async |shop| {
        let line = |nth| json!({ "sku": format!("S-{nth}"), "name": "Lamp", "price_cents": 1 });
        let lines: Vec<_> = (0..600).map(|nth| line(nth).to_string() + "\n").collect();
        let imports = (0..8).map(|nth| {
            let (shop, body) = (shop.clone(), shuffled(&lines, nth).concat());
            let headers = [("content-type", "application/x-ndjson")];
            tokio::spawn(async move { ask(&shop, ADD, &headers, body).await })
        });
        let mut created = 0;
        for import in imports.collect::<Vec<_>>() {
            let reply = import.await.expect("a task");
            for line in reply.text.lines().take(lines.len()) {
                let line: Value = serde_json::from_str(line).expect("JSON");
                let is_created = line["status"] == 201;
                assert!(is_created || line["status"] == 409, "{line}");
                created += usize::from(is_created);
            }
        }
        assert_eq!(created, lines.len());
    })
    .await;
}

/// Batches that write rows whose SKUs others want, and want those of others.
#[tokio::test]
async fn batches_that_want_each_others_skus_are_told_that_they_are_taken() {
    on_each_shop(async |shop| {
        let [ours, theirs] = ["ours", "theirs"];
        let sides = [
            (add_products(&shop, ours, 20).await, theirs),
            (add_products(&shop, theirs, 20).await, ours),
        ];
        let requests = (0..16).map(|round| {
            let (ids, wanted) = &sides[round % 2];
            let items = ids.iter().enumerate().map(|(nth, id)| {
                let data = match nth < 15 {
                    true => json!({ "price_cents": 1000 * round + nth }),
                    false => json!({ "sku": format!("{wanted}-{}", nth - 15) }),
                };
                json!({ "id": id, "data": data })
            });
            let query = ["", "?stop_after=20"][round / 2 % 2];
            let items: Vec<_> = items.collect();
            (format!("{CHANGE}{query}"), json!({ "items": items }))
        });
        for reply in at_once(&shop, requests).await {
            let outcome = reply.ok(207);
            assert_eq!(failures(&outcome), [409; 5]);
        }
    })
    .await;
}

#[tokio::test]
async fn products_that_want_each_others_skus_are_told_that_they_are_taken() {
    on_each_shop(async |shop| {
        let (a, _) = add_product(&shop, "a").await;
        let (b, _) = add_product(&shop, "b").await;
        let requests = (0..60).map(|nth| {
            let (id, sku) = [(&a["id"], "b"), (&b["id"], "a")][nth % 2];
            let request = format!("PATCH /api/v1/products/{id}");
            (request, json!({ "sku": sku, "name": nth.to_string() }))
        });
        for reply in at_once(&shop, requests).await {
            assert_eq!(reply.problem(409)["code"], "sku_taken");
        }
    })
    .await;
}

#[tokio::test]
async fn a_batch_is_run_in_the_order_of_the_request() {
    on_each_shop(async |shop| {
        for (round, query) in ["", "?stop_after=2", "?mode=atomic"]
            .into_iter()
            .enumerate()
        {
            let sku = |name: &str| format!("{name}-{round}");
            let item = |name| json!({ "sku": sku(name), "name": "Lamp", "price_cents": 1 });
            let items = ["zz", "mm", "aa"].map(item);
            let body = json!({ "items": items });
            let outcome = bulk(&shop, &format!("{ADD}{query}"), &[], &body).await;
            let created = outcome.ok(207)["created"].clone();
            let ids = [0, 1, 2].map(|nth| created[nth]["id"].as_i64().expect("an id"));
            assert!(ids.is_sorted(), "{ids:?}");
            // The last has a SKU that the first wants: whoever is first in the request gives it up.
            let [first, _, last] = ids;
            let body = json!({ "items": [
                { "id": last, "data": { "sku": sku("free") } },
                { "id": first, "data": { "sku": sku("aa") } },
            ] });
            let outcome = bulk(&shop, &format!("{CHANGE}{query}"), &[], &body).await;
            let outcome = outcome.ok(207);
            assert_eq!(outcome["errors"], json!([]));
            assert_eq!(outcome["updated"][0]["id"], last);
            let read = get(&shop, &format!("/api/v1/products/{first}")).await;
            assert_eq!(read.ok(200)["sku"], sku("aa"));
            // The other way around it is taken as long as it is not given up.
            let body = json!({ "items": [
                { "id": last, "data": { "sku": sku("aa") } },
                { "id": first, "data": { "sku": sku("zz") } },
            ] });
            let outcome = bulk(&shop, &format!("{CHANGE}{query}"), &[], &body).await;
            let failed = failures(&outcome.ok(207));
            assert_eq!(failed[0], 409, "{}", outcome.text);
        }
    })
    .await;
}
