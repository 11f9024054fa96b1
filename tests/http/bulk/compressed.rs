//! Lines through layers that compress and decompress.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, header};
use axum::response::Response as Answer;
use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;
use tower::{Layer as _, ServiceExt as _};
use tower_http::compression::CompressionLayer;
use tower_http::decompression::DecompressionLayer;

use super::lines::{app, json_lines, statuses};

/// An answer that was compressed on the way.
async fn import(app: Router, body: Body) -> Response<Body> {
    let compressed = async |answer: Answer| {
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip");
        answer
    };
    let app = app.layer(CompressionLayer::new());
    let app = app.layer(axum::middleware::map_response(compressed));
    let request = Request::post("/items").header(header::CONTENT_TYPE, "application/x-ndjson");
    let request = request.body(body).expect("valid");
    let answer = DecompressionLayer::new().layer(app).oneshot(request).await;
    answer.expect("infallible").map(Body::new)
}

#[tokio::test]
async fn an_answer_arrives_whole() {
    for lines in [0, 1, 3000] {
        let body = "{\"name\":\"a lamp\"}\n".repeat(lines);
        let body = import(app(), Body::from(body)).await.into_body();
        let answer = body.collect().await.expect("a whole body").to_bytes();
        let answer = json_lines(&answer);
        assert_eq!(answer.len(), lines + 1);
        assert_eq!(answer[lines]["summary"]["succeeded"], lines);
    }
}

/// A body of the lines that are sent, which breaks off after them.
fn lines_of(receive: mpsc::UnboundedReceiver<&'static str>) -> Body {
    let lines = stream::unfold(receive, async |mut receive| {
        let line = receive.recv().await?;
        Some((Ok(Bytes::from(line)), receive))
    });
    let broken = stream::once(async { Err(std::io::Error::other("gone")) });
    Body::from_stream(lines.chain(broken))
}

#[tokio::test]
async fn each_answer_comes_before_the_next_line_is_sent() {
    let (send, receive) = mpsc::unbounded_channel();
    let answer = import(app(), lines_of(receive)).await;
    let mut pieces = answer.into_body().into_data_stream();
    for index in 0..3 {
        send.send("{\"name\":\"a\"}\n").expect("the body is read");
        let piece = pieces.next().await.expect("an answer").expect("a piece");
        assert_eq!(statuses(&json_lines(&piece)), [(index, 201)]);
    }
    drop(send);
    let piece = pieces.next().await.expect("a summary").expect("a piece");
    let summary = &json_lines(&piece)[0]["summary"];
    assert_eq!(summary["problem"]["code"], "incomplete_body");
    pieces
        .next()
        .await
        .expect("an end")
        .expect_err("it is cut off");
}
