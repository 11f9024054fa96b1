//! What all stores share.

mod error;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "redis", feature = "__sqlx"))]
mod time;

pub use self::error::{StoreError, StoreErrorKind};
#[cfg(feature = "redis")]
pub use self::redis::RedisConnection;
#[cfg(any(feature = "redis", feature = "__sqlx"))]
pub(crate) use self::time::millis;
