//! What all stores share.

mod error;

pub use self::error::{StoreError, StoreErrorKind};
