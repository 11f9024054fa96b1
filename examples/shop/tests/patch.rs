//! Partial changes of a product.

use axum::Router;
use serde_json::{Value, json};

use crate::support::{Reply, add_product, ask, get, on_each_shop};

const MERGE: &str = "application/merge-patch+json";
const PATCH: &str = "application/json-patch+json";

async fn patch(shop: &Router, id: &Value, kind: &str, body: &Value) -> Reply {
    let request = format!("PATCH /api/v1/products/{id}");
    ask(shop, &request, &[("content-type", kind)], body.to_string()).await
}

#[tokio::test]
async fn absent_null_and_a_value_are_three_things() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let id = &product["id"];
        let body = json!({ "description": "It bends.", "rating": 9.5 });
        let changed = patch(&shop, id, MERGE, &body).await.ok(200);
        assert_eq!(changed["description"], "It bends.");
        assert_eq!(changed["rating"], 9.5);
        assert_eq!(changed["name"], product["name"]);
        assert_eq!(changed["created_at"], product["created_at"]);
        assert_ne!(changed["updated_at"], product["updated_at"]);
        let reply = patch(&shop, id, MERGE, &json!({ "rating": null })).await;
        let cleared = reply.ok(200);
        assert_eq!(cleared["rating"], Value::Null);
        assert_eq!(cleared["description"], "It bends.");
        assert_eq!(cleared["links"], product["links"]);
        assert_ne!(reply.header("etag"), tag);
    })
    .await;
}

#[tokio::test]
async fn every_member_that_may_change_does() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let body = json!({
            "sku": "b", "name": "Chair", "description": "d", "price_cents": 0, "category_id": 1,
            "rating": -0.0, "active": false,
        });
        let changed = patch(&shop, &product["id"], MERGE, &body).await;
        for (name, value) in body.as_object().expect("an object") {
            assert_eq!(&changed.ok(200)[name], value, "{name}");
        }
        assert!(changed.text.contains("\"rating\":0.0"), "{}", changed.text);
    })
    .await;
}

#[tokio::test]
async fn json_is_read_as_a_merge_patch_and_json_patch_by_its_type() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let id = &product["id"];
        let plain = patch(&shop, id, "application/json", &json!({ "name": "Chair" })).await;
        assert_eq!(plain.ok(200)["name"], "Chair");
        let operations = json!([
            { "op": "test", "path": "/name", "value": "Chair" },
            { "op": "test", "path": "/id", "value": id },
            { "op": "replace", "path": "/name", "value": "Table" },
            { "op": "add", "path": "/rating", "value": 1.5 },
            { "op": "copy", "from": "/name", "path": "/description" },
            { "op": "remove", "path": "/rating" },
        ]);
        let changed = patch(&shop, id, PATCH, &operations).await.ok(200);
        assert_eq!(changed["name"], "Table");
        assert_eq!(changed["description"], "Table");
        assert_eq!(changed["rating"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn other_types_are_refused_with_those_that_are_taken() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let path = format!("/api/v1/products/{}", product["id"]);
        let taken = get(&shop, &path).await.header("accept-patch").to_owned();
        for kind in [MERGE, PATCH, "application/json"] {
            assert!(taken.contains(kind), "{taken}");
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let refused = patch(&shop, &product["id"], kind, &json!({ "name": "x" })).await;
            assert_eq!(refused.problem(415)["code"], "unsupported_media_type");
            assert_eq!(refused.header("accept-patch"), taken);
        }
    })
    .await;
}

#[tokio::test]
async fn what_changes_nothing_leaves_version_and_time_alone() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let same = json!({ "name": "Lamp", "rating": null });
        let reply = patch(&shop, &product["id"], MERGE, &same).await;
        assert_eq!(reply.ok(200), product);
        assert_eq!(reply.header("etag"), tag);
        let test = json!([{ "op": "test", "path": "/name", "value": "Lamp" }]);
        let reply = patch(&shop, &product["id"], PATCH, &test).await;
        assert_eq!(reply.ok(200), product);
    })
    .await;
}

