//! Payments that are made once, however often they are sent: kept for a day, shared by all copies.
//!
//! ```text
//! $ cargo run -p blocks --example idempotency
//! $ curl -i http://127.0.0.1:3000/payments -H 'Idempotency-Key: 8e03978e' --json '{"cents": 500}'
//! HTTP/1.1 201 Created
//! {"id":1,"cents":500}
//! $ curl -i http://127.0.0.1:3000/payments -H 'Idempotency-Key: 8e03978e' --json '{ "cents": 500 }'
//! HTTP/1.1 201 Created
//! idempotency-replayed: true
//! {"id":1,"cents":500}
//! $ curl http://127.0.0.1:3000/payments -H 'Idempotency-Key: 8e03978e' --json '{"cents": 900}'
//! {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"this `Idempotency-Key`
//!  belongs to a request with another target, …","code":"idempotency_key_reused","errors":[…]}
//! $ curl http://127.0.0.1:3000/payments --json '{"cents": 500}'
//! {"type":"about:blank","title":"Bad Request","status":400,…,"code":"idempotency_key_missing",…}
//! ```
//!
//! A payment takes a second here. Two copies at the same time: the second waits, and gets the answer
//! of the first. End `curl` in the middle and send the same again: the payment was made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, MemoryStore};
use api_patterns::problem::{Json, ProblemLayer};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct NewPayment {
    cents: u32,
}

#[derive(Serialize)]
struct Payment {
    id: u64,
    cents: u32,
}

static PAYMENTS: AtomicU64 = AtomicU64::new(0);

async fn pay(Json(payment): Json<NewPayment>) -> (StatusCode, Json<Payment>) {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let payment = Payment {
        id: PAYMENTS.fetch_add(1, Ordering::Relaxed) + 1,
        cents: payment.cents,
    };
    (StatusCode::CREATED, Json(payment))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new()
        .route("/payments", post(pay))
        .layer(
            IdempotencyLayer::new(MemoryStore::new())
                .required()
                .wait(Duration::from_secs(5)),
        )
        .layer(ProblemLayer::new());
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}
