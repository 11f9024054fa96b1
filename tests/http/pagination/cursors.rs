//! Cursors: what they carry, what they are bound to, and what is refused.

use super::*;

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
            "</api/products?limit=3&sort=name>; rel=\"self\", </api/products?limit=3&sort=name>; rel=\"first\", </api/products?limit=3&sort=name&cursor={next}>; rel=\"next\""
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
async fn a_key_too_long_for_a_cursor_is_an_error_of_the_server() {
    let app = app(Pagination::plain().max_cursor(10)).await;
    let (status, _, body) = send(&app, "/api/products?limit=5").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!body.to_string().contains("max_cursor"), "{body}");
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
