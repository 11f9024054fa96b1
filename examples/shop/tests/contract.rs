//! What each route answers.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::support::{get, items, on_each_shop, post_json, send};

const TIME_LENGTH: usize = "2026-11-20T20:00:00.123456Z".len();

async fn lamp(shop: &Router) -> Value {
    let lamp = json!({ "sku": "LIG-1", "name": "Lamp", "price_cents": 1999 });
    post_json(shop, "/api/v1/products", &lamp).await.ok(201)
}

#[tokio::test]
async fn sku_name_and_price_are_enough_for_a_product() {
    on_each_shop(async |shop| {
        let body = json!({ "sku": "LIG-1", "name": "Lamp", "price_cents": 0 });
        let reply = post_json(&shop, "/api/v1/products", &body).await;
        let product = reply.ok(201);
        let href = format!("/api/v1/products/{}", product["id"]);
        assert_eq!(reply.header("location"), href);
        assert_eq!(product["description"], Value::Null);
        assert_eq!(product["rating"], Value::Null);
        assert_eq!(product["category_id"], 1);
        assert_eq!(product["active"], true);
        assert_eq!(product["created_at"], product["updated_at"]);
        let created_at = product["created_at"].as_str().expect("a time");
        assert!(
            created_at.len() == TIME_LENGTH && created_at.ends_with('Z'),
            "{created_at}"
        );
        assert_eq!(
            product["links"],
            json!([
                { "href": href, "rel": "self", "method": "GET" },
                { "href": format!("{href}/reviews"), "rel": "reviews", "method": "GET" },
                { "href": format!("{href}/images"), "rel": "images", "method": "GET" },
                { "href": "/api/v1/categories/1", "rel": "category", "method": "GET" },
                { "href": "/api/v1/products", "rel": "collection", "method": "GET" },
                { "href": href, "rel": "update", "method": "PATCH" },
                { "href": href, "rel": "delete", "method": "DELETE" },
            ])
        );
        assert_eq!(get(&shop, &href).await.ok(200), product);
        let page = get(&shop, "/api/v1/products?include_total=true")
            .await
            .ok(200);
        assert_eq!(page["items"], json!([product]));
        assert_eq!(page["total"], 1);
        assert_eq!(
            (&page["next_cursor"], &page["previous_cursor"]),
            (&Value::Null, &Value::Null)
        );
    })
    .await;
}

#[tokio::test]
async fn forms_name_what_may_change() {
    on_each_shop(async |shop| {
        let product = lamp(&shop).await;
        let request = Request::get(format!("/api/v1/products/{}", product["id"]))
            .header("accept", "application/prs.hal-forms+json");
        let request = request.body(Body::empty()).expect("a request");
        let forms = send(&shop, request).await.ok(200)["_templates"].clone();
        let fields = forms["update"]["properties"].as_array().expect("fields");
        let names: Vec<_> = fields.iter().map(|field| &field["name"]).collect();
        let expected = [
            "sku",
            "name",
            "description",
            "price_cents",
            "category_id",
            "rating",
            "active",
        ];
        assert_eq!(names, expected);
        assert_eq!(forms["update"]["method"], "PATCH");
        assert_eq!(forms["delete"]["method"], "DELETE");
        let page = get(&shop, "/api/v1/products").await.ok(200);
        let links = page["links"].as_array().expect("links");
        let many = links.iter().find(|link| link["rel"] == "create-many");
        assert_eq!(
            many.expect("a link")["href"],
            "/api/v1/products/bulk{?mode,stop_after,envelope}"
        );
    })
    .await;
}

