//! More than one life of a shop: restarts, neighbours, and the first start of all.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{
    Database, Reply, Vars, ask, get, items, on_each_database, post_json, unique, variable, vars,
};

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

async fn publish(shop: &axum::Router, key: &str) -> Reply {
    let event = json!({ "kind": "storm", "title": key }).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    ask(shop, "POST /api/v1/events", &headers, event).await
}

async fn published(shop: &axum::Router) -> Value {
    let page = get(shop, "/api/v1/events?include_total=true").await;
    page.ok(200)["total"].clone()
}

#[tokio::test]
async fn an_answer_is_repeated_after_a_restart() {
    on_each_database(async |database| {
        let first = publish(&database.shop(&Vars::new()).await.router(), "k").await;
        let restarted = database.shop(&Vars::new()).await.router();
        let again = publish(&restarted, "k").await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.ok(201), first.ok(201));
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(published(&restarted).await, 1);
    })
    .await;
}

/// Sends copies of one request to both shops at once; some clients leave before their answer.
async fn storm(shops: &[axum::Router; 2], key: &str) -> Vec<Value> {
    let copies = (0..60_u64).map(|nth| {
        let (shop, key) = (shops[nth as usize % 2].clone(), key.to_owned());
        tokio::spawn(async move {
            let patience = match nth % 3 {
                0 => Duration::from_micros(97 * nth),
                _ => Duration::from_secs(60),
            };
            let mut answer = tokio::time::timeout(patience, publish(&shop, &key))
                .await
                .ok()?;
            while answer.status == 409 {
                tokio::time::sleep(Duration::from_millis(20)).await;
                answer = publish(&shop, &key).await;
            }
            Some(answer.ok(201))
        })
    });
    let mut answers = Vec::new();
    for copy in copies.collect::<Vec<_>>() {
        answers.extend(copy.await.expect("a task"));
    }
    answers
}

#[tokio::test]
async fn a_storm_of_copies_at_two_instances_has_one_effect() {
    on_each_database(async |database| {
        let redis = variable("TEST_REDIS_URL");
        for (nth, redis) in [None, redis].into_iter().enumerate() {
            let set = redis.map_or_else(Vars::new, |url| vars([("REDIS_URL", &*url)]));
            let (one, other) = tokio::join!(database.shop(&set), database.shop(&set));
            let shops = [one.router(), other.router()];
            let key = unique();
            let answers = storm(&shops, &key).await;
            assert!(answers.len() >= 40, "{}", answers.len());
            assert!(answers.iter().all(|answer| *answer == answers[0]));
            assert_eq!(published(&shops[0]).await, nth + 1);
            let late = publish(&shops[1], &key).await;
            assert_eq!(late.header("idempotency-replayed"), "true");
            assert_eq!(late.ok(201), answers[0]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_redis_is_asked_for_a_sign_of_life() {
    let Some(url) = variable("TEST_REDIS_URL") else {
        return;
    };
    let database = Database::sqlite();
    let shop = database.shop(&vars([("REDIS_URL", &*url)])).await.router();
    let health = get(&shop, "/health/ready").await.ok(200);
    assert_eq!(health["checks"], json!({ "database": "ok", "redis": "ok" }));
}

/// Passes connections on to `to`, until it is dropped.
async fn relay(to: String) -> (String, tokio::task::JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address").to_string();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        // These end with this task.
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(&to).await.expect("a Redis");
            connections.spawn(async move {
                drop(tokio::io::copy_bidirectional(&mut client, &mut server).await);
            });
        }
    });
    (addr, tasks)
}

#[tokio::test]
async fn without_its_redis_a_shop_is_not_ready_and_still_does_everything_once() {
    let Some(url) = variable("TEST_REDIS_URL") else {
        return;
    };
    let to = url.trim_start_matches("redis://");
    let to = to.split('/').next().unwrap_or_default();
    let to = to.rsplit('@').next().unwrap_or_default();
    on_each_database(async |database| {
        let (addr, relay) = relay(to.to_owned()).await;
        let through = url.replacen(to, &addr, 1);
        let shop = database.shop(&vars([("REDIS_URL", &*through)])).await;
        let shop = shop.router();
        let (before, after) = (unique(), unique());
        let first = publish(&shop, &before).await.ok(201);
        drop(relay);
        let health = get(&shop, "/health/ready").await.ok(503);
        assert_eq!(
            health["checks"],
            json!({ "database": "ok", "redis": "unavailable" })
        );
        assert_eq!(publish(&shop, &before).await.ok(201), first);
        let second = publish(&shop, &after).await.ok(201);
        let again = publish(&shop, &after).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.ok(201), second);
        assert_eq!(published(&shop).await, 2);
    })
    .await;
}

#[tokio::test]
async fn shops_with_databases_of_their_own_share_a_redis_and_no_keys() {
    let Some(url) = variable("TEST_REDIS_URL") else {
        return;
    };
    let set = vars([("REDIS_URL", &*url)]);
    let key = unique();
    on_each_database(async |database| {
        let shop = database.shop(&set).await.router();
        let reply = publish(&shop, &key).await;
        assert_eq!(reply.header("idempotency-replayed"), "");
        assert_eq!(published(&shop).await, 1);
    })
    .await;
}