#[tokio::test]
async fn every_mistake_is_told_at_its_place_and_nothing_is_changed() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let id = &product["id"];
        let body = json!({
            "name": null, "colour": "red", "id": 7, "created_at": "2026-01-01T00:00:00Z",
            "price_cents": "free", "version": 9, "links": [],
        });
        let problem = patch(&shop, id, MERGE, &body).await.problem(422);
        assert_eq!(problem["code"], "invalid_body");
        let mut pointers: Vec<_> = problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| error["pointer"].as_str().expect("a pointer"))
            .collect();
        pointers.sort_unstable();
        assert_eq!(
            pointers,
            [
                "/colour",
                "/created_at",
                "/id",
                "/links",
                "/name",
                "/price_cents",
                "/version"
            ]
        );
        // What each value has to be, where it is of the right type.
        let body = json!({ "name": " ", "price_cents": -1, "rating": 11, "sku": "x".repeat(65) });
        let problem = patch(&shop, id, MERGE, &body).await.problem(422);
        assert_eq!(
            problem["errors"].as_array().map(Vec::len),
            Some(4),
            "{problem}"
        );
        for (kind, body, status, code) in [
            (MERGE, json!({}), 400, "empty_patch"),
            (PATCH, json!([]), 400, "empty_patch"),
            (MERGE, json!([1]), 422, "invalid_body"),
            (MERGE, json!(null), 422, "invalid_body"),
            (MERGE, json!({ "category_id": 99 }), 422, "unknown_category"),
        ] {
            let problem = patch(&shop, id, kind, &body).await.problem(status);
            assert_eq!(problem["code"], code, "{body}");
        }
        let read = get(&shop, &format!("/api/v1/products/{id}")).await;
        assert_eq!(read.ok(200), product);
    })
    .await;
}

#[tokio::test]
async fn operations_on_what_is_not_there_change_nothing() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let id = &product["id"];
        let rename = json!({ "op": "replace", "path": "/name", "value": "x" });
        for (operation, statuses) in [
            (
                json!({ "op": "test", "path": "/name", "value": "Chair" }),
                [409, 409],
            ),
            (
                json!({ "op": "test", "path": "/nothing", "value": 1 }),
                [409, 422],
            ),
            (
                json!({ "op": "move", "from": "/nothing", "path": "/name" }),
                [409, 422],
            ),
            (json!({ "op": "remove", "path": "/nothing" }), [409, 422]),
            (json!({ "op": "remove", "path": "/name" }), [422, 422]),
            (json!({ "op": "remove", "path": "" }), [409, 422]),
            (
                json!({ "op": "replace", "path": "/id", "value": 9 }),
                [422, 422],
            ),
            (
                json!({ "op": "add", "path": "/colour", "value": "red" }),
                [422, 422],
            ),
            (
                json!({ "op": "add", "path": "/name/-", "value": 1 }),
                [409, 422],
            ),
            (
                json!({ "op": "copy", "from": "/name~2", "path": "/description" }),
                [400, 422],
            ),
            (json!({ "op": "dance", "path": "/name" }), [400, 422]),
            (json!({ "path": "/name" }), [400, 422]),
        ] {
            let body = json!([rename, operation]);
            let reply = patch(&shop, id, PATCH, &body).await;
            let status = reply.status.as_u16();
            assert!(statuses.contains(&status), "{operation}: {}", reply.text);
            reply.problem(status);
        }
        let read = get(&shop, &format!("/api/v1/products/{id}")).await;
        assert_eq!((read.ok(200), read.header("etag")), (product, &*tag));
    })
    .await;
}

#[tokio::test]
async fn patches_that_grow_or_nest_without_end_are_refused() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let id = &product["id"];
        let request = format!("PATCH /api/v1/products/{id}");
        let deep = format!(
            "{}1{}",
            r#"{"description":"#.repeat(10_000),
            "}".repeat(10_000)
        );
        let many = json!(vec![
            json!({ "op": "test", "path": "/id", "value": id });
            10_000
        ]);
        let doubling = json!([
            { "op": "add", "path": "/description", "value": ["x".repeat(1000)] },
            { "op": "copy", "from": "/description", "path": "/description/-" },
        ]);
        let operations = doubling.as_array().expect("two");
        let copies = vec![operations[1].clone(); 60];
        let bomb = json!([&operations[..1], &copies].concat());
        for (kind, body) in [
            (MERGE, deep),
            (PATCH, many.to_string()),
            (PATCH, bomb.to_string()),
            (
                MERGE,
                json!({ "name": "x", "description": "x".repeat(3 << 20) }).to_string(),
            ),
            (MERGE, r#"{"name":"x","name":"y"}"#.to_owned()),
            (MERGE, r#"{"name":"#.to_owned()),
        ] {
            let reply = ask(&shop, &request, &[("content-type", kind)], body).await;
            assert!(reply.status.is_client_error(), "{}", reply.text);
            reply.problem(reply.status.as_u16());
        }
        let read = get(&shop, &format!("/api/v1/products/{id}")).await;
        assert_eq!(read.ok(200), product);
    })
    .await;
}

#[tokio::test]
async fn the_sku_of_another_product_is_taken() {
    on_each_shop(async |shop| {
        add_product(&shop, "a").await;
        let (second, _) = add_product(&shop, "b").await;
        let refused = patch(&shop, &second["id"], MERGE, &json!({ "sku": "a" })).await;
        assert_eq!(refused.problem(409)["code"], "sku_taken");
        let own = patch(
            &shop,
            &second["id"],
            MERGE,
            &json!({ "sku": "b", "name": "x" }),
        )
        .await;
        assert_eq!(own.ok(200)["name"], "x");
    })
    .await;
}
