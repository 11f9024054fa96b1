//! Log lines: one per request, with the id that the client gets back.

use std::io::IsTerminal;

use api_patterns::proxy::Proxies;
use axum::extract::Request;
use tower_http::request_id::RequestId;
use tracing::Span;
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Writes log lines to standard output from now on.
pub fn init(format: LogFormat, filter: EnvFilter) {
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    match format {
        LogFormat::Text => lines
            .compact()
            .with_ansi(std::io::stdout().is_terminal())
            .init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}

/// The span of a request. The query stays out: cursors are long, and filters may be private.
/// The client is whom `proxies` name.
pub(crate) fn span(request: &Request, proxies: &Proxies) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default();
    let (method, path) = (request.method(), request.uri().path());
    let client = proxies.client(request).map(tracing::field::display);
    tracing::info_span!("request", %method, path, client, id)
}
