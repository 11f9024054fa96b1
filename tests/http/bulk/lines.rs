//! Items as lines, run and answered as they arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use api_patterns::bulk::{BulkLines, BulkSettings};
use api_patterns::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, header};
use axum::response::IntoResponse;
use axum::{Router, routing};
use futures_util::{Stream, StreamExt as _, stream};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Item, take};

pub(super) fn app() -> Router {
    async fn import(lines: BulkLines<Item>) -> impl IntoResponse {
        lines.run(take)
    }
    async fn together(lines: BulkLines<Item>) -> impl IntoResponse {
        lines.batch(3).concurrency(4).run(take)
    }
    Router::new()
        .route("/items", routing::post(import))
        .route("/together", routing::post(together))
}

pub(super) async fn import(app: &Router, uri: &str, prefer: &str, body: Body) -> Response<Body> {
    let request = Request::post(uri)
        .header("prefer", prefer)
        .header(header::CONTENT_TYPE, "application/x-ndjson");
    let request = request.body(body).expect("valid");
    app.clone().oneshot(request).await.expect("infallible")
}

/// The lines of an answer that ends well.
async fn answer(app: &Router, uri: &str, prefer: &str, body: impl Into<Body>) -> Vec<Value> {
    let response = import(app, uri, prefer, body.into()).await;
    assert_eq!(response.status().as_u16(), 207);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/x-ndjson"
    );
    let body = response.into_body().collect().await.expect("a whole body");
    json_lines(&body.to_bytes())
}

pub(super) fn json_lines(body: &[u8]) -> Vec<Value> {
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| serde_json::from_slice(line).expect("JSON"))
        .collect()
}

pub(super) fn statuses(lines: &[Value]) -> Vec<(u64, u64)> {
    let number = |value: &Value| value.as_u64().expect("a number");
    let envelopes = lines.iter().filter(|line| line.get("index").is_some());
    envelopes
        .map(|line| (number(&line["index"]), number(&line["status"])))
        .collect()
}

