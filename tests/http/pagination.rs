//! Cursor pages, numbered pages and connections over HTTP.

use api_patterns::pagination::{
    Connection, CursorKey, CursorPage, Keyset, OffsetPage, OffsetRequest, PageRequest, Pagination,
    RelayRequest, Totals,
};
use api_patterns::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::routing::get;
use axum::{Router, http};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde::Serialize;
use serde_json::Value;
use sqlx::{Executor as _, FromRow, SqlitePool};
use tower::ServiceExt as _;

#[derive(Clone, Debug, Serialize, FromRow, Keyset)]
#[keyset(unique = id, default = "-created_at", sortable(created_at, price_cents, name, rating))]
struct Product {
    id: i64,
    name: String,
    price_cents: i64,
    rating: Option<f64>,
    created_at: i64,
}

async fn list(
    page: PageRequest<Product>,
    State(db): State<SqlitePool>,
) -> Result<CursorPage<Product>, Problem> {
    page.fetch(&db, |q| {
        q.push("SELECT * FROM products WHERE active = ")
            .push_bind(true);
    })
    .await
}

async fn numbered(
    page: OffsetRequest<Product>,
    State(db): State<SqlitePool>,
) -> Result<OffsetPage<Product>, Problem> {
    page.fetch(&db, |q| {
        q.push("SELECT * FROM products WHERE active = ")
            .push_bind(true);
    })
    .await
}

async fn relay(
    relay: RelayRequest<Product>,
    State(db): State<SqlitePool>,
) -> Result<Connection<Product>, Problem> {
    relay
        .connect(async |page| {
            page.fetch(&db, |q| drop(q.push("SELECT * FROM products").sql()))
                .await
        })
        .await
}

async fn app(pagination: Pagination) -> Router {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let db = options
        .connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    db.execute(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price_cents INTEGER NOT NULL, \
         rating REAL, created_at INTEGER NOT NULL, active BOOLEAN NOT NULL);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 57) \
         INSERT INTO products SELECT i, 'name ' || (i % 7), i % 5 * 100, iif(i % 3, i % 10, NULL), i / 4, 1 FROM n",
    )
    .await
    .expect("a catalogue");
    let routes = Router::new()
        .route("/products", get(list))
        .route("/others", get(list))
        .route("/numbered", get(numbered))
        .route("/relay", get(relay));
    Router::new()
        .nest("/api", routes)
        .layer(pagination)
        .with_state(db)
}

async fn send(app: &Router, uri: &str) -> (StatusCode, String, Value) {
    let request = Request::get(uri).body(Body::empty()).expect("a request");
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let link = headers
        .get("link")
        .map(|link| link.to_str().expect("ASCII").to_owned());
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (
        status,
        link.unwrap_or_default(),
        serde_json::from_slice(&body).expect("JSON"),
    )
}

async fn ok(app: &Router, uri: &str) -> Value {
    let (status, _, body) = send(app, uri).await;
    assert_eq!(status, StatusCode::OK, "{uri}: {body}");
    body
}

/// The detail of a 400 problem about `parameter`.
async fn refused(app: &Router, uri: &str, parameter: &str) -> String {
    let (status, _, body) = send(app, uri).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{uri}: {body}");
    assert_eq!(body["errors"][0]["parameter"], parameter, "{uri}: {body}");
    body["detail"].as_str().expect("a detail").to_owned()
}

fn key() -> CursorKey {
    CursorKey::new([1; 32]).expect("32 bytes")
}

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| item["id"].as_i64().expect("an id"))
        .collect()
}

#[tokio::test]
async fn the_first_page_has_the_promised_shape() {
    let app = app(Pagination::plain()).await;
    let (status, link, body) = send(&app, "/api/products?limit=3&sort=name").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(ids(&body), [7, 14, 21]);
    assert_eq!(body["previous_cursor"], Value::Null);
    assert_eq!(body["has_more"], true);
    let next = body["next_cursor"].as_str().expect("a cursor");
    assert_eq!(
        link,
        format!(
            "</api/products?limit=3&sort=name>; rel=\"first\", </api/products?limit=3&sort=name&cursor={next}>; rel=\"next\""
        )
    );
    let keys: Vec<_> = body.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys,
        ["has_more", "items", "next_cursor", "previous_cursor"]
    );
}

