//! Requests that are refused as a whole, before any item is run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api_patterns::bulk::{Bulk, BulkSettings, MultiStatus};
use api_patterns::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Request, header};
use axum::{Router, routing};
use serde_json::json;

use super::{Item, named, post};
use crate::problem::{Answer, send};

/// How many items were run.
type Runs = Arc<AtomicUsize>;

async fn count(State(runs): State<Runs>, Bulk(items): Bulk<Item>) -> MultiStatus<()> {
    let run = |_| async {
        runs.fetch_add(1, Ordering::Relaxed);
        Ok::<_, Problem>(())
    };
    items.run(run).await
}

fn counting() -> (Router, Runs) {
    let runs = Runs::default();
    let app = Router::new().route("/items", routing::post(count));
    (app.with_state(runs.clone()), runs)
}

async fn send_text(app: &Router, body: impl Into<Body>) -> Answer {
    let request = Request::post("/items").header(header::CONTENT_TYPE, "application/json");
    send(app, request.body(body.into()).expect("valid")).await
}

#[tokio::test]
async fn one_to_a_hundred_items_are_taken() {
    let (app, runs) = counting();
    for many in [0, 101, 5000] {
        let answer = post(&app, "/items", &named(std::iter::repeat_n("a", many))).await;
        assert_eq!(answer.status.as_u16(), 422, "{many}");
        assert_eq!(answer.places(), ["/items"]);
        let detail = format!("`items` must hold 1 to 100 items, and holds {many}");
        assert_eq!(answer.json()["detail"], detail);
    }
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    let answer = post(&app, "/items", &named(std::iter::repeat_n("a", 100))).await;
    assert_eq!(answer.status.as_u16(), 207);
    assert_eq!(runs.load(Ordering::Relaxed), 100);
}

#[tokio::test]
async fn another_document_is_refused_before_any_item_is_run() {
    let (app, runs) = counting();
    let table = [
        ("", 400, "malformed_json"),
        ("{\"items\":[{\"name\":\"a\"}", 400, "malformed_json"),
        ("{\"items\":[{\"name\":\"a\"}]} []", 400, "malformed_json"),
        (
            "{\"items\":[{\"name\":\"a\"},{\"name\":]}",
            400,
            "malformed_json",
        ),
        ("[{\"name\":\"a\"}]", 422, "invalid_body"),
        ("null", 422, "invalid_body"),
        ("{}", 422, "invalid_body"),
        ("{\"items\":{\"name\":\"a\"}}", 422, "invalid_body"),
        (
            "{\"items\":[{\"name\":\"a\"}],\"items\":[]}",
            422,
            "invalid_body",
        ),
        (
            "{\"items\":[{\"name\":\"a\"}],\"\\u0069tems\":[]}",
            422,
            "invalid_body",
        ),
        (
            "{\"items\":[{\"name\":\"a\"}],\"mode\":\"atomic\"}",
            422,
            "invalid_body",
        ),
    ];
    for (body, status, code) in table {
        let answer = send_text(&app, body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert_eq!(answer.json()["code"], code, "{body}");
    }
    let unknown = send_text(&app, "{\"mode\":1,\"items\":[]}").await.json();
    assert_eq!(unknown["detail"], "`mode` is not known; allowed: `items`");
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    let plain = Request::post("/items").body(Body::from("{\"items\":[1]}"));
    let answer = send(&app, plain.expect("valid")).await;
    assert_eq!(answer.status.as_u16(), 415);
    for (media_type, status) in [
        ("application/vnd.shop.v2+json", 207),
        ("application/json; charset=utf-8", 207),
        ("application/json-patch+json", 415),
        ("application/Merge-Patch+JSON; x=y", 415),
    ] {
        let request = Request::post("/items").header(header::CONTENT_TYPE, media_type);
        let request = request.body(Body::from("{\"items\":[{\"name\":\"a\"}]}"));
        let answer = send(&app, request.expect("valid")).await;
        assert_eq!(answer.status.as_u16(), status, "{media_type}");
    }
}

#[tokio::test]
async fn a_nesting_bomb_is_the_problem_of_its_item() {
    let (app, runs) = counting();
    let depth = 200_000;
    let bomb = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let body =
        format!("{{\"items\":[{{\"name\":\"a\"}},{bomb},{{\"name\":{bomb}}},{{\"name\":\"b\"}}]}}");
    let answer = send_text(&app, body).await;
    assert_eq!(answer.status.as_u16(), 207);
    let errors = answer.json()["errors"].take();
    let indexes = [&errors[0]["index"], &errors[1]["index"]];
    assert_eq!(indexes, [1, 2]);
    assert_eq!(runs.load(Ordering::Relaxed), 2, "its siblings are run");
    let unclosed = send_text(&app, format!("{{\"items\":[{}", "[".repeat(depth))).await;
    assert_eq!(unclosed.status.as_u16(), 400);
}

#[tokio::test]
async fn names_that_the_parser_keeps_for_itself_fail_alone() {
    let (app, _) = counting();
    let body = r#"{"items":[{"name":"a"},{"$serde_json::private::RawValue":"[1]"}]}"#;
    let answer = send_text(&app, body).await;
    assert_eq!(answer.json()["errors"][0]["index"], 1, "{}", answer.body);
    let body = r#"{"$serde_json::private::RawValue":"{\"items\":[1]}"}"#;
    assert_eq!(send_text(&app, body).await.status.as_u16(), 422);
}

/// A body of `pieces` pieces without a length, and how many of them were asked for.
fn streamed(piece: &'static [u8], pieces: usize) -> (Body, Runs) {
    let asked = Runs::default();
    let counter = asked.clone();
    let pieces = futures_util::stream::iter((0..pieces).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>(Bytes::from_static(piece))
    }));
    (Body::from_stream(pieces), asked)
}

