//! Whether the process runs, and whether it should be sent requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::time::timeout;

use crate::app::Shop;

/// Longest wait for the database before the shop counts as not ready.
const DATABASE: Duration = Duration::from_secs(2);

/// Whether the process is about to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    /// Turns readiness off, for good.
    pub(crate) fn start(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// `/health/live` and `/health/ready`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// Asks nothing but the process itself: a database that is down is no reason to restart it.
async fn live() -> impl IntoResponse {
    answer(StatusCode::OK, json!({ "status": "ok" }))
}

async fn ready(State(shop): State<Shop>) -> impl IntoResponse {
    if shop.draining.is_on() {
        return answer(
            StatusCode::SERVICE_UNAVAILABLE,
            json!({ "status": "draining" }),
        );
    }
    match timeout(DATABASE, shop.db.ping()).await {
        Ok(Ok(())) => answer(
            StatusCode::OK,
            json!({ "status": "ok", "checks": { "database": "ok" } }),
        ),
        failure => {
            tracing::warn!(?failure, "the database does not answer");
            let body = json!({ "status": "unavailable", "checks": { "database": "unavailable" } });
            answer(StatusCode::SERVICE_UNAVAILABLE, body)
        }
    }
}

fn answer(status: StatusCode, body: serde_json::Value) -> impl IntoResponse {
    (status, [(CACHE_CONTROL, "no-store")], Json(body))
}
