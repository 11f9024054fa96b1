//! Problems: what the client reads, what the log keeps, and what of axum becomes one.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

mod derive;
mod diagnosis;
mod extract;
mod form;
mod layer;
mod masking;
mod property;
mod render;
mod validate;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }

    pub(crate) fn content_type(&self) -> &str {
        self.headers
            .get(header::CONTENT_TYPE)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// Place, code and detail of each entry of `errors`.
    pub(crate) fn errors(&self) -> Vec<(String, String, String)> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors
            .iter()
            .map(|error| {
                let place = ["pointer", "parameter", "header"]
                    .iter()
                    .find_map(|n| error.get(n));
                (
                    text(place.expect("a place")),
                    text(&error["code"]),
                    text(&error["detail"]),
                )
            })
            .collect()
    }

    pub(crate) fn places(&self) -> Vec<String> {
        self.errors().into_iter().map(|(place, ..)| place).collect()
    }
}

pub(crate) async fn send(app: &Router, request: Request<Body>) -> Answer {
    let response = app.clone().oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("readable").to_bytes();
    let body = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

pub(crate) async fn get(app: &Router, uri: &str) -> Answer {
    send(app, Request::get(uri).body(Body::empty()).expect("valid")).await
}

pub(crate) async fn post(app: &Router, uri: &str, content_type: &str, body: &str) -> Answer {
    let request = Request::post(uri).header(header::CONTENT_TYPE, content_type);
    send(
        app,
        request.body(Body::from(body.to_owned())).expect("valid"),
    )
    .await
}

/// What the calling thread logs while it lives.
pub(crate) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

struct Writer(Arc<Mutex<Vec<u8>>>);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(crate) fn start() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let sink = text.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || Writer(sink.clone()))
            .finish();
        Self {
            text,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        let text = String::from_utf8(self.text.lock().expect("not poisoned").clone());
        let text = text.expect("UTF-8");
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }
}
