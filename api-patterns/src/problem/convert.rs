//! Which responses [`ProblemLayer`](super::ProblemLayer) changes, and into what.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::OriginalUri;
use axum::response::{IntoResponse, Response};
use http::response::Parts;
use http::{HeaderMap, Method, Request, header};
use http_body::Body as _;

use super::Problem;
use super::document::Document;
use super::layer::Settings;
use super::response::{Rendered, Rendering};

/// Longest text that becomes a detail, in bytes.
pub(super) const MAX_TEXT: usize = 4096;

/// What the layer remembers of a request.
pub(super) struct Seen {
    rendering: Rendering,
    is_head: bool,
    /// Only where it is asked for.
    path: Option<String>,
}

/// What becomes of a response.
pub(super) enum Plan {
    Pass,
    /// It is a problem already, but needs another rendering.
    Render(Arc<Document>),
    /// It is plain text, or empty, and becomes a problem.
    Read,
}

impl Seen {
    pub(super) fn new<B>(request: &Request<B>, settings: Settings) -> Self {
        Self {
            rendering: settings.rendering,
            is_head: request.method() == Method::HEAD,
            path: settings.instance.then(|| instance_of(request)),
        }
    }

    pub(super) fn plan(&self, response: &Response) -> Plan {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return Plan::Pass;
        }
        match response.extensions().get::<Rendered>() {
            Some(Rendered(document)) if self.changes(document) => Plan::Render(document.clone()),
            Some(_) => Plan::Pass,
            None if is_plain(response) => Plan::Read,
            None => Plan::Pass,
        }
    }

    fn changes(&self, document: &Document) -> bool {
        self.rendering != Rendering::Details || (self.path.is_some() && document.instance.is_none())
    }

    /// The response with the problem in this layer's rendering.
    pub(super) fn render(&self, document: &Document, response: Response) -> Response {
        let mut parts = response.into_parts().0;
        let mut document = document.clone();
        if document.instance.is_none() {
            document.instance = self.path.clone().map(Into::into);
        }
        let body = document.render(self.rendering, &mut parts.headers);
        parts.extensions.insert(Rendered(Arc::new(document)));
        // The body of a HEAD may be gone already, but its headers are those of the GET.
        let body = if self.is_head { Body::empty() } else { body };
        Response::from_parts(parts, body)
    }

    /// A problem with the status and the headers of the response, and its text.
    pub(super) fn convert(&self, mut parts: Parts, text: &[u8]) -> Response {
        let stripped = self.is_head && text.is_empty() && declares_content(&parts.headers);
        let problem = problem_of(&parts, text);
        let response = problem.into_response();
        let (mut made, body) = self.restate(response).into_parts();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            parts.headers.remove(name);
        }
        if stripped {
            // The text that the GET would have is unknown, and so is its length.
            made.headers.remove(header::CONTENT_LENGTH);
        }
        parts.headers.extend(made.headers);
        parts.extensions.extend(made.extensions);
        let body = if self.is_head { Body::empty() } else { body };
        Response::from_parts(parts, body)
    }

    fn restate(&self, response: Response) -> Response {
        match self.plan(&response) {
            Plan::Render(document) => self.render(&document, response),
            Plan::Pass | Plan::Read => response,
        }
    }
}

/// The text of a 4xx is written for the client, that of a 5xx for us.
fn problem_of(parts: &Parts, text: &[u8]) -> Problem {
    let text = String::from_utf8_lossy(text);
    let problem = Problem::new(parts.status);
    match text.trim() {
        "" => problem,
        text if parts.status.is_server_error() => problem.source(text.to_owned()),
        text => problem.detail(text.to_owned()),
    }
}

fn is_plain(response: &Response) -> bool {
    let headers = response.headers();
    let size = response.body().size_hint().exact();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return false;
    }
    match headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.as_bytes())
    {
        None => size == Some(0),
        Some(value) => is_text_plain(value) && size.is_some_and(|size| size <= MAX_TEXT as u64),
    }
}

fn is_text_plain(value: &[u8]) -> bool {
    let end = value
        .iter()
        .position(|&byte| byte == b';')
        .unwrap_or(value.len());
    value[..end]
        .trim_ascii()
        .eq_ignore_ascii_case(b"text/plain")
}

fn declares_content(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_LENGTH)
        .is_some_and(|length| length != "0")
}

/// The path as the client sent it, also under a nested router.
fn instance_of<B>(request: &Request<B>) -> String {
    let original = request.extensions().get::<OriginalUri>();
    let path = original
        .map_or(request.uri(), |original| &original.0)
        .path();
    // `//name` would be a reference to another host.
    format!("/{}", path.trim_start_matches('/'))
}
