//! Who was faster: ETags, and requests that depend on them.

use axum::Router;
use serde_json::json;

use crate::support::{Reply, add_product, ask, get, on_each_shop};

const MERGE: (&str, &str) = ("content-type", "application/merge-patch+json");

async fn rename(
    shop: &Router,
    id: &serde_json::Value,
    headers: &[(&str, &str)],
    name: &str,
) -> Reply {
    let headers = [&[MERGE], headers].concat();
    let body = json!({ "name": name }).to_string();
    ask(
        shop,
        &format!("PATCH /api/v1/products/{id}"),
        &headers,
        body,
    )
    .await
}

#[tokio::test]
async fn a_product_has_one_strong_tag_until_it_changes() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        assert!(tag.starts_with('"'), "{tag}");
        let path = format!("/api/v1/products/{}", product["id"]);
        assert_eq!(get(&shop, &path).await.header("etag"), tag);
        let changed = rename(&shop, &product["id"], &[], "Chair").await;
        assert_ne!(changed.header("etag"), tag);
        let read = get(&shop, &path).await;
        assert_eq!(read.header("etag"), changed.header("etag"));
        assert_eq!(read.ok(200), changed.ok(200));
        assert!(read.json().get("version").is_none());
    })
    .await;
}

#[tokio::test]
async fn what_a_client_has_is_not_sent_again() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let request = format!("GET /api/v1/products/{}", product["id"]);
        let known = [
            tag.clone(),
            format!("W/{tag}"),
            "*".to_owned(),
            format!("\"other\", {tag}"),
            // As nginx, Apache and others leave it behind.
            tag.replace("\"", "") + "-gzip",
        ];
        for (nth, known) in known.iter().enumerate() {
            let quoted = if nth == 4 {
                format!("\"{known}\"")
            } else {
                known.clone()
            };
            let reply = ask(&shop, &request, &[("if-none-match", &quoted)], "").await;
            assert_eq!((reply.status.as_u16(), &*reply.text), (304, ""), "{quoted}");
            assert_eq!(reply.header("etag"), tag);
            assert_eq!(reply.header("content-type"), "");
            assert!(
                reply.header("vary").contains("accept"),
                "{:?}",
                reply.headers
            );
        }
        for other in ["\"other\"", "\"0\""] {
            ask(&shop, &request, &[("if-none-match", other)], "")
                .await
                .ok(200);
        }
    })
    .await;
}

#[tokio::test]
async fn each_rendering_has_a_tag_of_its_own_and_all_of_them_may_be_sent_back() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let request = format!("GET /api/v1/products/{}", product["id"]);
        let hal = ("accept", "application/hal+json");
        let reply = ask(&shop, &request, &[hal], "").await;
        let hal_tag = reply.header("etag").to_owned();
        assert_ne!(hal_tag, tag);
        let again = ask(&shop, &request, &[hal, ("if-none-match", &hal_tag)], "").await;
        assert_eq!(again.status, 304);
        // What is kept of another rendering is not what is asked for.
        ask(&shop, &request, &[hal, ("if-none-match", &tag)], "")
            .await
            .ok(200);
        let changed = rename(&shop, &product["id"], &[("if-match", &hal_tag)], "Chair").await;
        assert_eq!(changed.ok(200)["name"], "Chair");
    })
    .await;
}

#[tokio::test]
async fn whoever_was_slower_is_told_what_there_is_now() {
    on_each_shop(async |shop| {
        let (product, first) = add_product(&shop, "a").await;
        let id = &product["id"];
        let changed = rename(&shop, id, &[("if-match", &first)], "Chair").await;
        let second = changed.header("etag").to_owned();
        for slower in [first.as_str(), "\"other\"", "W/\"2\"", "\"1\", \"x\""] {
            let late = rename(&shop, id, &[("if-match", slower)], "Table").await;
            assert_eq!(late.problem(412)["code"], "precondition_failed", "{slower}");
            assert_eq!(late.header("etag"), second);
            let request = format!("DELETE /api/v1/products/{id}");
            let late = ask(&shop, &request, &[("if-match", slower)], "").await;
            late.problem(412);
            assert_eq!(late.header("etag"), second);
        }
        for same in ["*".to_owned(), second.clone()] {
            let refused = rename(&shop, id, &[("if-none-match", &same)], "Table").await;
            refused.problem(412);
            let request = format!("DELETE /api/v1/products/{id}");
            ask(&shop, &request, &[("if-none-match", &same)], "")
                .await
                .problem(412);
        }
        let read = get(&shop, &format!("/api/v1/products/{id}")).await;
        assert_eq!(read.ok(200)["name"], "Chair");
        for current in ["*".to_owned(), format!("\"other\" , {second}")] {
            let kept = rename(&shop, id, &[("if-match", &current)], "Chair").await;
            assert_eq!(kept.ok(200)["name"], "Chair");
        }
    })
    .await;
}

