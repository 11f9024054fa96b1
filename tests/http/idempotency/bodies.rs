//! Bodies that are long, or break off; and which bodies are equal.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use api_patterns::idempotency::Fingerprint;
use axum::body::{Body, Bytes};
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, StreamBody};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Runs, app, layer, order, place, plain, send};

#[tokio::test]
async fn a_body_that_breaks_off_reserves_nothing() {
    let (runs, app) = plain();
    let parts = [Ok("[1,"), Err(io::Error::other("gone"))];
    let request = order("a").body(Body::from_stream(stream::iter(parts)));
    let refused = send(&app, request.expect("a request")).await;
    refused.expect_problem(400, "incomplete_body");
    assert_eq!(runs.count(), 0);
    let whole = place(&app, "a", "[1,2]").await;
    assert_eq!(
        (whole.status, whole.is_replayed()),
        (StatusCode::CREATED, false)
    );
}

#[tokio::test]
async fn a_body_longer_than_the_layer_allows_is_refused() {
    let runs = Runs::default();
    let app = app(&runs, layer().max_request(10));
    let known = Body::from("12345678901");
    let unknown = Body::from_stream(stream::iter(["123456", "78901"].map(Ok::<_, Infallible>)));
    for body in [known, unknown] {
        let refused = send(&app, order("a").body(body).expect("a request")).await;
        refused.expect_problem(413, "payload_too_large");
    }
    assert_eq!(runs.count(), 0);
    let longest = place(&app, "a", "1234567890").await;
    assert_eq!(longest.json()["length"], 10);
    // Without a key it is not read.
    let request = Request::post("/orders").body(Body::from("12345678901"));
    let passed = send(&app, request.expect("a request")).await;
    assert_eq!(passed.json()["length"], 11);
}

/// Says how long it is, and must not be read.
struct Untouchable(u64);

