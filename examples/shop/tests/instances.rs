//! More than one life of a shop: restarts, neighbours, and the first start of all.

use serde_json::{Value, json};

use crate::support::{Database, Vars, get, items, on_each_database, post_json, vars};

async fn one_more(shop: &axum::Router, sku: &str) {
    let body = json!({ "sku": sku, "name": "Lamp", "price_cents": 1 });
    post_json(shop, "/api/v1/products", &body).await.ok(201);
}

async fn cursor(shop: &axum::Router) -> String {
    let page = get(shop, "/api/v1/products?limit=1").await.ok(200);
    format!(
        "/api/v1/products?limit=1&cursor={}",
        page["next_cursor"].as_str().expect("a cursor")
    )
}

#[tokio::test]
async fn cursors_outlive_a_restart_and_hold_at_a_neighbour() {
    on_each_database(async |database| {
        let plain = Vars::new();
        let (one, other) = tokio::join!(database.shop(&plain), database.shop(&plain));
        let (one, other) = (one.router(), other.router());
        one_more(&one, "a").await;
        one_more(&other, "b").await;
        let next = cursor(&one).await;
        let page = get(&one, &next).await.ok(200);
        assert_eq!(items(&page)[0]["sku"], "a");
        assert_eq!(get(&other, &next).await.ok(200), page);
        drop((one, other));
        let restarted = database.shop(&Vars::new()).await.router();
        assert_eq!(get(&restarted, &next).await.ok(200), page);
    })
    .await;
}

#[tokio::test]
async fn keys_of_the_environment_rotate() {
    on_each_database(async |database| {
        const OLD: &str = "the-old-key-of-16-bytes-or-more";
        const NEW: &str = "the-new-key-of-16-bytes-or-more";
        let with = async |keys: String| {
            database
                .shop(&vars([("SHOP_CURSOR_KEYS", &keys)]))
                .await
                .router()
        };
        let old = with(OLD.to_owned()).await;
        one_more(&old, "a").await;
        one_more(&old, "b").await;
        let next = cursor(&old).await;
        let both = with(format!("{NEW},{OLD}")).await;
        get(&both, &next).await.ok(200);
        let renewed = cursor(&both).await;
        let new = with(NEW.to_owned()).await;
        get(&new, &renewed).await.ok(200);
        get(&new, &next).await.problem(400);
    })
    .await;
}

async fn snapshot(shop: &axum::Router) -> Vec<Value> {
    let mut pages = Vec::new();
    for path in [
        "/api/v1/products?sort=id&limit=100&include_total=true",
        "/api/v1/products?sort=-rating,name&limit=100",
        "/api/v1/products?rating[is_null]=true&include_total=true",
        "/api/v1/events?limit=100&include_total=true",
        "/api/v1/events?severity[is_null]=true&include_total=true&sort=kind",
        "/api/v1/categories?page_size=100",
        "/api/v1/products/1/reviews?page_size=100",
        "/api/v1/products/1/images/1",
        "/api/v1/products/10000/images",
    ] {
        let mut page = get(shop, path).await.ok(200);
        // Each database has a key of its own, so that cursors differ.
        page["next_cursor"] = Value::Null;
        page["links"] = Value::Null;
        pages.push(page);
    }
    pages
}

#[tokio::test]
async fn a_new_shop_is_filled_once_and_always_alike() {
    let seeded = vars([("SHOP_SEED", "1")]);
    let expected = snapshot(&Database::sqlite().shop(&seeded).await.router()).await;
    assert_eq!(
        (&expected[0]["total"], &expected[3]["total"]),
        (&json!(10_000), &json!(50_000))
    );
    assert!(
        expected[2]["total"].as_u64() > Some(1000) && expected[4]["total"].as_u64() > Some(10_000)
    );
    on_each_database(async |database| {
        // Two at once: one fills, the other waits and finds it done.
        let (one, other) = tokio::join!(database.shop(&seeded), database.shop(&seeded));
        assert_eq!(snapshot(&one.router()).await, expected);
        assert_eq!(snapshot(&other.router()).await, expected);
        one_more(&one.router(), "after the seed").await;
        let again = database.shop(&seeded).await.router();
        let page = get(&again, "/api/v1/products?include_total=true&limit=1")
            .await
            .ok(200);
        assert_eq!(page["total"], 10_001);
        assert_eq!(items(&page)[0]["id"], 10_001);
    })
    .await;
}

#[tokio::test]
async fn a_shop_with_rows_of_its_own_is_never_filled() {
    on_each_database(async |database| {
        one_more(&database.shop(&Vars::new()).await.router(), "a").await;
        let seeded = database.shop(&vars([("SHOP_SEED", "1")])).await.router();
        let page = get(&seeded, "/api/v1/products?include_total=true")
            .await
            .ok(200);
        assert_eq!(page["total"], 1);
    })
    .await;
}