#[tokio::test]
async fn links_lead_through_all_rows_and_back() {
    for pagination in [
        Pagination::plain(),
        Pagination::signed([key()]),
        Pagination::sealed([key()]),
    ] {
        let app = app(pagination).await;
        let mut uri = "/api/products?limit=10&sort=-rating&x=%20".to_owned();
        let mut forward = Vec::new();
        let mut last;
        loop {
            let (_, link, body) = send(&app, &uri).await;
            forward.push(ids(&body));
            last = (link.clone(), body);
            match link_of(&link, "next") {
                Some(next) => uri = next,
                None => break,
            }
        }
        assert_eq!(forward.iter().map(Vec::len).sum::<usize>(), 57);
        assert_eq!(last.1["next_cursor"], Value::Null);
        let mut back = vec![ids(&last.1)];
        let mut link = last.0;
        while let Some(previous) = link_of(&link, "prev") {
            let (_, found, body) = send(&app, &previous).await;
            back.push(ids(&body));
            link = found;
        }
        back.reverse();
        assert_eq!(back, forward);
    }
}

fn link_of(header: &str, rel: &str) -> Option<String> {
    let end = format!("; rel=\"{rel}\"");
    let link = header.split(", ").find(|link| link.ends_with(&end))?;
    Some(link.strip_suffix(&end)?.trim_matches(['<', '>']).to_owned())
}

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
async fn what_is_no_cursor_is_refused() {
    for pagination in [
        Pagination::plain(),
        Pagination::signed([key()]),
        Pagination::sealed([key()]),
    ] {
        let app = app(pagination).await;
        let cursor = ok(&app, "/api/products?limit=5").await["next_cursor"].clone();
        let cursor = cursor.as_str().expect("a cursor").to_owned();
        let mut wrong = vec![
            String::new(),
            "garbage".to_owned(),
            "%00".to_owned(),
            "é".replace('é', "%C3%A9"),
            "A".repeat(5000),
            "A".repeat(4096),
            format!("{cursor}="),
            format!("{cursor}A"),
            format!("{cursor}AAAA"),
            // The version stands in the first four bits.
            format!("I{}", &cursor[1..]),
        ];
        wrong.extend((1..cursor.len()).map(|len| cursor[..len].to_owned()));
        for wrong in wrong {
            let detail = refused(
                &app,
                &format!("/api/products?limit=5&cursor={wrong}"),
                "cursor",
            )
            .await;
            assert!(detail.contains("start again without"), "{detail}");
        }
    }
}

