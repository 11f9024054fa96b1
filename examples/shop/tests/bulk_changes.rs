//! Many products changed or deleted in one request.

use serde_json::json;

use crate::bulk::bulk;
use crate::support::{add_product, count_products, get, on_each_shop};

#[tokio::test]
async fn products_are_changed_one_by_one() {
    on_each_shop(async |shop| {
        let (a, _) = add_product(&shop, "a").await;
        let (b, _) = add_product(&shop, "b").await;
        let (c, _) = add_product(&shop, "c").await;
        let (d, _) = add_product(&shop, "d").await;
        let (e, _) = add_product(&shop, "e").await;
        let (f, _) = add_product(&shop, "f").await;
        let body = json!({ "items": [
            { "id": a["id"], "data": { "name": "Chair", "rating": 3 } },
            { "id": 999, "data": { "name": "Chair" } },
            { "id": b["id"], "data": { "name": null, "id": 3 } },
            { "id": b["id"], "data": {} },
            { "id": c["id"], "data": { "sku": "a" } },
            { "id": d["id"], "data": { "category_id": 77 } },
            { "id": "x", "data": { "name": "Chair" } },
            { "data": { "name": "Chair" } },
            { "id": e["id"], "data": { "price_cents": -1 } },
            { "id": b["id"], "data": { "description": "last" } },
            { "id": b["id"], "data": { "description": "once more" } },
            { "id": f["id"], "data": { "name": { "first": "Chair" } } },
        ] });
        let request = "PATCH /api/v1/products/bulk";
        let outcome = bulk(&shop, request, &[], &body).await.ok(207);
        let updated = outcome["updated"].as_array().expect("updated");
        assert_eq!(updated.len(), 2, "{outcome}");
        assert_eq!(
            (&updated[0]["name"], &updated[0]["rating"]),
            (&json!("Chair"), &json!(3.0))
        );
        assert_eq!(updated[1]["description"], "last");
        let failed: Vec<_> = outcome["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| (error["index"].as_u64(), error["status"].as_u64()))
            .collect();
        let statuses = [
            (1, 404),
            (2, 422),
            (3, 422),
            (4, 409),
            (5, 422),
            (6, 422),
            (7, 422),
            (8, 422),
            (10, 409),
            (11, 422),
        ];
        assert_eq!(
            failed,
            statuses.map(|(index, status)| (Some(index), Some(status)))
        );
        let pointers = outcome["errors"][1]["problem"]["errors"].to_string();
        assert!(
            pointers.contains("/data/name") && pointers.contains("/data/id"),
            "{pointers}"
        );
        let price = outcome["errors"][7]["problem"]["errors"].to_string();
        assert!(price.contains("/data/price_cents"), "{price}");
        let again = &outcome["errors"][8]["problem"];
        assert_eq!(
            (&again["code"], &again["duplicate_of"]),
            (&json!("duplicate_item"), &json!(9))
        );
        let object = &outcome["errors"][9]["problem"];
        assert_eq!(object["errors"][0]["pointer"], "/data/name", "{object}");
        assert!(
            object["detail"].to_string().contains("`/data/name`"),
            "{object}"
        );
        let read = get(&shop, &format!("/api/v1/products/{}", b["id"])).await;
        assert_eq!(&read.ok(200), &updated[1]);
        assert_eq!(read.header("etag"), "\"2\"");
        let path = format!("{request}?mode=atomic");
        let outcome = bulk(&shop, &path, &[], &body).await.ok(207);
        assert_eq!(outcome["updated"], json!([]));
        let read = get(&shop, &format!("/api/v1/products/{}", b["id"])).await;
        assert_eq!(read.header("etag"), "\"2\"");
    })
    .await;
}

#[tokio::test]
async fn many_products_are_deleted_at_once_and_unknown_ids_named() {
    on_each_shop(async |shop| {
        let mut ids = Vec::new();
        for sku in ["a", "b", "c"] {
            ids.push(add_product(&shop, sku).await.0["id"].clone());
        }
        let request = "POST /api/v1/products/bulk-delete";
        for body in [
            json!({ "ids": [] }),
            json!({ "ids": vec![1; 101] }),
            json!({ "ids": "all" }),
            json!({ "items": [ids[0]] }),
            json!([ids[0]]),
            json!({}),
        ] {
            let reply = bulk(&shop, request, &[], &body).await;
            let status = reply.status.as_u16();
            assert!([400, 422].contains(&status), "{body}: {}", reply.text);
            reply.problem(status);
        }
        assert_eq!(count_products(&shop).await, 3);
        let body = json!({ "ids": [ids[1], 999, "x", ids[0], ids[1], 998, null] });
        let atomic = format!("{request}?mode=atomic");
        let outcome = bulk(&shop, &atomic, &[], &body).await.ok(207);
        assert_eq!(outcome["deleted_count"], 0, "{outcome}");
        assert_eq!(count_products(&shop).await, 3);
        let outcome = bulk(&shop, request, &[], &body).await.ok(207);
        assert_eq!(outcome["deleted_count"], 2, "{outcome}");
        assert_eq!(outcome["not_found_ids"], json!([999, 998]));
        let failed = outcome["errors"].as_array().expect("errors");
        let failed: Vec<_> = failed.iter().map(|error| error["index"].as_u64()).collect();
        assert_eq!(failed, [Some(2), Some(6)]);
        assert_eq!(count_products(&shop).await, 1);
        get(&shop, &format!("/api/v1/products/{}", ids[0]))
            .await
            .problem(404);
    })
    .await;
}

#[tokio::test]
async fn a_batch_takes_no_precondition() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let change = json!({ "items": [{ "id": product["id"], "data": { "name": "Chair" } }] });
        let delete = json!({ "ids": [product["id"]] });
        for (request, body) in [
            ("PATCH /api/v1/products/bulk", change),
            ("POST /api/v1/products/bulk-delete", delete),
        ] {
            for header in [("if-match", tag.as_str()), ("if-none-match", "\"7\"")] {
                let refused = bulk(&shop, request, &[header], &body).await.problem(400);
                assert_eq!(refused["code"], "precondition_not_taken");
            }
        }
        let read = get(&shop, &format!("/api/v1/products/{}", product["id"])).await;
        assert_eq!(read.ok(200), product);
    })
    .await;
}
