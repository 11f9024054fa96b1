//! The routes, and the layers around them.

use std::time::Duration;

use api_patterns::links::LinksLayer;
use api_patterns::pagination::{Pagination, Totals};
use api_patterns::problem::{Problem, ProblemLayer};
use api_patterns::proxy::{BaseUrl, Proxies};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{ACCEPT_ENCODING, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_request;
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;
use utoipa_axum::router::OpenApiRouter;

use crate::categories::{self, Categories};
use crate::db::Db;
use crate::events::{self, Events};
use crate::health::{self, Draining};
use crate::images::{self, Images};
use crate::links::{self, BASE};
use crate::products::{self, Products};
use crate::reviews::{self, Reviews};
use crate::{docs, openapi, page, telemetry};

/// A hundred of the largest items fit.
const MAX_BODY: usize = 2 * 1024 * 1024;
const X_REQUEST_ID: &str = "x-request-id";
/// Longest time for one request, its body included.
const MAX_TIME: Duration = Duration::from_secs(10);

/// What handlers work with.
#[derive(Clone, Debug)]
pub(crate) struct Shop {
    pub(crate) db: Db,
    pub(crate) draining: Draining,
    pub(crate) products: Products,
    pub(crate) reviews: Reviews,
    pub(crate) images: Images,
    pub(crate) categories: Categories,
    pub(crate) events: Events,
}

impl Shop {
    /// The services over `db`.
    pub(crate) fn new(db: Db) -> Self {
        let categories = Categories::new(db.clone());
        let products = Products::new(db.clone(), categories.clone());
        Self {
            draining: Draining::default(),
            reviews: Reviews::new(db.clone(), products.clone()),
            images: Images::new(db.clone(), products.clone()),
            events: Events::new(db.clone()),
            products,
            categories,
            db,
        }
    }
}

/// Every route, below every layer.
pub(crate) fn router(
    shop: Shop,
    pagination: Pagination,
    base: BaseUrl,
    proxies: Proxies,
) -> Router {
    let pagination = pagination.totals(Totals::Exact);
    let links = LinksLayer::new()
        .offer(openapi::RENDERINGS)
        .base(base.clone())
        .items_in_header();
    let (routes, document) = described(pagination.clone(), links).split_for_parts();
    let routes = routes
        .merge(openapi::router(document, &pagination, base))
        .merge(docs::router())
        .merge(page::router())
        .with_state(shop);
    layered(routes, proxies)
}

/// The routes for programs, and their description.
pub(crate) fn described(pagination: Pagination, links: LinksLayer) -> OpenApiRouter<Shop> {
    let api = OpenApiRouter::new()
        .merge(products::router())
        .merge(reviews::router())
        .merge(images::router())
        .merge(categories::router())
        .merge(events::router())
        .layer(pagination);
    OpenApiRouter::with_openapi(openapi::introduction())
        .merge(links::router())
        .nest(BASE, api)
        .layer(links)
        .merge(health::router())
}

/// Requests meet the layers from the last line to the first.
fn layered(routes: Router, proxies: Proxies) -> Router {
    routes
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            MAX_TIME,
        ))
        .layer(CatchPanicLayer::custom(panicked))
        // Outside of whatever answers with a bare status, so that this becomes a problem too.
        .layer(ProblemLayer::new())
        .layer(SetResponseHeaderLayer::overriding(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(CompressionLayer::new())
        .layer(map_request(leave_identity))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(move |request: &Request| telemetry::span(request, &proxies))
                .on_response(DefaultOnResponse::new().level(Level::INFO)),
        )
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(map_request(drop_strange_id))
}

/// Longest request id that is taken from a client: it comes back in the answer and in each log line.
const MAX_REQUEST_ID: usize = 128;

/// A client may name its request by a token; in the place of anything else a new name is made.
async fn drop_strange_id(mut request: Request) -> Request {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    let name = request.headers().get(X_REQUEST_ID);
    let is_strange = name
        .is_some_and(|name| name.len() > MAX_REQUEST_ID || !name.as_bytes().iter().all(is_token));
    if is_strange {
        request.headers_mut().remove(X_REQUEST_ID);
    }
    request
}

/// A client that takes no encoding at all gets the plain one: the compression layer would answer
/// 406 after the handler has done its work.
async fn leave_identity(mut request: Request) -> Request {
    let refuses = |value: &HeaderValue| {
        let text: String = value
            .to_str()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let codings = text
            .split(',')
            .filter_map(|coding| coding.split_once(";q="));
        let refused = |(name, quality): (&str, &str)| {
            matches!(name, "identity" | "*")
                && quality.parse().is_ok_and(|quality: f32| quality == 0.0)
        };
        codings.into_iter().any(refused)
    };
    if request
        .headers()
        .get_all(ACCEPT_ENCODING)
        .iter()
        .any(refuses)
    {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    request
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Problem::internal(format!("a handler panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, header::CONTENT_TYPE};
    use axum::routing::get;
    use tower::ServiceExt as _;

    use api_patterns::proxy::Proxies;

    use super::layered;

    async fn assert_problem(routes: Router, status: u16) {
        let request = Request::get("/").body(Body::empty()).expect("a request");
        let response = layered(routes, Proxies::none())
            .oneshot(request)
            .await
            .expect("an answer");
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert!(response.headers().contains_key("x-request-id"));
    }

    #[tokio::test]
    async fn a_panic_is_a_500_problem() {
        async fn panics() {
            panic!("on purpose")
        }
        assert_problem(Router::new().route("/", get(panics)), 500).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_takes_too_long_is_a_503_problem() {
        let hangs = get(async || std::future::pending::<()>().await);
        assert_problem(Router::new().route("/", hangs), 503).await;
    }
}