fn pieces<const N: usize>(pieces: [&'static str; N]) -> Body {
    let pieces = pieces.map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
    Body::from_stream(stream::iter(pieces))
}

#[tokio::test]
async fn each_line_is_answered_on_its_own() {
    let body = "{\"name\":\"a\"}\r\n\n{\"name\":\"taken\"}\nnot JSON\n[[]\n{\"name\":\"\"}\n  \n{\"name\":\"b\"}";
    let together = answer(&app(), "/together", "", body).await;
    let lines = answer(&app(), "/items", "", body).await;
    assert_eq!(lines, together);
    assert_eq!(
        statuses(&lines),
        [(0, 201), (1, 409), (2, 400), (3, 400), (4, 422), (5, 201)]
    );
    assert_eq!(lines[0]["body"], json!({ "name": "a", "count": 0 }));
    assert_eq!(lines[4]["problem"]["errors"][0]["pointer"], "/name");
    let summary = json!({ "summary": { "items": 6, "succeeded": 2, "failed": 4 } });
    assert_eq!(lines[6], summary);
}

#[tokio::test]
async fn lines_may_come_in_any_pieces() {
    let body = pieces([
        "{\"na",
        "me\":\"a\"}\n{\"name\":\"b",
        "\"}\n",
        "",
        "{\"name\":\"c\"}",
    ]);
    let lines = answer(&app(), "/items", "", body).await;
    let names: Vec<_> = lines[..3]
        .iter()
        .map(|line| line["body"]["name"].clone())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test]
async fn nothing_is_answered_with_a_summary() {
    for body in ["", "\n\n", " \r\n"] {
        let lines = answer(&app(), "/items", "", body).await;
        let summary = json!({ "summary": { "items": 0, "succeeded": 0, "failed": 0 } });
        assert_eq!(lines, [summary], "{body:?}");
    }
}

/// As compression does.
#[tokio::test]
async fn an_answer_may_be_asked_for_more_after_its_end() {
    let response = import(&app(), "/items", "", Body::from("{\"name\":\"a\"}\n")).await;
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        frame.expect("a frame");
    }
    assert!(body.frame().await.is_none());
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn failures_alone_and_a_stop_are_a_choice() {
    let body = "{\"name\":\"a\"}\n{\"name\":\"taken\"}\n{\"name\":\"b\"}\n1\n{\"name\":\"c\"}\n";
    let lines = answer(&app(), "/items", "return=minimal", body).await;
    assert_eq!(statuses(&lines), [(1, 409), (3, 422)]);
    assert_eq!(lines[2]["summary"]["succeeded"], 3);
    let one_by_one = pieces([
        "{\"name\":\"a\"}\n",
        "{\"name\":\"taken\"}\n",
        "1\n",
        "{\"name\":\"c\"}\n",
    ]);
    let lines = answer(&app(), "/items?stop_after=1", "", one_by_one).await;
    assert_eq!(statuses(&lines), [(0, 201), (1, 409), (2, 424), (3, 424)]);
}

#[tokio::test]
async fn what_is_not_possible_is_refused_before_a_line_is_read() {
    for (uri, place) in [
        ("/items?mode=atomic", "mode"),
        ("/items?envelope=classic", "envelope"),
        ("/items?x=1", "x"),
    ] {
        let response = import(&app(), uri, "", Body::from("{\"name\":\"a\"}")).await;
        assert_eq!(response.status().as_u16(), 400);
        let body = response
            .into_body()
            .collect()
            .await
            .expect("a body")
            .to_bytes();
        let problem: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(problem["errors"][0]["parameter"], place);
    }
    let json = Request::post("/items").header(header::CONTENT_TYPE, "application/json");
    let json = json.body(Body::from("{}")).expect("valid");
    let response = app().oneshot(json).await.expect("infallible");
    assert_eq!(response.status().as_u16(), 415);
    assert_eq!(response.headers()[header::ACCEPT], "application/x-ndjson");
    let capped = app().layer(BulkSettings::new().max_stream_bytes(10));
    let response = import(&capped, "/items", "", Body::from("{\"name\":\"a\"}")).await;
    assert_eq!(response.status().as_u16(), 413);
}

#[tokio::test]
async fn a_line_that_is_too_long_fails_alone() {
    let app = app().layer(BulkSettings::new().max_line_bytes(20));
    let long = format!("{{\"name\":\"{}\"}}\n", "x".repeat(100_000));
    let body = format!("{{\"name\":\"a\"}}\n{long}{{\"name\":\"b\"}}\n");
    let lines = answer(&app, "/items", "", body).await;
    assert_eq!(statuses(&lines), [(0, 201), (1, 413), (2, 201)]);
    assert_eq!(lines[1]["problem"]["code"], "line_too_long");
}

/// What arrives of an answer that is cut off.
pub(super) async fn cut_off(response: Response<Body>) -> Vec<Value> {
    let mut frames = response.into_body().into_data_stream();
    let mut body = Vec::new();
    loop {
        match frames.next().await {
            Some(Ok(bytes)) => body.extend_from_slice(&bytes),
            Some(Err(_)) => return json_lines(&body),
            None => panic!("the answer ends as if it were whole"),
        }
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_cuts_off_the_answer() {
    let broken = stream::iter([
        Ok(Bytes::from_static(
            b"{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":",
        )),
        Err(std::io::Error::other("gone")),
    ]);
    let response = import(&app(), "/items", "", Body::from_stream(broken)).await;
    let lines = cut_off(response).await;
    assert_eq!(statuses(&lines), [(0, 201), (1, 201)]);
    assert_eq!(lines[2]["summary"]["problem"]["code"], "incomplete_body");
    assert_eq!(lines[2]["summary"]["succeeded"], 2);
}

#[tokio::test]
async fn a_body_beyond_the_cap_cuts_off_the_answer() {
    let capped = app().layer(BulkSettings::new().max_stream_bytes(30));
    let body = pieces([
        "{\"name\":\"a\"}\n",
        "{\"name\":\"b\"}\n",
        "{\"name\":\"c\"}\n",
    ]);
    let lines = cut_off(import(&capped, "/items", "", body).await).await;
    assert_eq!(statuses(&lines), [(0, 201), (1, 201)]);
    assert_eq!(lines[2]["summary"]["problem"]["code"], "payload_too_large");
}

#[tokio::test]
async fn a_client_that_waits_for_an_answer_gets_one() {
    let (send, receive) = tokio::sync::mpsc::unbounded_channel();
    let lines = stream::unfold(receive, async |mut receive| {
        let line: &'static str = receive.recv().await?;
        Some((Ok::<_, std::io::Error>(Bytes::from(line)), receive))
    });
    let response = import(&app(), "/items", "", Body::from_stream(lines)).await;
    let mut answers = response.into_body().into_data_stream();
    for name in ["{\"name\":\"a\"}\n", "{\"name\":\"b\"}\n"] {
        send.send(name).expect("the body is read");
        let answer = answers.next().await.expect("an answer").expect("a piece");
        assert_eq!(json_lines(&answer).len(), 1);
    }
    drop(send);
    let summary = answers.next().await.expect("a summary").expect("a piece");
    assert_eq!(json_lines(&summary)[0]["summary"]["items"], 2);
    assert!(answers.next().await.is_none());
}

/// A body of many lines; how many bytes of it were asked for is counted.
fn many(
    lines: usize,
    asked: Arc<AtomicUsize>,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    const LINES: usize = 100;
    let piece = Bytes::from("{\"name\":\"a lamp of some size\",\"count\":7}\n".repeat(LINES));
    stream::iter((0..lines / LINES).map(move |_| {
        asked.fetch_add(piece.len(), Ordering::Relaxed);
        Ok(piece.clone())
    }))
}

/// A million lines would be held as a whole by a million bytes and more; what is in flight is read
/// and not yet answered. Every line has the same length, and so has nearly every answer.
#[tokio::test]
async fn a_hundred_thousand_lines_are_never_held() {
    let lines = 100_000;
    let asked = Arc::new(AtomicUsize::new(0));
    let running = Arc::new(AtomicUsize::new(0));
    let read = running.clone();
    let import_lines = move |lines: BulkLines<Item>| async move {
        lines.run(move |item| {
            read.fetch_add(1, Ordering::Relaxed);
            async move { Ok::<_, Problem>(item.count) }
        })
    };
    let app = Router::new().route("/items", routing::post(import_lines));
    let body = Body::from_stream(many(lines, asked.clone()));
    let response = import(&app, "/items", "", body).await;
    let mut answers = response.into_body().into_data_stream();
    let (mut answered, mut largest, mut ahead) = (0, 0, 0);
    while let Some(piece) = answers.next().await {
        let piece = piece.expect("a whole body");
        largest = largest.max(piece.len());
        answered += piece.iter().filter(|byte| **byte == b'\n').count();
        let line = "{\"name\":\"a lamp of some size\",\"count\":7}\n".len();
        ahead = ahead.max((asked.load(Ordering::Relaxed) / line).saturating_sub(answered));
    }
    assert_eq!(answered, lines + 1, "each line, and the summary");
    assert_eq!(running.load(Ordering::Relaxed), lines);
    assert!(largest < 16 << 10, "{largest} bytes of answers at a time");
    assert!(
        ahead <= 200,
        "{ahead} lines were read before they were answered"
    );
}

#[tokio::test]
async fn nothing_is_read_for_a_client_that_does_not() {
    let asked = Arc::new(AtomicUsize::new(0));
    let body = Body::from_stream(many(100_000, asked.clone()));
    let response = import(&app(), "/items", "", body).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    let mut answers = response.into_body().into_data_stream();
    drop(answers.next().await);
    let first = asked.load(Ordering::Relaxed);
    drop(answers);
    assert!(first < 16 << 10, "{first} bytes were read for one piece");
    assert_eq!(asked.load(Ordering::Relaxed), first);
}
