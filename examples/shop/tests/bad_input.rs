//! What clients should not send: each is a problem that names what was wrong.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::support::{get, on_each_shop, post, post_json, send};

async fn fill(shop: &Router) {
    for nth in 0..3 {
        let product = json!({ "sku": format!("S-{nth}"), "name": "Lamp", "price_cents": nth });
        post_json(shop, "/api/v1/products", &product).await.ok(201);
        let event = json!({ "kind": "k", "title": "t" });
        post_json(shop, "/api/v1/events", &event).await.ok(201);
    }
}

/// A 400 problem whose text contains `named`.
async fn refused(shop: &Router, uri: &str, named: &str) {
    let problem = get(shop, uri).await.problem(400);
    let text = problem.to_string();
    assert!(text.contains(named), "{uri}: {text}");
}

#[tokio::test]
async fn page_parameters_outside_of_their_bounds() {
    on_each_shop(async |shop| {
        for path in ["/api/v1/products", "/api/v1/events"] {
            for limit in ["0", "-1", "101", "abc", "", "1.5", "99999999999999999999"] {
                refused(&shop, &format!("{path}?limit={limit}"), "limit").await;
            }
            for sort in [
                "secret",
                "sku;DROP TABLE products",
                "-",
                "name,name",
                "description",
                "--id",
                "payload",
            ] {
                let sort = sort.replace(' ', "%20");
                refused(&shop, &format!("{path}?sort={sort}"), "sort").await;
            }
            refused(
                &shop,
                &format!("{path}?include_total=maybe"),
                "include_total",
            )
            .await;
        }
        for query in [
            "page=0",
            "page=x",
            "page_size=0",
            "page_size=101",
            "page=1&limit=3",
            "page=1000000000000",
        ] {
            refused(&shop, &format!("/api/v1/categories?{query}"), "page").await;
        }
    })
    .await;
}

#[tokio::test]
async fn filters_that_are_not_allowed() {
    on_each_shop(async |shop| {
        for (query, named) in [
            ("colour=red", "price_cents"),
            ("price_cents[between]=1", "gte"),
            ("price_cents[gte]=cheap", "price_cents"),
            ("price_cents=9223372036854775808", "price_cents"),
            ("rating=NaN", "rating"),
            ("rating[is_null]=perhaps", "is_null"),
            ("active=2", "active"),
            ("created_at[gt]=yesterday", "created_at"),
            ("id[in]=1,x", "id"),
            ("category_id[", "category_id"),
            ("name=a%00b", "name"),
            ("q=%00", "q"),
        ] {
            refused(&shop, &format!("/api/v1/products?{query}"), named).await;
        }
        let many = (0..10_000)
            .map(|nth| nth.to_string())
            .collect::<Vec<_>>()
            .join(",");
        get(&shop, &format!("/api/v1/products?id[in]={many}"))
            .await
            .problem(400);
    })
    .await;
}

#[tokio::test]
async fn parameters_given_twice_and_text_that_is_not_utf_8() {
    on_each_shop(async |shop| {
        for name in ["limit", "sort", "include_total", "cursor", "category_id"] {
            refused(&shop, &format!("/api/v1/products?{name}=1&{name}=1"), name).await;
        }
        for query in ["name=%ff", "%ff=1", "name=%", "name=%zz", "cursor=%ff"] {
            get(&shop, &format!("/api/v1/products?{query}"))
                .await
                .problem(400);
        }
    })
    .await;
}

