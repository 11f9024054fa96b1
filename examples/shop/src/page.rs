//! The page at `/`: its files, embedded into the program.

use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, REFERRER_POLICY,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::tag::Tag;

/// Nothing but the files of this page, and requests to this service.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every file by its path. They name each other relative to the page, so that a proxy may serve the
/// shop under a prefix.
const FILES: [(&str, &str, &str); 6] = [
    ("/", HTML, include_str!("../assets/page.html")),
    ("/page.css", CSS, include_str!("../assets/page.css")),
    ("/page.js", SCRIPT, include_str!("../assets/page.js")),
    ("/detail.js", SCRIPT, include_str!("../assets/detail.js")),
    ("/links.js", SCRIPT, include_str!("../assets/links.js")),
    ("/view.js", SCRIPT, include_str!("../assets/view.js")),
];

/// The page and what it loads.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES
        .into_iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            let file = async move |headers: HeaderMap| serve(&headers, kind, text);
            router.route(path, get(file))
        })
}

/// The file, or 304 to a client that has it. The names stay the same from version to version, so
/// caches ask each time.
fn serve(request: &HeaderMap, kind: &'static str, text: &'static str) -> Response {
    let tag = Tag::of(text.as_bytes());
    let headers = [
        (ETAG, tag.as_str()),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
    ];
    if tag.is_known(request) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(CONTENT_TYPE, kind)], text).into_response()
}