#[tokio::test]
async fn no_character_of_a_signed_cursor_can_be_changed() {
    for pagination in [Pagination::signed([key()]), Pagination::sealed([key()])] {
        let app = app(pagination).await;
        let body = ok(&app, "/api/products?limit=5").await;
        let cursor = body["next_cursor"].as_str().expect("a cursor");
        assert!(cursor.len() <= 48, "{cursor}");
        for at in 0..cursor.len() {
            let other = if cursor.as_bytes()[at] == b'A' {
                "B"
            } else {
                "A"
            };
            let changed = format!("{}{other}{}", &cursor[..at], &cursor[at + 1..]);
            refused(
                &app,
                &format!("/api/products?limit=5&cursor={changed}"),
                "cursor",
            )
            .await;
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_query_is_refused() {
    for pagination in [
        Pagination::plain(),
        Pagination::signed([key()]),
        Pagination::sealed([key()]),
    ] {
        let app = app(pagination).await;
        let body = ok(&app, "/api/products?limit=5&sort=name&color=red").await;
        let cursor = body["next_cursor"].as_str().expect("a cursor");
        for uri in [
            "/api/products?limit=5&sort=-name&color=red",
            "/api/products?limit=5&sort=name,rating&color=red",
            "/api/products?limit=5&color=red",
            "/api/products?limit=5&sort=name&color=blue",
            "/api/products?limit=5&sort=name&color=red&size=1",
            "/api/products?limit=5&sort=name",
            "/api/others?limit=5&sort=name&color=red",
        ] {
            let detail = refused(&app, &format!("{uri}&cursor={cursor}"), "cursor").await;
            assert!(detail.contains("another query"), "{uri}: {detail}");
        }
        // The size of a page may change, and parameters may change places.
        ok(
            &app,
            &format!(
                "/api/products?color=red&limit=9&sort=name&cursor={cursor}&include_total=true"
            ),
        )
        .await;
    }
}

#[tokio::test]
async fn keys_rotate() {
    let other = || CursorKey::new([2; 32]).expect("32 bytes");
    let modes: [fn(Vec<CursorKey>) -> Pagination; 2] = [
        |keys| Pagination::signed(keys),
        |keys| Pagination::sealed(keys),
    ];
    for mode in modes {
        let old = app(mode(vec![key()])).await;
        let both = app(mode(vec![other(), key()])).await;
        let new = app(mode(vec![other()])).await;
        let body = ok(&old, "/api/products").await;
        let cursor = body["next_cursor"].as_str().expect("a cursor");
        let uri = format!("/api/products?cursor={cursor}");
        ok(&both, &uri).await;
        let detail = refused(&new, &uri, "cursor").await;
        assert!(detail.contains("signature"), "{detail}");
        let plain = app(Pagination::plain()).await;
        refused(&plain, &uri, "cursor").await;
    }
}

#[tokio::test]
async fn cursors_can_be_bound_to_the_caller() {
    let by_caller = Pagination::plain().bind_to(|parts| {
        let caller = parts.headers.get("x-caller")?;
        caller.to_str().ok().map(str::to_owned)
    });
    let app = app(by_caller).await;
    let of = |uri: String, caller: &'static str| {
        let request = Request::get(uri)
            .header("x-caller", caller)
            .body(Body::empty())
            .expect("a request");
        app.clone().oneshot(request)
    };
    let response = of("/api/products".to_owned(), "ann")
        .await
        .expect("an answer");
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let uri = format!(
        "/api/products?cursor={}",
        body["next_cursor"].as_str().expect("a cursor")
    );
    assert_eq!(
        of(uri.clone(), "ann").await.expect("an answer").status(),
        StatusCode::OK
    );
    assert_eq!(
        of(uri, "bob").await.expect("an answer").status(),
        StatusCode::BAD_REQUEST
    );
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

#[tokio::test]
async fn a_key_too_long_for_a_cursor_is_an_error_of_the_server() {
    let app = app(Pagination::plain().max_cursor(10)).await;
    let (status, _, body) = send(&app, "/api/products?limit=5").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.to_string().contains("max_cursor"), "{body}");
}

#[tokio::test]
async fn a_stream_yields_all_rows_once() {
    use std::pin::pin;
    let rows = |id| Product {
        id,
        name: String::new(),
        price_cents: id % 3,
        rating: None,
        created_at: 0,
    };
    let first = PageRequest::<Product>::start(&Pagination::plain(), Some("price_cents"), 7)
        .expect("allowed");
    let mut stream = pin!(first.stream(|page| std::future::ready(page.select((1..=50).map(rows)))));
    let mut seen = Vec::new();
    while let Some(row) =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(stream.as_mut(), context))
            .await
    {
        seen.push(row.expect("a row").id);
    }
    assert_eq!(seen.len(), 50);
    assert!(seen.is_sorted_by_key(|id| (id % 3, *id)));
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

#[tokio::test]
async fn pages_are_read_in_a_transaction_of_a_handler() {
    async fn in_transaction(
        page: PageRequest<Product>,
        State(db): State<SqlitePool>,
    ) -> Result<CursorPage<Product>, Problem> {
        let mut tx = db.begin().await.map_err(Problem::internal)?;
        let page = page.fetch(&mut *tx, |q| {
            q.push("SELECT * FROM products");
        });
        let page = page.await?;
        tx.commit().await.map_err(Problem::internal)?;
        Ok(page)
    }
    async fn numbered_in_transaction(
        page: OffsetRequest<Product>,
        State(db): State<SqlitePool>,
    ) -> Result<OffsetPage<Product>, Problem> {
        let mut connection = db.acquire().await.map_err(Problem::internal)?;
        let page = page.fetch(&mut *connection, |q| {
            q.push("SELECT * FROM products");
        });
        page.await
    }
    // That these are handlers is what matters: their futures are `Send`.
    let db = SqlitePool::connect_lazy("sqlite::memory:").expect("a pool");
    let _: Router = Router::new()
        .route("/a", get(in_transaction))
        .route("/b", get(numbered_in_transaction))
        .with_state(db);
}

#[test]
fn a_place_in_another_scan_is_refused() {
    use api_patterns::pagination::Scan;
    let scan = |sort| Scan::<Product>::new(&Pagination::plain(), Some(sort), []).expect("allowed");
    let product = Product {
        id: 1,
        name: String::new(),
        price_cents: 1,
        rating: None,
        created_at: 1,
    };
    let by_name = scan("name")
        .open(&scan("name").after(&product).expect("a cursor"))
        .expect("its own");
    let page =
        PageRequest::<Product>::start(&Pagination::plain(), Some("rating"), 5).expect("allowed");
    assert!(page.at(by_name).is_err());
}

#[tokio::test]
async fn a_stream_passes_text_that_no_cursor_holds() {
    use std::pin::pin;
    let rows = |id| Product {
        id,
        name: "x".repeat(9000),
        price_cents: 0,
        rating: None,
        created_at: 0,
    };
    let first =
        PageRequest::<Product>::start(&Pagination::plain(), Some("name"), 3).expect("allowed");
    let mut stream = pin!(first.stream(|page| std::future::ready(page.select((1..=10).map(rows)))));
    let mut seen = 0;
    while let Some(row) =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(stream.as_mut(), context))
            .await
    {
        row.expect("a row");
        seen += 1;
    }
    assert_eq!(seen, 10);
}