#[tokio::test]
async fn cursors_that_belong_elsewhere_or_nowhere() {
    on_each_shop(async |shop| {
        fill(&shop).await;
        let page = get(&shop, "/api/v1/products?sort=name&limit=1")
            .await
            .ok(200);
        let cursor = page["next_cursor"].as_str().expect("a cursor").to_owned();
        let (head, tail) = cursor.split_at(cursor.len() - 1);
        let tampered = format!("{head}{}", if tail == "A" { "B" } else { "A" });
        let flipped = format!(
            "{}{}",
            if cursor.starts_with('A') { "B" } else { "A" },
            &cursor[1..]
        );
        for bad in [
            "",
            "garbage",
            "%00",
            "AAAA",
            head,
            &tampered,
            &flipped,
            &format!("{cursor}AA"),
            &"A".repeat(9000),
        ] {
            refused(
                &shop,
                &format!("/api/v1/products?sort=name&limit=1&cursor={bad}"),
                "cursor",
            )
            .await;
        }
        for elsewhere in [
            "/api/v1/products?sort=-name&",
            "/api/v1/products?",
            "/api/v1/products?sort=name,price_cents&",
            "/api/v1/products?sort=name&active=true&",
            "/api/v1/products?sort=name&q=lamp&",
            "/api/v1/events?sort=title&",
            "/api/v1/events?",
        ] {
            refused(&shop, &format!("{elsewhere}cursor={cursor}"), "cursor").await;
        }
        let path = format!("/api/v1/products?sort=name&limit=2&cursor={cursor}");
        get(&shop, &path).await.ok(200);
    })
    .await;
}

#[tokio::test]
async fn sql_in_every_text_is_text() {
    const SQL: &str = "'; DROP TABLE products; --\" OR 1=1 %_\\";
    on_each_shop(async |shop| {
        fill(&shop).await;
        let product = json!({ "sku": SQL, "name": SQL, "description": SQL, "price_cents": 1 });
        let made = post_json(&shop, "/api/v1/products", &product).await.ok(201);
        let event = json!({ "kind": SQL, "title": SQL, "payload": SQL });
        post_json(&shop, "/api/v1/events", &event).await.ok(201);
        let review = json!({ "author": SQL, "text": SQL, "rating": 1 });
        let path = format!("/api/v1/products/{}/reviews", made["id"]);
        post_json(&shop, &path, &review).await.ok(201);
        let encoded: String = SQL.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for (path, expected) in [
            ("products?sku=", 1),
            ("products?name=", 1),
            ("products?name[like]=", 1),
            ("products?q=", 1),
            ("events?kind=", 1),
            ("events?title[like]=", 1),
            ("events?q=", 1),
        ] {
            let page = get(&shop, &format!("/api/v1/{path}{encoded}"))
                .await
                .ok(200);
            assert_eq!(
                page["items"].as_array().map(Vec::len),
                Some(expected),
                "{path}"
            );
        }
        for path in [
            "products?sort=",
            "products?limit=",
            "products?cursor=",
            "categories?page=",
            "events?severity=",
        ] {
            get(&shop, &format!("/api/v1/{path}{encoded}"))
                .await
                .problem(400);
        }
    })
    .await;
}

#[tokio::test]
async fn ids_that_are_no_integers() {
    on_each_shop(async |shop| {
        for id in [
            "abc",
            "1.5",
            "9223372036854775808",
            "-9223372036854775809",
            "%00",
            "%ff",
            "1%20OR%201=1",
            "1e3",
        ] {
            for path in ["products", "categories", "events"] {
                get(&shop, &format!("/api/v1/{path}/{id}"))
                    .await
                    .problem(400);
            }
            get(&shop, &format!("/api/v1/products/{id}/reviews"))
                .await
                .problem(400);
        }
        for id in ["-1", "0", "9223372036854775807"] {
            get(&shop, &format!("/api/v1/products/{id}"))
                .await
                .problem(404);
        }
    })
    .await;
}

