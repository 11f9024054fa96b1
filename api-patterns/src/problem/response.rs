//! Problems as responses: rendering and the log.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};

use super::Problem;
use super::document::{Classic, Document};

pub(super) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How the client reads problems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rendering {
    /// RFC 9457.
    #[default]
    Details,
    /// The classic envelope.
    Classic,
}

/// Marks a response as a problem's, so that a layer can render it in another way.
#[derive(Clone)]
pub(super) struct Rendered(pub(super) Arc<Document>);

impl Document {
    /// Puts the body and what describes it into a response; the extension marks it.
    pub(super) fn render(&self, rendering: Rendering, headers: &mut HeaderMap) -> Body {
        let (json, content_type) = match rendering {
            Rendering::Details => (serde_json::to_vec(self), PROBLEM_JSON),
            Rendering::Classic => (serde_json::to_vec(&Classic(self)), JSON),
        };
        // Only JSON values and text are in a document, so this cannot fail.
        let json = json.unwrap_or_default();
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(header::CONTENT_LENGTH, json.len().into());
        Body::from(json)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let (document, mut headers) = self.into_public();
        let body = document.render(Rendering::Details, &mut headers);
        let mut response = Response::new(body);
        *response.status_mut() = document.status;
        *response.headers_mut() = headers;
        response
            .extensions_mut()
            .insert(Rendered(Arc::new(document)));
        response
    }
}

impl Problem {
    /// Tells the log about a 5xx.
    pub(crate) fn log(&self) {
        if self.status().is_server_error() {
            tracing::error!(
                status = self.status().as_u16(),
                code = self.get_code(),
                detail = self.get_detail(),
                error = self
                    .get_source()
                    .map(|source| tracing::field::display(Chain(source))),
                "request failed",
            );
        }
    }
}

/// An error and its sources: `outer: middle: root`.
struct Chain<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
