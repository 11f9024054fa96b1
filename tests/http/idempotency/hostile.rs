//! Keys that are no keys, and keys that belong to somebody or something else.

use api_patterns::idempotency::Principal;
use axum::Router;
use axum::body::Body;
use http::{HeaderName, HeaderValue, Request, StatusCode};

use super::{Runs, app, layer, order, place, plain, post_to, send};

async fn with_key(app: &Router, key: &[u8]) -> super::Reply {
    let key = HeaderValue::from_bytes(key).expect("a value");
    let request = Request::post("/orders").header("idempotency-key", key);
    send(app, request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn what_is_no_key_is_refused_before_anything_is_done() {
    let (runs, app) = plain();
    let long = "k".repeat(256);
    let longer = "k".repeat(10_000);
    let quoted = format!("\"{longer}\"");
    let values: [&[u8]; 17] = [
        b"",
        b"   ",
        b"\"\"",
        b"\"",
        b"\"a",
        b"a\"",
        b"a b",
        b"\"a b\"",
        b"a,b",
        b"\"a\", \"b\"",
        b"\"a\";p=1",
        b"a;p",
        br#""a\b""#,
        "schl\u{fc}ssel".as_bytes(),
        long.as_bytes(),
        longer.as_bytes(),
        quoted.as_bytes(),
    ];
    for value in values {
        let refused = with_key(&app, value).await;
        refused.expect_problem(400, "invalid_idempotency_key");
        assert_eq!(refused.json()["errors"][0]["header"], "Idempotency-Key");
        assert!(refused.body.len() < 600, "nothing long is echoed");
    }
    assert_eq!(runs.count(), 0);
    let longest = "k".repeat(255);
    assert_eq!(
        with_key(&app, longest.as_bytes()).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn two_fields_are_no_key() {
    let (runs, app) = plain();
    for other in ["a", "b"] {
        let request = order("a").header("idempotency-key", other);
        let refused = send(&app, request.body(Body::empty()).expect("a request")).await;
        refused.expect_problem(400, "invalid_idempotency_key");
    }
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let (runs, app) = plain();
    let first = place(&app, "a", r#"{"sku":1,"n":2}"#).await;
    let copy = place(&app, "a", "{\"n\": 2,\n \"sku\": 1}").await;
    assert_eq!((copy.is_replayed(), &copy.body), (true, &first.body));

    place(&app, "a", r#"{"sku":1,"n":3}"#)
        .await
        .expect_problem(422, "idempotency_key_reused");
    let body = r#"{"sku":1,"n":2}"#;
    let others = [
        order("a").uri("/orders?dry_run=1"),
        order("a").uri("/orders?"),
        order("a").header("content-type", "application/json"),
        Request::post("/orders").header("idempotency-key", "a"),
    ];
    for other in others {
        let refused = send(&app, other.body(body.into()).expect("a request")).await;
        refused.expect_problem(422, "idempotency_key_reused");
        assert_eq!(refused.json()["errors"][0]["header"], "Idempotency-Key");
    }
    // The record is none the worse.
    assert!(place(&app, "a", body).await.is_replayed());
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn one_route_with_other_parameters_is_another_request() {
    let (runs, app) = plain();
    let first = post_to(&app, "/orders/1/lines", "a").await;
    assert_eq!(first.status, StatusCode::CREATED);
    let other = post_to(&app, "/orders/2/lines", "a").await;
    other.expect_problem(422, "idempotency_key_reused");
    let queried = post_to(&app, "/orders?price=1", "q").await;
    assert_eq!(queried.status, StatusCode::CREATED);
    let other = post_to(&app, "/orders?price=2", "q").await;
    other.expect_problem(422, "idempotency_key_reused");
    // Another route and another method have keys of their own.
    assert_eq!(place(&app, "a", "").await.status, StatusCode::CREATED);
    let patch = order("a").method("PATCH").body(Body::empty());
    assert!(!send(&app, patch.expect("a request")).await.is_replayed());
    assert_eq!(runs.count(), 4);
}

#[tokio::test]
async fn chosen_fields_are_part_of_the_request() {
    let runs = Runs::default();
    let tenant = HeaderName::from_static("x-tenant");
    let app = app(&runs, layer().fingerprint_headers([tenant]));
    let ask = async |tenants: &[&'static str], kind: &'static str| {
        let mut request = Request::post("/orders")
            .header("idempotency-key", "a")
            .header("content-type", kind);
        for tenant in tenants {
            request = request.header("x-tenant", *tenant);
        }
        send(&app, request.body("{}".into()).expect("a request")).await
    };
    let first = ask(&["a", "b"], "text/plain").await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert!(ask(&["a", "b"], "text/html").await.is_replayed());
    for tenants in [&["ab"][..], &["a"], &[], &["a", "b", ""], &["b", "a"]] {
        let other = ask(tenants, "text/plain").await;
        other.expect_problem(422, "idempotency_key_reused");
    }
}

fn authorized(key: &str, credentials: &[&str]) -> Request<Body> {
    let mut request = order(key);
    for credentials in credentials {
        request = request.header("authorization", *credentials);
    }
    request.body("{}".into()).expect("a request")
}

#[tokio::test]
async fn keys_of_one_principal_are_nothing_to_another() {
    let (runs, app) = plain();
    let all: [&[&str]; 5] = [
        &[],
        &[""],
        &["Bearer one"],
        &["Bearer two"],
        &["Bearer", "one"],
    ];
    for (nth, credentials) in all.into_iter().enumerate() {
        let first = send(&app, authorized("a", credentials)).await;
        assert_eq!(first.json()["run"], nth + 1, "{credentials:?}");
    }
    for (nth, credentials) in all.into_iter().enumerate() {
        let copy = send(&app, authorized("a", credentials)).await;
        assert_eq!(
            (copy.is_replayed(), &copy.json()["run"]),
            (true, &(nth + 1).into())
        );
    }
    assert_eq!(runs.count(), 5);
}

#[tokio::test]
async fn the_app_says_who_the_principal_is() {
    let runs = Runs::default();
    let user = |parts: &http::request::Parts| {
        let user = parts.headers.get("x-user")?.to_str().ok()?;
        user.parse::<u64>().ok()
    };
    let app = app(&runs, layer().principal(user));
    let ask = async |user: Option<&str>, token: &str| {
        let mut request = order("a").header("authorization", token);
        if let Some(user) = user {
            request = request.header("x-user", user);
        }
        send(&app, request.body("{}".into()).expect("a request")).await
    };
    assert!(!ask(Some("1"), "old").await.is_replayed());
    assert!(ask(Some("1"), "renewed").await.is_replayed());
    assert!(!ask(Some("2"), "old").await.is_replayed());
    assert!(!ask(None, "old").await.is_replayed());
    assert!(ask(None, "other").await.is_replayed());
    assert_eq!(runs.count(), 3);
}

#[test]
fn principals_are_made_of_what_names_them() {
    assert_eq!(Principal::from(7_u64), Principal::from("7"));
    assert_eq!(Principal::from(None::<String>), Principal::anonymous());
    assert_ne!(Principal::from(""), Principal::anonymous());
    assert_ne!(Principal::from(Some(-1_i64)), Principal::from(1_i32));
    assert_eq!(
        Principal::from(b"a".to_vec()),
        Principal::from("a".to_owned())
    );
    assert!(!format!("{:?}", Principal::from("secret")).contains("secret"));
}
