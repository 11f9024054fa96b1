//! Batches too large for one body: a line each, in and out.

use axum::body::{Body, Bytes};
use axum::http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Reply, Vars, ask, count_products, get, on_each_database, on_each_shop, vars};

const LINES: (&str, &str) = ("content-type", "application/x-ndjson");

fn parsed(reply: &Reply) -> Vec<Value> {
    assert_eq!(reply.status, 207, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    let lines = reply.text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn each_line_is_answered_by_one_in_its_order() {
    on_each_database(async |database| {
        for base in ["", "https://shop.example"] {
            let set = match base {
                "" => Vars::new(),
                _ => vars([("SHOP_PUBLIC_URL", base)]),
            };
            let shop = database.shop(&set).await.router();
            let line = |sku: &str| {
                json!({ "sku": format!("{sku}{base}"), "name": "Lamp", "price_cents": 1 })
                    .to_string()
            };
            let body = [
                line("a"),
                "{".to_owned(),
                line("b"),
                line("a"),
                "7".to_owned(),
                line("c"),
            ];
            let body = body.join("\n") + "\n";
            let reply = ask(&shop, "POST /api/v1/products/bulk", &[LINES], body).await;
            let lines = parsed(&reply);
            let statuses: Vec<_> = lines
                .iter()
                .take(6)
                .map(|line| line["status"].clone())
                .collect();
            assert_eq!(statuses, [201, 400, 201, 409, 422, 201], "{}", reply.text);
            for (nth, line) in lines.iter().take(6).enumerate() {
                assert_eq!(line["index"], nth);
            }
            let href = format!("/api/v1/products/{}", lines[0]["body"]["id"]);
            assert_eq!(lines[0]["location"], format!("{base}{href}"));
            assert_eq!(
                lines[0]["body"]["links"][0]["href"],
                format!("{base}{href}")
            );
            assert_eq!(get(&shop, &href).await.ok(200), lines[0]["body"]);
        }
        let shop = database.shop(&Vars::new()).await.router();
        assert_eq!(count_products(&shop).await, 6);
    })
    .await;
}

#[tokio::test]
async fn thousands_of_events_stream_through() {
    on_each_shop(async |shop| {
        const COUNT: usize = 3000;
        let lines = (0..COUNT).map(|nth| {
            let line = json!({ "kind": "k", "title": format!("t-{nth}") });
            Ok::<_, std::io::Error>(Bytes::from(format!("{line}\n")))
        });
        let body = Body::from_stream(futures(lines));
        let request = Request::post("/api/v1/events/bulk")
            .header(LINES.0, LINES.1)
            .header("prefer", "return=minimal");
        let response = shop
            .clone()
            .oneshot(request.body(body).expect("a request"))
            .await
            .expect("a router does not fail");
        assert_eq!(response.status(), 207);
        let text = response
            .into_body()
            .collect()
            .await
            .expect("all of it")
            .to_bytes();
        assert!(
            !String::from_utf8_lossy(&text).contains("t-1"),
            "errors only"
        );
        let page = get(&shop, "/api/v1/events?include_total=true")
            .await
            .ok(200);
        assert_eq!(page["total"], COUNT);
    })
    .await;
}

/// A stream of what an iterator has.
fn futures<I: Iterator + Unpin>(mut items: I) -> impl futures_util::Stream<Item = I::Item> {
    futures_util::stream::poll_fn(move |_| std::task::Poll::Ready(items.next()))
}

#[tokio::test]
async fn lines_under_a_key_are_refused() {
    on_each_shop(async |shop| {
        let line = json!({ "kind": "k", "title": "t" }).to_string() + "\n";
        let headers = [LINES, ("idempotency-key", "k")];
        for path in ["/api/v1/events/bulk", "/api/v1/products/bulk"] {
            let request = format!("POST {path}");
            let problem = ask(&shop, &request, &headers, line.clone())
                .await
                .problem(400);
            let detail = problem["detail"].as_str().expect("a detail");
            assert!(detail.contains("Idempotency-Key"), "{detail}");
        }
        let page = get(&shop, "/api/v1/events?include_total=true")
            .await
            .ok(200);
        assert_eq!(page["total"], 0);
    })
    .await;
}
