//! Numbered pages and Relay connections.

use super::*;

#[tokio::test]
async fn numbered_pages_link_to_each_other() {
    let app = app(Pagination::plain().totals(Totals::Exact)).await;
    let (_, link, body) = send(&app, "/api/numbered?page=2&page_size=20&sort=name&a=b").await;
    assert_eq!(
        (&body["total"], &body["page"], &body["page_size"]),
        (&57.into(), &2.into(), &20.into())
    );
    let uri = |page| format!("/api/numbered?sort=name&a=b&page={page}&page_size=20");
    for (rel, page) in [
        ("self", 2),
        ("first", 1),
        ("prev", 1),
        ("next", 3),
        ("last", 3),
    ] {
        assert_eq!(link_of(&link, rel), Some(uri(page)), "{rel}");
    }
    let (_, link, body) = send(&app, "/api/numbered?offset=50&limit=20").await;
    assert_eq!(
        (&body["offset"], &body["limit"], ids(&body).len()),
        (&50.into(), &20.into(), 7)
    );
    assert_eq!(link_of(&link, "next"), None);
    assert_eq!(
        link_of(&link, "prev").as_deref(),
        Some("/api/numbered?offset=30&limit=20")
    );
    assert_eq!(
        link_of(&link, "last").as_deref(),
        Some("/api/numbered?offset=50&limit=20")
    );
    let (_, link, body) = send(&app, "/api/numbered?page=40").await;
    assert_eq!(ids(&body), [0_i64; 0]);
    assert_eq!(
        link_of(&link, "prev").as_deref(),
        Some("/api/numbered?page=3&page_size=20")
    );
}

#[tokio::test]
async fn numbered_pages_see_each_row_once() {
    let app = app(Pagination::plain()).await;
    let mut seen = Vec::new();
    for page in 1..=6 {
        seen.extend(ids(&ok(
            &app,
            &format!("/api/numbered?page={page}&page_size=10&sort=rating"),
        )
        .await));
    }
    let cursor_order = ids(&ok(&app, "/api/products?limit=100&sort=rating").await);
    assert_eq!(seen, cursor_order);
}

#[tokio::test]
async fn numbered_pages_have_bounds() {
    let app = app(Pagination::plain().max_offset(100)).await;
    for (query, parameter) in [
        ("page=0", "page"),
        ("page=7", "page"),
        ("page=-1", "page"),
        ("page_size=101", "page_size"),
        ("offset=101", "offset"),
        ("offset=-1", "offset"),
        ("offset=x&limit=5", "offset"),
        ("limit=0", "limit"),
        ("page=1&offset=5", "offset"),
        ("page=1&limit=5", "limit"),
        ("page=1&page=2", "page"),
        ("sort=id", "sort"),
    ] {
        refused(&app, &format!("/api/numbered?{query}"), parameter).await;
    }
    ok(&app, "/api/numbered?page=6").await;
    ok(&app, "/api/numbered?offset=100").await;
}

#[tokio::test]
async fn numbered_pages_step_back_by_one_when_the_total_is_capped() {
    let app = app(Pagination::plain().totals(Totals::Capped(2))).await;
    let (_, link, body) = send(&app, "/api/numbered?page=5&page_size=10").await;
    assert_eq!(
        (&body["total"], &body["total_relation"]),
        (&2.into(), &"at_least".into())
    );
    let page = |page| Some(format!("/api/numbered?page={page}&page_size=10"));
    assert_eq!(
        (link_of(&link, "prev"), link_of(&link, "next")),
        (page(4), page(6))
    );
    let (_, link, _) = send(&app, "/api/numbered?page=6&page_size=10").await;
    assert_eq!(
        (link_of(&link, "next"), link_of(&link, "last")),
        (None, None)
    );
}

#[tokio::test]
async fn where_totals_are_refused_numbered_pages_count_as_far_as_they_reach() {
    let app = app(Pagination::plain().totals(Totals::Refused).max_offset(20)).await;
    let body = ok(&app, "/api/numbered?page_size=10").await;
    assert_eq!(
        (&body["total"], &body["total_relation"]),
        (&20.into(), &"at_least".into())
    );
}

#[tokio::test]
async fn connections_go_both_ways() {
    let app = app(Pagination::signed([key()])).await;
    let body = ok(&app, "/api/relay?first=10&sort=name&include_total=true").await;
    assert_eq!(body["totalCount"], 57);
    assert_eq!(body["pageInfo"]["hasNextPage"], true);
    assert_eq!(body["pageInfo"]["hasPreviousPage"], false);
    assert_eq!(body["pageInfo"]["endCursor"], body["edges"][9]["cursor"]);
    assert_eq!(body["pageInfo"]["startCursor"], body["edges"][0]["cursor"]);
    let node = |body: &Value, edge: usize| body["edges"][edge]["node"]["id"].clone();
    // Each edge's own cursor serves in both directions.
    let middle = body["edges"][5]["cursor"].as_str().expect("a cursor");
    let after = ok(
        &app,
        &format!("/api/relay?first=2&sort=name&after={middle}"),
    )
    .await;
    assert_eq!(
        (node(&after, 0), node(&after, 1)),
        (node(&body, 6), node(&body, 7))
    );
    let before = ok(
        &app,
        &format!("/api/relay?last=2&sort=name&before={middle}"),
    )
    .await;
    assert_eq!(
        (node(&before, 0), node(&before, 1)),
        (node(&body, 3), node(&body, 4))
    );
    refused(
        &app,
        &format!("/api/relay?first=2&before={middle}"),
        "before",
    )
    .await;
    refused(&app, "/api/relay?last=2", "last").await;
    refused(&app, "/api/relay?first=2&after=x", "after").await;
    refused(&app, "/api/relay?first=0", "first").await;
}
