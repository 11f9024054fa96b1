//! The query parameters of a page.

use super::*;

#[tokio::test]
async fn limits_outside_the_bounds_are_refused_by_name() {
    let app = app(Pagination::plain()).await;
    for limit in [
        "0",
        "-1",
        "101",
        "abc",
        "",
        "1e2",
        "+5",
        "99999999999999999999999999999999999999999999",
        "%F0%9F%A6%80",
    ] {
        let detail = refused(&app, &format!("/api/products?limit={limit}"), "limit").await;
        assert!(detail.contains("1 to 100"), "{detail}");
    }
    assert_eq!(ids(&ok(&app, "/api/products?limit=100").await).len(), 57);
    assert_eq!(ids(&ok(&app, "/api/products").await).len(), 20);
}

#[tokio::test]
async fn limits_can_be_clamped() {
    let app = app(Pagination::plain()
        .max_limit(30)
        .default_limit(4)
        .clamp_limit())
    .await;
    for (query, rows) in [
        ("limit=0", 1),
        ("limit=-7", 1),
        ("limit=1000", 30),
        ("limit=7", 7),
        ("", 4),
    ] {
        assert_eq!(
            ids(&ok(&app, &format!("/api/products?{query}")).await).len(),
            rows,
            "{query}"
        );
    }
    refused(&app, "/api/products?limit=many", "limit").await;
}

#[tokio::test]
async fn sorting_is_by_the_whitelist_only() {
    let app = app(Pagination::plain()).await;
    for sort in [
        "secret",
        "id",
        "-",
        "",
        "name,",
        ",name",
        "name,name",
        "name,-name",
        "--name",
        "name;DROP TABLE products",
        "name%00",
        "NAME",
    ] {
        let sort = sort.replace(' ', "+");
        let detail = refused(&app, &format!("/api/products?sort={sort}"), "sort").await;
        let names_it =
            detail.contains("name, price_cents, rating, created_at") || detail.contains("twice");
        assert!(names_it, "{sort}: {detail}");
    }
}

#[tokio::test]
async fn scalars_given_twice_are_refused() {
    let app = app(Pagination::plain()).await;
    for name in ["cursor", "limit", "sort", "include_total"] {
        let detail = refused(&app, &format!("/api/products?{name}=1&{name}=1"), name).await;
        assert!(detail.contains("more than once"), "{detail}");
    }
}

#[tokio::test]
async fn queries_that_cannot_be_decoded_are_refused() {
    let app = app(Pagination::plain()).await;
    let long = format!("/api/products?x={}", "a".repeat(17_000));
    for uri in [
        "/api/products?limit=%ff",
        "/api/products?x=%zz",
        "/api/products?%c3=1",
        &long,
    ] {
        let (status, _, body) = send(&app, uri).await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::BAD_REQUEST, &Value::from("malformed_query"))
        );
    }
}

#[tokio::test]
async fn totals_follow_the_policy() {
    for (totals, total, relation) in [
        (Totals::Exact, 57, Value::Null),
        (Totals::Capped(57), 57, Value::Null),
        (Totals::Capped(56), 56, Value::from("at_least")),
        (Totals::Estimated, 57, Value::Null),
    ] {
        let app = app(Pagination::plain().totals(totals)).await;
        let body = ok(&app, "/api/products?include_total=true&limit=2").await;
        assert_eq!(
            (&body["total"], &body["total_relation"]),
            (&Value::from(total), &relation)
        );
        assert_eq!(
            ok(&app, "/api/products?include_total=false").await["total"],
            Value::Null
        );
    }
    let app = app(Pagination::plain().totals(Totals::Refused)).await;
    refused(&app, "/api/products?include_total=true", "include_total").await;
    refused(&app, "/api/products?include_total=1", "include_total").await;
}

#[tokio::test]
async fn parameters_of_the_other_kind_of_page_are_refused() {
    let app = app(Pagination::plain()).await;
    for name in ["page", "page_size", "offset"] {
        let detail = refused(&app, &format!("/api/products?{name}=2"), name).await;
        assert!(detail.contains("next_cursor"), "{detail}");
    }
    let detail = refused(&app, "/api/numbered?cursor=garbage", "cursor").await;
    assert!(detail.contains("page_size"), "{detail}");
}

#[tokio::test]
async fn filters_named_like_parameters_of_relay_bind_a_cursor() {
    let app = app(Pagination::plain()).await;
    for name in ["first", "last", "before", "after"] {
        let body = ok(&app, &format!("/api/products?limit=5&{name}=2024")).await;
        let cursor = body["next_cursor"].as_str().expect("a cursor");
        refused(
            &app,
            &format!("/api/products?limit=5&{name}=2025&cursor={cursor}"),
            "cursor",
        )
        .await;
    }
    refused(&app, "/api/relay?cursor=x", "cursor").await;
    refused(&app, "/api/relay?limit=2", "limit").await;
}

#[tokio::test]
async fn an_escaped_parameter_name_does_not_stay_in_links() {
    let app = app(Pagination::plain()).await;
    let (_, link, _) = send(&app, "/api/products?limit=5").await;
    let next = link_of(&link, "next")
        .expect("a link")
        .replace("cursor=", "curs%6Fr=");
    let (_, link, _) = send(&app, &next).await;
    let (status, ..) = send(&app, &link_of(&link, "next").expect("a link")).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_header_that_nobody_would_take_is_left_out() {
    let app = app(Pagination::plain()).await;
    let (status, link, body) = send(
        &app,
        &format!("/api/products?limit=5&x={}", "{".repeat(9000)),
    )
    .await;
    assert_eq!((status, link.as_str()), (StatusCode::OK, ""));
    assert!(body["next_cursor"].is_string());
}
