//! The layer that makes tags of contents.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use api_patterns::conditional::{ETag, ETagLayer, Preconditions};
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};

use http::{HeaderMap, StatusCode};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

use crate::problem::{Answer, send};

async fn ask(app: &Router, method: &str, uri: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    send(app, request.body(Body::empty()).expect("a request")).await
}

fn app(layer: ETagLayer) -> Router {
    let stream = async || Body::from_stream(futures_util::stream::iter([Ok::<_, Infallible>("a")]));
    let version = async |when: Preconditions| when.respond(ETag::version(7), Json("text"));
    Router::new()
        .route("/text", get(async || "text").post(async || "text"))
        .route("/other", get(async || "other"))
        .route("/long", get(async || "x".repeat(1001)))
        .route("/empty", get(async || StatusCode::OK))
        .route("/stream", get(stream))
        .route("/created", get(async || (StatusCode::CREATED, "text")))
        .route(
            "/secret",
            get(async || ([("cache-control", "private, No-Store")], "text")),
        )
        .route("/own", get(async || ([("etag", "\"own\"")], "text")))
        .route(
            "/own-stream",
            get(async move || ([("etag", "\"own\"")], stream().await)),
        )
        .route("/odd", get(async || ([("etag", "own")], "text")))
        .route(
            "/dated",
            get(async || ([("last-modified", super::DATE)], "text")),
        )
        .route("/version", get(version))
        .layer(layer)
}

fn tag(answer: &Answer) -> &str {
    let tag = answer.headers.get("etag").map(|tag| tag.to_str());
    tag.transpose().expect("ASCII").unwrap_or_default()
}

#[tokio::test]
async fn a_content_is_its_tag() {
    let app = app(ETagLayer::new());
    let answer = ask(&app, "GET", "/text", &[]).await;
    assert_eq!(tag(&answer), ETag::of("text").weakened().to_string());
    assert_eq!((&*answer.body, answer.status), ("text", StatusCode::OK));
    assert_eq!(answer.headers["content-length"], "4");
    let other = ask(&app, "GET", "/other", &[]).await;
    assert_ne!(tag(&other), tag(&answer));
    // Inside a router the body of a HEAD is still there.
    let head = ask(&app, "HEAD", "/text", &[]).await;
    assert_eq!((tag(&head), &*head.body), (tag(&answer), ""));
    assert_eq!(head.headers["content-length"], "4");
    let empty = ask(&app, "GET", "/empty", &[]).await;
    assert_eq!(tag(&empty), ETag::of("").weakened().to_string());
    let strong = self::app(ETagLayer::new().strong());
    let strong = ask(&strong, "GET", "/text", &[]).await;
    assert_eq!(tag(&strong), ETag::of("text").to_string());
}

