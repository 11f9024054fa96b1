//! The documentation at `/docs/`, where every route can be tried out: Swagger UI, embedded into the
//! program, and nothing from elsewhere.

use std::sync::Arc;

use api_patterns::conditional::{ETag, Preconditions};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    REFERRER_POLICY, VARY,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use utoipa_swagger_ui::{Config, serve};

/// Swagger UI writes styles into its elements and shows arrows from `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// What the page loads. All addresses are relative to it, so that a proxy may serve the shop under
/// a prefix.
const FILES: [&str; 8] = [
    "index.html",
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-16x16.png",
    "favicon-32x32.png",
];

/// `/docs/` with its files, and `/docs`, which leads there.
pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let config = Arc::new(config());
    let page = get(async || (StatusCode::PERMANENT_REDIRECT, [(LOCATION, "docs/")]));
    FILES
        .into_iter()
        .fold(Router::new().route("/docs", page), |router, name| {
            let file = File::new(name, config.clone());
            let path = format!("/docs/{}", name.trim_start_matches("index.html"));
            router.route(
                &path,
                get(async move |when: Preconditions| file.answer(&when)),
            )
        })
}

fn config() -> Config<'static> {
    Config::from("../openapi.json")
        .use_base_layout()
        .deep_linking(true)
        // The schemas stand with the operations; all of them together make the page slow.
        .default_models_expand_depth(0)
        .display_operation_id(true)
        .display_request_duration(true)
        .doc_expansion("list")
        .filter(true)
        .try_it_out_enabled(true)
        // Nothing is sent to the validator of Swagger's makers.
        .validator_url("none")
}

/// A file as it is sent, with its tag, which takes a while to make of so many bytes.
#[derive(Clone, Debug)]
struct File {
    kind: HeaderValue,
    is_compressed: bool,
    bytes: Bytes,
    tag: ETag,
}

impl File {
    fn new(name: &str, config: Arc<Config<'static>>) -> Self {
        let file = serve(name, config).ok().flatten();
        let file = file.expect("Swagger UI has this file");
        Self {
            kind: HeaderValue::try_from(file.content_type).expect("a media type"),
            is_compressed: file.gzpipped,
            tag: ETag::of(&file.bytes).weakened(),
            bytes: file.bytes.into_owned().into(),
        }
    }

    fn answer(&self, when: &Preconditions) -> Response {
        let headers = [
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (VARY, "accept-encoding"),
        ];
        let kind = [(CONTENT_TYPE, self.kind.clone())];
        let mut answer = (headers, kind, self.bytes.clone()).into_response();
        if self.is_compressed {
            let gzip = HeaderValue::from_static("gzip");
            answer.headers_mut().insert(CONTENT_ENCODING, gzip);
        }
        when.respond(self.tag.clone(), answer)
    }
}