impl http_body::Body for Untouchable {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("it was read");
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

#[tokio::test]
async fn a_body_that_is_refused_is_not_read() {
    let (runs, app) = plain();
    let long = || Body::new(Untouchable(2 * 1024 * 1024 + 1));
    let too_long = send(&app, order("a").body(long()).expect("a request")).await;
    too_long.expect_problem(413, "payload_too_large");
    let no_key = send(&app, order("").body(long()).expect("a request")).await;
    no_key.expect_problem(400, "invalid_idempotency_key");
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn a_limit_of_another_layer_is_a_413_as_well() {
    let (runs, app) = plain();
    let body = http_body_util::Limited::new(Body::from("123456"), 5);
    let refused = send(&app, order("a").body(Body::new(body)).expect("a request")).await;
    refused.expect_problem(413, "payload_too_large");
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn a_handler_reads_all_frames_and_trailers() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-checksum", HeaderValue::from_static("1"));
    let frames = || {
        [
            Frame::data(Bytes::from_static(b"[1,")),
            Frame::data(Bytes::from_static(b"2]")),
            Frame::trailers(trailers.clone()),
        ]
    };
    let echo = async |body: Body| {
        let body = body.collect().await.expect("a body");
        let trailers = body.trailers().cloned().unwrap_or_default();
        (trailers, body.to_bytes())
    };
    let app = axum::Router::new()
        .route("/orders", axum::routing::post(echo))
        .layer(layer());
    for replayed in [false, true] {
        let body = StreamBody::new(stream::iter(frames().map(Ok::<_, Infallible>)));
        let reply = send(&app, order("a").body(Body::new(body)).expect("a request")).await;
        assert_eq!(
            (&reply.body[..], reply.is_replayed()),
            (&b"[1,2]"[..], replayed)
        );
        assert_eq!(reply.headers["x-checksum"], "1");
    }
}

fn fingerprint(kind: &str, body: &[u8]) -> Fingerprint {
    let request = Request::post("/orders").header(CONTENT_TYPE, kind);
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    Fingerprint::of(&parts, &[CONTENT_TYPE], body)
}

#[test]
fn equal_documents_have_equal_fingerprints() {
    let cases = [
        (r#"{"a":1,"b":2}"#, " {\t\"b\" :2,\n\"a\":1 }\r\n"),
        (r#"{"a":{"x":[],"y":null}}"#, r#"{"a":{"y":null,"x":[ ]}}"#),
        (
            r#"["\u0061\n\/\"\ud83d\ude00"]"#,
            "[\"a\\u000a/\\u0022\u{1f600}\"]",
        ),
        (r#"{"\u0061":1,"b":2}"#, r#"{"b":2,"a":1}"#),
        ("[true , 1.50]", "[true,1.50]"),
    ];
    for kind in [
        "application/json",
        "application/merge-patch+json; charset=utf-8",
    ] {
        for (one, other) in cases {
            let (one, other) = (one.as_bytes(), other.as_bytes());
            assert_eq!(fingerprint(kind, one), fingerprint(kind, other));
            assert_ne!(
                fingerprint("text/plain", one),
                fingerprint("text/plain", other)
            );
        }
    }
}

#[test]
fn other_documents_have_other_fingerprints() {
    let documents: [&[u8]; 32] = [
        b"",
        b"null",
        b"\"null\"",
        b"0",
        b"0.0",
        b"1",
        b"1.0",
        b"1e0",
        b"\"1\"",
        b"[]",
        b"{}",
        b"[1]",
        b"[1,1]",
        b"[[1],1]",
        b"[[1,1]]",
        b"[1,[1]]",
        b"[\"1\"]",
        b"[\"1,1\"]",
        b"{\"1\":1}",
        b"{\"a\":1}",
        b"{\"a\":\"1\"}",
        b"{\"a\":[1]}",
        b"{\"a\":{\"b\":1}}",
        b"{\"a\":1,\"a\":2}",
        b"{\"a\":2,\"a\":1}",
        b"[\"a\",1]",
        b"[\"\\ud800\"]",
        b"[\"\\udfff\"]",
        b"[\"\\\\ud800\"]",
        b"[1",
        b"[1 ",
        b"{\"a\":1",
    ];
    for (nth, one) in documents.iter().enumerate() {
        for other in &documents[..nth] {
            let text = String::from_utf8_lossy(one);
            let kind = "application/json";
            assert_ne!(fingerprint(kind, one), fingerprint(kind, other), "{text}");
        }
    }
}

#[test]
fn what_is_nested_deeply_is_compared_as_it_is_written() {
    let nested = |depth: usize, inner: &str| {
        format!("{}{inner}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes()
    };
    let kind = "application/json";
    let same = |depth| {
        let (one, other) = (nested(depth, "{\"a\":1}"), nested(depth, "{\"a\": 1}"));
        fingerprint(kind, &one) == fingerprint(kind, &other)
    };
    assert!(same(0) && same(15));
    assert!(!same(16) && !same(100));
    let long = |depth| {
        let text = "x".repeat(64 * 1024);
        let of = |inner: &str| nested(depth, &format!("{inner},\"{text}\""));
        let (one, other) = (of("{\"a\":1}"), of("{\"a\": 1}"));
        fingerprint(kind, &one) == fingerprint(kind, &other)
    };
    assert!(long(3) && !long(4));
    // Deeper than anybody reads.
    let bomb = nested(100_000, "");
    assert_ne!(fingerprint(kind, &bomb), fingerprint(kind, &bomb[1..]));
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        "[ab\\\\\"\u{e9}]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let members = prop::collection::btree_map("[ab\"]{0,2}", inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The document with members in the opposite order, white space, and every character escaped.
fn rewritten(value: &Value) -> String {
    let text = |text: &str| {
        let units = text.encode_utf16();
        let escaped: String = units.map(|unit| format!("\\u{unit:04x}")).collect();
        format!("\"{escaped}\"")
    };
    let within =
        |open, parts: Vec<String>, close| format!("{open} {}\n{close}", parts.join(" ,\t"));
    match value {
        Value::String(string) => text(string),
        Value::Array(items) => within('[', items.iter().map(rewritten).collect(), ']'),
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| format!("{}: {}", text(name), rewritten(value));
            within('{', Map::iter(members).rev().map(member).collect(), '}')
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn documents_are_equal_where_their_fingerprints_are(one in document(), other in document()) {
        let of = |text: &str| fingerprint("application/json", text.as_bytes());
        prop_assert_eq!(of(&one.to_string()), of(&rewritten(&one)));
        prop_assert_eq!(of(&one.to_string()) == of(&rewritten(&other)), one == other);
        let wrapped = json!([one, other]);
        prop_assert_ne!(of(&wrapped.to_string()), of(&one.to_string()));
    }
}