#[tokio::test]
async fn a_client_that_has_the_content_gets_304() {
    let app = app(ETagLayer::new());
    let weak = ETag::of("text").weakened().to_string();
    let strong = ETag::of("text").to_string();
    let coded = format!("\"other\", {}-gzip\"", strong.trim_end_matches('"'));
    for method in ["GET", "HEAD"] {
        for sent in [&*weak, &strong, &coded, "*"] {
            let answer = ask(&app, method, "/text", &[("if-none-match", sent)]).await;
            assert_eq!(
                (answer.status, &*answer.body),
                (StatusCode::NOT_MODIFIED, "")
            );
            assert_eq!(tag(&answer), weak);
            for name in ["content-type", "content-length"] {
                assert!(!answer.headers.contains_key(name), "{name}");
            }
        }
    }
    for sent in ["\"other\"", "malformed", "\"unclosed", "*, *"] {
        let answer = ask(&app, "GET", "/text", &[("if-none-match", sent)]).await;
        assert_eq!((answer.status, &*answer.body), (StatusCode::OK, "text"));
    }
    let answer = ask(&app, "GET", "/text", &[("if-match", "\"other\"")]).await;
    assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_tag_of_the_handler_is_kept_and_decides() {
    let app = app(ETagLayer::new());
    for uri in ["/own", "/own-stream"] {
        assert_eq!(tag(&ask(&app, "GET", uri, &[]).await), "\"own\"");
        let seen = ask(&app, "GET", uri, &[("if-none-match", "W/\"own\"")]).await;
        assert_eq!((seen.status, &*seen.body), (StatusCode::NOT_MODIFIED, ""));
        let other = ask(&app, "GET", uri, &[("if-none-match", "\"other\"")]).await;
        assert_eq!(
            (other.status, other.body.is_empty()),
            (StatusCode::OK, false)
        );
    }
    let odd = ask(&app, "GET", "/odd", &[("if-none-match", "*")]).await;
    assert_eq!((odd.status, tag(&odd)), (StatusCode::OK, "own"));
    // The handler has decided already, by more than the letters of the tag.
    for sent in ["\"7\"", "\"7-gzip\"", "\"7-hal+json\""] {
        let read = ask(&app, "GET", "/version", &[("if-match", sent)]).await;
        assert_eq!((read.status, tag(&read)), (StatusCode::OK, "\"7\""));
    }
    let version = ask(&app, "GET", "/version", &[("if-none-match", "\"7-gzip\"")]).await;
    assert_eq!(
        (version.status, tag(&version)),
        (StatusCode::NOT_MODIFIED, "\"7\"")
    );
}

#[tokio::test]
async fn a_date_of_the_handler_decides_where_no_tag_is_sent() {
    let app = app(ETagLayer::new());
    let since = ("if-modified-since", super::AFTER);
    assert_eq!(ask(&app, "GET", "/dated", &[since]).await.status, 304);
    let earlier = ("if-modified-since", super::BEFORE);
    assert_eq!(ask(&app, "GET", "/dated", &[earlier]).await.status, 200);
    let other = ("if-none-match", "\"other\"");
    assert_eq!(
        ask(&app, "GET", "/dated", &[since, other]).await.status,
        200
    );
}

#[tokio::test]
async fn everything_else_passes_untouched() {
    let app = app(ETagLayer::new().max_size(1000));
    let untouched = [
        ("POST", "/text", "text"),
        ("GET", "/stream", "a"),
        ("GET", "/long", &"x".repeat(1001)),
        ("GET", "/created", "text"),
        ("GET", "/secret", "text"),
        ("GET", "/nowhere", ""),
    ];
    for (method, uri, body) in untouched {
        let answer = ask(&app, method, uri, &[("if-none-match", "*")]).await;
        assert_eq!(tag(&answer), "", "{uri}");
        assert!(answer.status != 304 && answer.body == body, "{uri}");
    }
    let app = self::app(ETagLayer::new().max_size(1001));
    assert_ne!(tag(&ask(&app, "GET", "/long", &[]).await), "");
}

/// A body of these frames that says it is so long.
#[derive(Debug, Default)]
struct Frames {
    said: u64,
    frames: VecDeque<Result<Frame<Bytes>, &'static str>>,
    /// Whether every other time the next frame is not there yet.
    slow: bool,
    waited: bool,
}

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.slow && !std::mem::replace(&mut self.waited, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = false;
        Poll::Ready(self.frames.pop_front())
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.said)
    }
}

