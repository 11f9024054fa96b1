//! Whether the process runs, and whether it should be sent requests.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Shop;

/// Longest wait for a sign of life before the shop counts as not ready.
const WAIT: Duration = Duration::from_secs(2);

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

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    checks: Option<Checks>,
}

/// How the things are that the service needs.
#[derive(Debug, Serialize, ToSchema)]
struct Checks {
    database: Status,
    /// Only where the shop uses one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    redis: Option<Status>,
}

/// `draining` is a service that is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Draining,
    Unavailable,
}

/// `/health/live` and `/health/ready`.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(live))
        .routes(routes!(ready))
}

/// Whether the process runs
///
/// Asks nothing but the process itself: a database that is down is no reason to restart it.
#[utoipa::path(get, path = "/health/live", operation_id = "is_live", tag = "operations",
    responses((status = 200, description = "It runs", body = Health)))]
async fn live() -> impl IntoResponse {
    answer(StatusCode::OK, Status::Ok, None)
}

/// Whether to send requests
///
/// A service that is not ready may be so later, or is about to end.
#[utoipa::path(get, path = "/health/ready", operation_id = "is_ready", tag = "operations",
    responses(
        (status = 200, description = "It is ready", body = Health),
        (status = 503, description = "It is not ready, or about to end", body = Health),
    ))]
async fn ready(State(shop): State<Shop>) -> impl IntoResponse {
    if shop.draining.is_on() {
        return answer(StatusCode::SERVICE_UNAVAILABLE, Status::Draining, None);
    }
    let redis = async {
        match &shop.redis {
            Some(redis) => Some(check("Redis", redis.ping()).await),
            None => None,
        }
    };
    let (database, redis) = tokio::join!(check("the database", shop.db.ping()), redis);
    let checks = Some(Checks { database, redis });
    match [Some(database), redis].contains(&Some(Status::Unavailable)) {
        false => answer(StatusCode::OK, Status::Ok, checks),
        true => answer(StatusCode::SERVICE_UNAVAILABLE, Status::Unavailable, checks),
    }
}

async fn check<E: Debug>(name: &str, sign: impl Future<Output = Result<(), E>>) -> Status {
    match timeout(WAIT, sign).await {
        Ok(Ok(())) => Status::Ok,
        failure => {
            tracing::warn!(?failure, "{name} does not answer");
            Status::Unavailable
        }
    }
}

fn answer(code: StatusCode, status: Status, checks: Option<Checks>) -> impl IntoResponse {
    let body = Health { status, checks };
    (code, [(CACHE_CONTROL, "no-store")], Json(body))
}