#[tokio::test]
async fn bodies_that_are_not_the_json_asked_for() {
    on_each_shop(async |shop| {
        for path in [
            "/api/v1/products",
            "/api/v1/events",
            "/api/v1/products/bulk",
            "/api/v1/events/bulk",
        ] {
            for body in [
                "",
                "{",
                "[1]",
                "null",
                "\"text\"",
                "{\"sku\":",
                "\u{feff}{}",
                "{}{}",
            ] {
                let reply = post(&shop, path, body).await;
                assert!(
                    [400, 422].contains(&reply.status.as_u16()),
                    "{path} {body}: {}",
                    reply.text
                );
                reply.problem(reply.status.as_u16());
            }
            post(&shop, path, vec![b'"', 0xff, b'"']).await.problem(400);
            let deep = format!("{}1{}", r#"{"sku":"#.repeat(10_000), "}".repeat(10_000));
            // A batch is not read any further than to the member that it does not know.
            let status = if path.ends_with("/bulk") { 422 } else { 400 };
            post(&shop, path, deep).await.problem(status);
            post(&shop, path, " ".repeat(3 * 1024 * 1024))
                .await
                .problem(413);
            let text = Request::post(path)
                .header("content-type", "text/plain")
                .body(Body::from("{}"));
            send(&shop, text.expect("a request")).await.problem(415);
        }
        for body in [
            json!({ "sku": 1, "name": "a", "price_cents": 1 }),
            json!({ "sku": "a", "name": "a", "price_cents": 1.5 }),
            json!({ "sku": "a", "name": "a", "price_cents": "1" }),
            json!({ "sku": "a", "name": "a" }),
            json!({ "sku": "a", "name": "a", "price_cents": 1, "rating": "good" }),
            json!({ "sku": "a", "name": "a", "price_cents": 9_007_199_254_740_992_i64 }),
            json!({ "sku": " ", "name": "a", "price_cents": 1 }),
            json!({ "sku": "a", "name": "a", "price_cents": 1, "description": "x".repeat(2001) }),
        ] {
            let problem = post_json(&shop, "/api/v1/products", &body)
                .await
                .problem(422);
            assert!(
                problem["errors"][0]["pointer"].is_string(),
                "{body}: {problem}"
            );
        }
        // The fields in order, which serde would take.
        for (path, body) in [
            ("products", json!(["a", "a", null, 1, null, null, null])),
            (
                "products/bulk",
                json!([[{ "sku": "a", "name": "a", "price_cents": 1 }]]),
            ),
            ("events", json!(["k", "t", null, null, null])),
            ("events/bulk", json!([[{ "kind": "k", "title": "t" }]])),
        ] {
            let problem = post_json(&shop, &format!("/api/v1/{path}"), &body)
                .await
                .problem(422);
            assert_eq!(problem["errors"][0]["pointer"], "", "{path}");
            let detail = problem["errors"][0]["detail"].as_str();
            assert!(
                detail.is_some_and(|detail| detail.starts_with("expected an object")),
                "{problem}"
            );
        }
        let huge = r#"{"sku":"a","name":"a","price_cents":1,"rating":1e999}"#;
        let status = post(&shop, "/api/v1/products", huge).await.status;
        assert!(status == 400 || status == 422, "{status}");
    })
    .await;
}

#[tokio::test]
async fn member_names_that_the_parser_keeps_for_itself() {
    on_each_shop(async |shop| {
        let reserved = json!({ "$serde_json::private::RawValue": "[[1]]" });
        let event = json!({ "kind": "k", "title": "t", "payload": reserved });
        let product = json!({ "sku": "s", "name": reserved, "price_cents": 1 });
        post_json(&shop, "/api/v1/events", &event)
            .await
            .problem(422);
        post_json(&shop, "/api/v1/products", &product)
            .await
            .problem(422);
        for path in ["/api/v1/events/bulk", "/api/v1/products/bulk"] {
            let body = json!({ "items": [event, product] });
            let outcome = post_json(&shop, path, &body).await.ok(207);
            assert_eq!(outcome["created"], json!([]));
            for error in outcome["errors"].as_array().expect("errors") {
                assert_eq!(error["status"], 422, "{outcome}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_takes_no_encoding_gets_the_plain_one() {
    on_each_shop(async |shop| {
        for accepted in ["identity;q=0", "*; q=0.0", "gzip;q=0, identity;q=0"] {
            let body = json!({ "kind": "k", "title": "t" }).to_string();
            let request = Request::post("/api/v1/events")
                .header("content-type", "application/json")
                .header("accept-encoding", accepted)
                .body(Body::from(body));
            send(&shop, request.expect("a request")).await.ok(201);
        }
    })
    .await;
}

#[tokio::test]
async fn a_request_may_be_named_by_a_token_and_by_nothing_else() {
    on_each_shop(async |shop| {
        let named = async |name: &str| {
            let request = Request::get("/health/live").header("x-request-id", name);
            let request = request.body(Body::empty()).expect("a request");
            send(&shop, request).await.header("x-request-id").to_owned()
        };
        assert_eq!(named("a-1.b_2").await, "a-1.b_2");
        for strange in ["a b", "<script>", "\"", &"x".repeat(129)] {
            let made = named(strange).await;
            assert_eq!(made.len(), 36, "{made}");
        }
    })
    .await;
}