#[tokio::test]
async fn a_product_is_deleted_once_and_only_as_it_was_seen() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let request = format!("DELETE /api/v1/products/{}", product["id"]);
        let gone = ask(&shop, &request, &[("if-match", &tag)], "").await;
        assert_eq!((gone.status.as_u16(), &*gone.text), (204, ""));
        assert_eq!(gone.header("content-type"), "");
        for again in [&[][..], &[("if-match", &*tag)], &[("if-match", "*")]] {
            let problem = ask(&shop, &request, again, "").await.problem(404);
            assert_eq!(problem["code"], "product_not_found");
        }
        let path = format!("/api/v1/products/{}", product["id"]);
        get(&shop, &path).await.problem(404);
        get(&shop, &format!("{path}/reviews")).await.problem(404);
        rename(&shop, &product["id"], &[], "Chair")
            .await
            .problem(404);
        // Its SKU is free again, and the new product is another.
        let (other, _) = add_product(&shop, "a").await;
        assert_ne!(other["id"], product["id"]);
    })
    .await;
}

#[tokio::test]
async fn tags_that_are_none_are_refused_by_the_name_of_their_field() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let id = &product["id"];
        let many = vec!["\"1\""; 65].join(",");
        let long = format!("\"{}\"", "x".repeat(9000));
        for malformed in [
            "1",
            "\"1",
            "W/1",
            "*, \"1\"",
            "w/\"1\"",
            "\"a\" \"b\"",
            &many,
            &long,
        ] {
            for (name, request) in [
                ("if-match", format!("PATCH /api/v1/products/{id}")),
                ("if-match", format!("DELETE /api/v1/products/{id}")),
                ("if-none-match", format!("GET /api/v1/products/{id}")),
            ] {
                let headers = [MERGE, (name, malformed)];
                let problem = ask(&shop, &request, &headers, "{\"name\":\"x\"}")
                    .await
                    .problem(400);
                assert_eq!(problem["code"], "invalid_precondition", "{malformed}");
                let named = problem["errors"][0]["header"].as_str().unwrap_or_default();
                assert_eq!(named.to_ascii_lowercase(), name, "{problem}");
            }
        }
        let read = get(&shop, &format!("/api/v1/products/{id}")).await;
        assert_eq!(read.ok(200), product);
    })
    .await;
}

#[tokio::test]
async fn clients_without_a_precondition_do_not_lose_races() {
    on_each_shop(async |shop| {
        let (product, _) = add_product(&shop, "a").await;
        let id = product["id"].clone();
        let changes = (0..12).map(|nth| {
            let (shop, id) = (shop.clone(), id.clone());
            tokio::spawn(async move { rename(&shop, &id, &[], &format!("N-{nth}")).await })
        });
        for change in changes.collect::<Vec<_>>() {
            change.await.expect("a task").ok(200);
        }
        let read = get(&shop, &format!("/api/v1/products/{id}")).await;
        assert_eq!(read.header("etag"), "\"13\"");
    })
    .await;
}

#[tokio::test]
async fn of_those_that_saw_the_same_one_wins() {
    on_each_shop(async |shop| {
        let (product, tag) = add_product(&shop, "a").await;
        let changes = (0..12).map(|nth| {
            let (shop, id, tag) = (shop.clone(), product["id"].clone(), tag.clone());
            let name = format!("N-{nth}");
            tokio::spawn(async move { rename(&shop, &id, &[("if-match", &tag)], &name).await })
        });
        let mut statuses = Vec::new();
        for change in changes.collect::<Vec<_>>() {
            statuses.push(change.await.expect("a task").status.as_u16());
        }
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{statuses:?}");
        assert!(
            statuses[1..].iter().all(|status| *status == 412),
            "{statuses:?}"
        );
    })
    .await;
}
