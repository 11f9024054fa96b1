//! What all stores share.

mod error;
#[cfg(any(feature = "redis", feature = "__sqlx"))]
mod time;

pub use self::error::{StoreError, StoreErrorKind};
#[cfg(any(feature = "redis", feature = "__sqlx"))]
pub(crate) use self::time::millis;
