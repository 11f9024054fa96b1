//! The page at `/`: its files, embedded into the program.

use api_patterns::conditional::{ETag, Preconditions};
use axum::Router;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use axum::response::Response;
use axum::routing::get;

/// Nothing but the files of this page, and requests to this service.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every file by its path. They name each other relative to the page, so that a proxy may serve the
/// shop under a prefix.
const FILES: [(&str, &str, &str); 8] = [
    ("/", HTML, include_str!("../assets/page.html")),
    ("/page.css", CSS, include_str!("../assets/page.css")),
    ("/page.js", SCRIPT, include_str!("../assets/page.js")),
    ("/bulk.js", SCRIPT, include_str!("../assets/bulk.js")),
    ("/changes.js", SCRIPT, include_str!("../assets/changes.js")),
    ("/detail.js", SCRIPT, include_str!("../assets/detail.js")),
    ("/links.js", SCRIPT, include_str!("../assets/links.js")),
    ("/view.js", SCRIPT, include_str!("../assets/view.js")),
];

/// The page and what it loads.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES
        .into_iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            let file = async move |when: Preconditions| serve(&when, kind, text);
            router.route(path, get(file))
        })
}

/// The file, or 304 to a client that has it. The names stay the same from version to version, so
/// caches ask each time.
fn serve(when: &Preconditions, kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (CONTENT_TYPE, kind),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept-encoding"),
    ];
    // Weak: the same text may be sent compressed.
    when.respond(ETag::of(text).weakened(), (headers, text))
}