#[tokio::test]
async fn every_member_of_a_product_is_kept() {
    on_each_shop(async |shop| {
        let body = json!({
            "sku": "Ω-1", "name": "Lamp % _ ' \" \\ ; DROP TABLE products; --", "description": "a\nb 🙂",
            "price_cents": 9_007_199_254_740_991_i64, "category_id": 1, "rating": 9.7, "active": false,
        });
        let product = post_json(&shop, "/api/v1/products", &body).await.ok(201);
        for (name, value) in body.as_object().expect("an object") {
            assert_eq!(&product[name], value, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_sku_is_taken_once() {
    on_each_shop(async |shop| {
        lamp(&shop).await;
        let body = json!({ "sku": "LIG-1", "name": "Other", "price_cents": 1 });
        let problem = post_json(&shop, "/api/v1/products", &body)
            .await
            .problem(409);
        assert_eq!(problem["code"], "sku_taken");
        assert!(
            problem["detail"]
                .as_str()
                .expect("a detail")
                .contains("LIG-1")
        );
    })
    .await;
}

#[tokio::test]
async fn all_mistakes_of_a_body_are_told_at_once() {
    on_each_shop(async |shop| {
        let body = json!({
            "sku": "", "name": "x".repeat(201), "price_cents": -1, "rating": 10.5, "description": "a\0b",
        });
        let problem = post_json(&shop, "/api/v1/products", &body).await.problem(422);
        let errors = problem["errors"].as_array().expect("errors");
        let pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect();
        assert_eq!(pointers, ["/sku", "/name", "/description", "/price_cents", "/rating"]);
    })
    .await;
}

#[tokio::test]
async fn a_product_needs_a_category_that_exists() {
    on_each_shop(async |shop| {
        let body = json!({ "sku": "a", "name": "a", "price_cents": 1, "category_id": 99 });
        let problem = post_json(&shop, "/api/v1/products", &body)
            .await
            .problem(422);
        assert_eq!(problem["code"], "unknown_category");
    })
    .await;
}

#[tokio::test]
async fn what_does_not_exist_is_a_404_problem() {
    on_each_shop(async |shop| {
        for (path, code) in [
            ("/api/v1/products/7", "product_not_found"),
            ("/api/v1/products/7/reviews", "product_not_found"),
            ("/api/v1/products/7/reviews/1", "review_not_found"),
            ("/api/v1/categories/7", "category_not_found"),
            ("/api/v1/events/7", "event_not_found"),
        ] {
            assert_eq!(get(&shop, path).await.problem(404)["code"], code, "{path}");
        }
        get(&shop, "/api/v1/nothing").await.problem(404);
        get(&shop, "/nothing").await.problem(404);
        let review = json!({ "rating": 1 });
        post_json(&shop, "/api/v1/products/7/reviews", &review)
            .await
            .problem(404);
        let delete = Request::delete("/api/v1/products")
            .body(Body::empty())
            .expect("a request");
        let refused = send(&shop, delete).await;
        refused.problem(405);
        assert_eq!(refused.header("allow"), "GET,HEAD,POST");
    })
    .await;
}

#[tokio::test]
async fn filters_choose_the_same_products_on_every_database() {
    on_each_shop(async |shop| {
        for (sku, name, price, rating) in [
            ("a", "Red Lamp", 100, json!(9)),
            ("b", "red chair", 200, json!(null)),
            ("c", "100% Wool", 300, json!(4.5)),
            ("d", "Chair_Two", 400, json!(0)),
        ] {
            let body = json!({ "sku": sku, "name": name, "price_cents": price, "rating": rating });
            post_json(&shop, "/api/v1/products", &body).await.ok(201);
        }
        for (filter, expected) in [
            ("name[like]=red", "ab"),
            ("name[like]=%25", "c"),
            ("name[like]=_", "d"),
            ("q=chair", "bd"),
            ("q=CHAIR%20red", "b"),
            ("price_cents[gte]=200&price_cents[lt]=400", "bc"),
            ("price_cents[ne]=200", "acd"),
            ("rating[is_null]=true", "b"),
            ("rating[gte]=4.5", "ac"),
            ("sku[in]=a,d,z", "ad"),
            ("id[in]=1,3", "ac"),
            ("category_id=1&active=true", "abcd"),
            ("active=false", ""),
            ("created_at[gt]=2020-01-01T00:00:00Z", "abcd"),
            ("created_at[lt]=2020-01-01T00:00:00Z", ""),
        ] {
            let page = get(&shop, &format!("/api/v1/products?sort=id&{filter}"))
                .await
                .ok(200);
            let skus: String = items(&page)
                .iter()
                .map(|item| item["sku"].as_str().expect("a SKU"))
                .collect();
            assert_eq!(skus, expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn reviews_come_as_numbered_pages() {
    on_each_shop(async |shop| {
        let product = lamp(&shop).await;
        let path = format!("/api/v1/products/{}/reviews", product["id"]);
        for rating in 0..5 {
            let body = json!({ "author": "Ada", "rating": rating, "text": "So so." });
            let reply = post_json(&shop, &path, &body).await;
            let review = reply.ok(201);
            assert_eq!(get(&shop, reply.header("location")).await.ok(200), review);
        }
        let reply = get(&shop, &format!("{path}?page=2&page_size=2&sort=-rating")).await;
        let page = reply.ok(200);
        let ratings: Vec<_> = items(&page)
            .iter()
            .map(|item| item["rating"].as_f64().expect("a number"))
            .collect();
        assert_eq!(ratings, [2.0, 1.0]);
        assert_eq!(
            (&page["total"], &page["page"], &page["page_size"]),
            (&json!(5), &json!(2), &json!(2))
        );
        for rel in ["self", "first", "prev", "next", "last"] {
            assert!(
                reply.header("link").contains(&format!("rel=\"{rel}\"")),
                "{rel}"
            );
        }
        let problem = post_json(&shop, &path, &json!({ "rating": 11, "author": " " }))
            .await
            .problem(422);
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(2));
    })
    .await;
}

#[tokio::test]
async fn an_empty_shop_has_one_category() {
    on_each_shop(async |shop| {
        let page = get(&shop, "/api/v1/categories").await.ok(200);
        assert_eq!(page["total"], 1);
        let category = &items(&page)[0];
        assert_eq!(category["id"], 1);
        assert_eq!(&get(&shop, "/api/v1/categories/1").await.ok(200), category);
        assert_eq!(
            category["links"][1]["href"],
            "/api/v1/products?category_id=1"
        );
    })
    .await;
}

#[tokio::test]
async fn an_event_keeps_its_time_to_the_microsecond() {
    on_each_shop(async |shop| {
        let body = json!({
            "kind": "earthquake", "title": "M 2.0", "severity": -0.4,
            "occurred_at": "2018-02-07T02:26:13.8400019+01:00", "payload": { "felt": null, "depth": [1, 2.5, "\u{0}"] },
        });
        let reply = post_json(&shop, "/api/v1/events", &body).await;
        let event = reply.ok(201);
        assert_eq!(event["occurred_at"], "2018-02-07T01:26:13.840001Z");
        assert_eq!(event["payload"], body["payload"]);
        assert_eq!(event["severity"], -0.4);
        assert_eq!(get(&shop, reply.header("location")).await.ok(200), event);
        let found = get(&shop, "/api/v1/events?occurred_at=2018-02-07T01:26:13.840001Z&severity[lt]=0&q=earth").await;
        assert_eq!(found.ok(200)["items"], json!([event]));
    })
    .await;
}

#[tokio::test]
async fn events_without_a_time_happen_now_and_come_first() {
    on_each_shop(async |shop| {
        for (title, occurred_at) in [("old", json!("2001-01-01T00:00:00Z")), ("new", json!(null))] {
            let body = json!({ "kind": "test", "title": title, "occurred_at": occurred_at });
            post_json(&shop, "/api/v1/events", &body).await.ok(201);
        }
        let page = get(&shop, "/api/v1/events").await.ok(200);
        assert_eq!(items(&page)[0]["title"], "new");
        assert_eq!(
            items(&page)[0]["occurred_at"],
            items(&page)[0]["created_at"]
        );
        assert_eq!(items(&page)[0]["payload"], json!(null));
    })
    .await;
}

#[tokio::test]
async fn the_root_leads_to_every_collection() {
    on_each_shop(async |shop| {
        let root = get(&shop, "/api/v1").await.ok(200);
        let links = root["links"].as_array().expect("links");
        let rels: Vec<_> = links
            .iter()
            .map(|link| link["rel"].as_str().expect("a rel"))
            .collect();
        assert_eq!(
            rels,
            [
                "self",
                "products",
                "categories",
                "events",
                "service-desc",
                "service-doc"
            ]
        );
        for link in links {
            let path = link["href"].as_str().expect("a path");
            let status = get(&shop, path).await.status;
            assert!(
                status.is_success() || status.is_redirection(),
                "{path}: {status}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn answers_carry_a_request_id_and_are_compressed_on_request() {
    on_each_shop(async |shop| {
        let reply = get(&shop, "/health/live").await;
        assert_eq!(reply.ok(200)["status"], "ok");
        assert!(!reply.header("x-request-id").is_empty());
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(
            get(&shop, "/health/ready").await.ok(200)["checks"]["database"],
            "ok"
        );
        let request = Request::get("/page.js").header("accept-encoding", "gzip");
        let response =
            tower::ServiceExt::oneshot(shop, request.body(Body::empty()).expect("a request")).await;
        assert_eq!(
            response.expect("an answer").headers()["content-encoding"],
            "gzip"
        );
    })
    .await;
}

#[tokio::test]
async fn the_page_allows_no_script_but_its_own() {
    on_each_shop(async |shop| {
        for path in ["/", "/page.css", "/page.js"] {
            let reply = get(&shop, path).await;
            assert_eq!(reply.status, 200, "{path}");
            assert!(
                !reply.header("content-security-policy").contains("unsafe"),
                "{path}"
            );
            let request = Request::get(path).header("if-none-match", reply.header("etag"));
            let again = send(&shop, request.body(Body::empty()).expect("a request")).await;
            assert_eq!(
                (again.status.as_u16(), again.text.as_str()),
                (304, ""),
                "{path}"
            );
        }
    })
    .await;
}
