//! Requests that are safe to repeat: `Idempotency-Key`.

mod body;
mod claim;
mod config;
mod digest;
mod exchange;
mod fingerprint;
mod future;
mod key;
mod layer;
mod refusal;
mod replay;
mod scope;
mod service;
mod store;
#[cfg(feature = "__sqlx")]
mod work;

pub use self::config::StoreFailure;
pub use self::future::ResponseFuture;
pub use self::key::{IdempotencyKey, InvalidKey};
pub use self::layer::IdempotencyLayer;
pub use self::scope::Principal;
pub use self::service::IdempotencyService;
#[cfg(feature = "test-util")]
pub use self::store::conformance;
pub use self::store::{
    Answer, Claim, Effects, Fence, Fingerprint, Key, MemoryStore, Reservation, Store,
};
#[cfg(any(feature = "redis", feature = "__sqlx"))]
pub use self::store::Fronted;
#[cfg(feature = "redis")]
pub use self::store::RedisStore;
#[cfg(feature = "__sqlx")]
pub use self::store::{RecordDatabase, SqlStore};
#[cfg(feature = "__sqlx")]
pub use self::work::{SqlWork, Work, WorkTransaction};
