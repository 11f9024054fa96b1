//! The shop: products and events behind an HTTP interface, with every block of `api-patterns` in
//! one real program.
//!
//! ```text
//! cargo run -p shop
//! curl 'http://127.0.0.1:3000/api/v1/products?sort=-rating,name&limit=1'
//! {"items":[{"id":6251,"sku":"ELE-06251","name":"Classic Bamboo Alarm Clock", …}],
//!  "next_cursor":"ELB8cwLiDwEA…","previous_cursor":null,"has_more":true}
//! curl 'http://127.0.0.1:3000/api/v1/products?sort=colour'
//! {"title":"Bad Request","status":400,"code":"invalid_parameter",
//!  "detail":"`sort`: cannot sort by `colour`; allowed are id, name, …", …}
//! curl -i http://127.0.0.1:3000/api/v1/products/7 | grep -i etag
//! etag: "1"
//! curl -X PATCH http://127.0.0.1:3000/api/v1/products/7 -H 'If-Match: "1"' \
//!      -H 'Content-Type: application/merge-patch+json' -d '{"rating":null}'
//! {"id":7, …, "rating":null, …}     and with the same If-Match again:
//! {"title":"Precondition Failed","status":412,"code":"precondition_failed", …}
//! curl http://127.0.0.1:3000/api/v1/products/bulk -H 'Idempotency-Key: 8e03978e' \
//!      -H 'Content-Type: application/json' \
//!      -d '{"items":[{"sku":"A-1","name":"Lamp","price_cents":1999},{"sku":"A-1","name":""}]}'
//! {"created":[{"id":10001, …}],"errors":[{"index":1,"status":422, …}]}     however often it is sent
//! ```
//!
//! Whatever writes does so in one transaction with the record of its `Idempotency-Key`: see `tx`
//! and `records`.
//!
//! Requests go from `routes` (HTTP) through `service` (what the shop does) to `repository` (SQL),
//! one folder per resource. A service knows nothing of HTTP but the problems it may answer with; a
//! repository knows nothing but statements.

mod app;
mod batch;
mod categories;
mod config;
mod connections;
mod db;
mod docs;
mod error;
mod events;
mod health;
mod images;
mod links;
mod openapi;
mod page;
mod products;
mod records;
mod redis;
mod reviews;
mod seed;
mod server;
mod settings;
pub mod telemetry;
mod timestamp;
mod tx;
mod validate;

pub use self::config::{Config, ConfigError, DatabaseUrl, LogFormat, RedisUrl};
pub use self::server::{Server, StartError};