#[tokio::test]
async fn fifty_megabytes_are_refused_without_being_read() {
    static PIECE: [u8; 64 * 1024] = [b' '; 64 * 1024];
    let (app, runs) = counting();
    // Without a length it is read up to the limit.
    let (body, asked) = streamed(&PIECE, 800);
    let answer = send_text(&app, body).await;
    assert_eq!(answer.status.as_u16(), 413);
    assert!(asked.load(Ordering::Relaxed) <= 33, "{asked:?}");
    assert_eq!(answer.json()["code"], "payload_too_large");
    // With one, nothing is.
    let whole = vec![b' '; 50 << 20];
    let answer = send_text(&app, whole).await;
    assert_eq!(answer.status.as_u16(), 413);
    assert_eq!(runs.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn the_byte_cap_is_axums_or_ones_own() {
    let body = json!({ "items": [{ "name": "x".repeat(3 << 20) }] });
    let statuses = async |app: Router| post(&app, "/items", &body).await.status.as_u16();
    assert_eq!(statuses(counting().0).await, 413);
    let raised = counting().0.layer(DefaultBodyLimit::max(4 << 20));
    assert_eq!(statuses(raised).await, 207);
    let disabled = counting().0.layer(DefaultBodyLimit::disable());
    assert_eq!(statuses(disabled).await, 207);
    let own = counting().0.layer(BulkSettings::new().max_bytes(4 << 20));
    assert_eq!(statuses(own).await, 207);
    let lower = counting().0.layer(BulkSettings::new().max_bytes(1 << 20));
    assert_eq!(statuses(lower).await, 413);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let (app, runs) = counting();
    let pieces = [
        Ok(Bytes::from_static(b"{\"items\":[{\"name\":\"a\"},")),
        Err(std::io::Error::other("gone")),
    ];
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let answer = send_text(&app, body).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert_eq!(answer.json()["code"], "incomplete_body");
    assert_eq!(runs.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_body_without_length_is_taken() {
    let (app, _) = counting();
    let pieces = [&b"{\"items\":[{\"na"[..], b"me\":\"a\"}", b"]}"];
    let pieces = pieces.map(|piece| Ok::<_, std::io::Error>(Bytes::from_static(piece)));
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    assert_eq!(send_text(&app, body).await.status.as_u16(), 207);
}