fn data(text: &'static str) -> Result<Frame<Bytes>, &'static str> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

async fn through(layer: ETagLayer, body: Frames) -> Response {
    let mut body = Some(body);
    let inner = service_fn(move |_: Request| {
        let body = body.take().expect("one request");
        async move { Ok::<_, Infallible>(http::Response::new(body)) }
    });
    let request = Request::new(Body::empty());
    layer
        .layer(inner)
        .oneshot(request)
        .await
        .expect("infallible")
}

#[tokio::test]
async fn a_body_in_pieces_is_sent_as_it_was() {
    let trailers = HeaderMap::from_iter([(http::header::EXPIRES, "0".parse().expect("0"))]);
    for slow in [false, true] {
        let frames = [
            data("te"),
            data(""),
            data("xt"),
            Ok(Frame::trailers(trailers.clone())),
        ];
        let body = Frames {
            said: 4,
            frames: frames.into(),
            slow,
            waited: false,
        };
        let response = through(ETagLayer::new(), body).await;
        let expected = ETag::of("text").weakened().to_string();
        assert_eq!(response.headers()["etag"], expected);
        assert_eq!(http_body::Body::size_hint(response.body()).exact(), Some(4));
        let body = response.into_body().collect().await.expect("whole");
        assert_eq!(body.trailers(), Some(&trailers));
        assert_eq!(body.to_bytes(), "text");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_has_no_tag_and_still_breaks_off() {
    let frames = [data("te"), Err("gone"), data("xt")];
    let body = Frames {
        said: 4,
        frames: frames.into(),
        ..Frames::default()
    };
    let response = through(ETagLayer::new(), body).await;
    assert!(!response.headers().contains_key("etag"));
    // Of two bytes it would seem to be whole.
    let hint = http_body::Body::size_hint(response.body());
    assert_eq!(hint.exact(), Some(4));
    let mut body = response.into_body();
    let first = body.frame().await.expect("a frame").expect("data");
    assert_eq!(first.into_data().expect("data"), "te");
    let error = body.frame().await.expect("a frame").expect_err("an error");
    assert!(error.to_string().contains("gone"), "{error}");
}

#[tokio::test]
async fn a_body_that_is_longer_than_it_said_is_not_held_back() {
    let frames = [data("te"), data("xt"), data("and more"), data("!")];
    let body = Frames {
        said: 4,
        frames: frames.into(),
        ..Frames::default()
    };
    let response = through(ETagLayer::new().max_size(5), body).await;
    assert!(!response.headers().contains_key("etag"));
    let body = response.into_body().collect().await.expect("whole");
    assert_eq!(body.to_bytes(), "textand more!");
}

/// Around a router the body of a HEAD is gone: it is not the empty content.
#[tokio::test]
async fn a_head_whose_body_is_gone_has_no_tag() {
    let routes = Router::new()
        .route("/", get(async || "text"))
        .route("/empty", get(async || StatusCode::OK));
    let service = ETagLayer::new().layer(routes);
    let head = async |uri: &str| {
        let request = Request::head(uri).body(Body::empty()).expect("a request");
        service.clone().oneshot(request).await.expect("infallible")
    };
    let response = head("/").await;
    assert_eq!(response.headers()["content-length"], "4");
    assert!(!response.headers().contains_key("etag"));
    let empty = head("/empty").await;
    assert_eq!(empty.headers()["etag"], ETag::of("").weakened().to_string());
}

#[tokio::test]
async fn errors_and_readiness_are_those_of_the_inner_service() {
    #[derive(Debug, PartialEq)]
    struct Broken;
    let inner = service_fn(async |_: Request| Err::<Response, _>(Broken));
    let answer = ETagLayer::new()
        .layer(inner)
        .oneshot(Request::new(Body::empty()));
    assert_eq!(answer.await.err(), Some(Broken));

    let mut busy = ETagLayer::new().layer(Busy { asked: 0 });
    let mut cx = Context::from_waker(std::task::Waker::noop());
    assert!(busy.poll_ready(&mut cx).is_pending());
    assert!(busy.poll_ready(&mut cx).is_ready());
    busy.call(Request::new(Body::empty())).await.expect("ready");
}

/// Ready when it is asked for the second time.
struct Busy {
    asked: u32,
}

impl tower::Service<Request> for Busy {
    type Response = Response;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.asked += 1;
        match self.asked {
            1 => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, _: Request) -> Self::Future {
        assert_eq!(self.asked, 2, "called before it was ready");
        std::future::ready(Ok(Response::new(Body::empty())))
    }
}
