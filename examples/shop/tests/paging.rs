//! Walks over whole collections.

use std::collections::BTreeSet;

use axum::Router;
use serde_json::{Value, json};

use crate::support::{get, items, on_each_shop, post_json};

/// Capitals, letters that are not ASCII, and a character beyond the sixteen-bit ones: a database
/// with a collation of its own would order them otherwise.
const NAMES: [&str; 6] = ["Äpfel", "apple", "Zebra", "zoo", "a", "🦓"];

/// Products with few names and prices, and with ratings missing, so that every order has ties.
async fn fill(shop: &Router) {
    let products: Vec<_> = (0..60)
        .map(|nth| {
            json!({
                "sku": format!("S-{nth:02}"),
                "name": NAMES[nth % 6],
                "price_cents": (nth % 4) * 100,
                "rating": if nth % 3 == 0 { json!(null) } else { json!((nth % 5) as f64 / 2.0) },
            })
        })
        .collect();
    let outcome = post_json(shop, "/api/v1/products/bulk", &json!({ "items": products }))
        .await
        .ok(207);
    assert_eq!(outcome["errors"], json!([]));
    let events: Vec<_> = (0..60)
        .map(|nth| {
            json!({
                "kind": &NAMES[nth % 3], "title": &NAMES[nth % 2],
                "severity": if nth % 4 == 0 { json!(null) } else { json!((nth % 3) as f64 - 1.0) },
                "occurred_at": format!("2026-01-01T00:00:00.00000{}Z", nth % 5),
            })
        })
        .collect();
    let outcome = post_json(shop, "/api/v1/events/bulk", &json!({ "items": events }))
        .await
        .ok(207);
    assert_eq!(outcome["errors"], json!([]));
}

/// Follows `field` from the page at `path` to the end; the pages in the order of the walk.
async fn walk(shop: &Router, path: &str, from: Option<&str>, field: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut cursor = from.map(str::to_owned);
    loop {
        let uri = cursor.as_ref().map_or_else(
            || path.to_owned(),
            |cursor| format!("{path}&cursor={cursor}"),
        );
        let page = get(shop, &uri).await.ok(200);
        cursor = page[field].as_str().map(str::to_owned);
        pages.push(page);
        assert!(pages.len() < 100, "the walk does not end");
        if cursor.is_none() {
            return pages;
        }
    }
}

fn ids<'a>(pages: impl IntoIterator<Item = &'a Value>) -> Vec<i64> {
    pages
        .into_iter()
        .flat_map(items)
        .map(|item| item["id"].as_i64().expect("an id"))
        .collect()
}

/// The first sort field may not run backwards, with NULLs last whichever its direction.
#[track_caller]
fn assert_sorted(pages: &[Value], field: &str, descending: bool) {
    let values: Vec<_> = pages
        .iter()
        .flat_map(items)
        .map(|item| item[field].clone())
        .collect();
    for pair in values.windows(2) {
        let in_order = match (&pair[0], &pair[1]) {
            (_, Value::Null) => true,
            (Value::Null, _) => false,
            (Value::String(one), Value::String(other)) => {
                if descending {
                    one >= other
                } else {
                    one <= other
                }
            }
            (one, other) => {
                let (one, other) = (
                    one.as_f64().expect("a number"),
                    other.as_f64().expect("a number"),
                );
                if descending {
                    one >= other
                } else {
                    one <= other
                }
            }
        };
        assert!(in_order, "{field} descending={descending}: {pair:?}");
    }
}

async fn walk_both_ways(
    shop: &Router,
    collection: &str,
    field: &str,
    descending: bool,
    limit: usize,
) {
    let sign = if descending { "-" } else { "" };
    let path = format!("/api/v1/{collection}?sort={sign}{field}&limit={limit}");
    let forward = walk(shop, &path, None, "next_cursor").await;
    let seen = ids(&forward);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 60, "{path}");
    assert_eq!(seen.len(), 60, "{path}");
    assert_sorted(&forward, field, descending);
    let last = forward.last().expect("a page");
    let mut backward = match last["previous_cursor"].as_str() {
        Some(cursor) => walk(shop, &path, Some(cursor), "previous_cursor").await,
        None => Vec::new(),
    };
    backward.reverse();
    backward.push(last.clone());
    assert_eq!(ids(&backward), seen, "{path}");
}

#[tokio::test]
async fn every_order_visits_each_row_once_forward_and_back() {
    const ORDERS: [(&str, &[&str]); 2] = [
        (
            "products",
            &["id", "created_at", "price_cents", "name", "rating"],
        ),
        (
            "events",
            &[
                "id",
                "occurred_at",
                "created_at",
                "kind",
                "title",
                "severity",
            ],
        ),
    ];
    on_each_shop(async |shop| {
        fill(&shop).await;
        for (collection, fields) in ORDERS {
            for field in fields {
                for descending in [false, true] {
                    for limit in [7, 60, 100] {
                        walk_both_ways(&shop, collection, field, descending, limit).await;
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn several_sort_fields_and_a_filter_hold_on_every_page() {
    on_each_shop(async |shop| {
        fill(&shop).await;
        let path = "/api/v1/products?sort=-rating,name&price_cents[lte]=100&limit=4";
        let pages = walk(&shop, path, None, "next_cursor").await;
        let seen = ids(&pages);
        assert_eq!(
            (seen.len(), seen.iter().collect::<BTreeSet<_>>().len()),
            (30, 30)
        );
        assert_sorted(&pages, "rating", true);
        assert!(
            pages
                .iter()
                .flat_map(items)
                .all(|item| item["price_cents"].as_i64() <= Some(100))
        );
    })
    .await;
}

#[tokio::test]
async fn the_link_header_leads_to_the_same_pages_as_the_cursors() {
    on_each_shop(async |shop| {
        fill(&shop).await;
        let first = get(
            &shop,
            "/api/v1/products?sort=name&limit=10&price_cents[gte]=0",
        )
        .await;
        let next = first.ok(200)["next_cursor"]
            .as_str()
            .expect("a cursor")
            .to_owned();
        let link = first.header("link");
        let href = link
            .split(", ")
            .find_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'))
            .expect("a next link");
        let by_cursor =
            format!("/api/v1/products?sort=name&limit=10&price_cents[gte]=0&cursor={next}");
        assert_eq!(
            get(&shop, href).await.ok(200),
            get(&shop, &by_cursor).await.ok(200)
        );
        assert!(!link.contains("rel=\"prev\""), "{link}");
    })
    .await;
}

#[tokio::test]
async fn rows_that_come_and_stay_do_not_move_the_others() {
    on_each_shop(async |shop| {
        fill(&shop).await;
        let path = "/api/v1/products?sort=price_cents&limit=9";
        let mut seen = Vec::new();
        let mut uri = path.to_owned();
        let mut nth = 0;
        loop {
            let page = get(&shop, &uri).await.ok(200);
            seen.extend(ids([&page]).into_iter().filter(|id| *id <= 60));
            let body = json!({ "sku": format!("N-{nth}"), "name": "new", "price_cents": nth * 50 });
            post_json(&shop, "/api/v1/products", &body).await.ok(201);
            nth += 1;
            match page["next_cursor"].as_str() {
                Some(cursor) => uri = format!("{path}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(
            (seen.len(), seen.iter().collect::<BTreeSet<_>>().len()),
            (60, 60)
        );
    })
    .await;
}
