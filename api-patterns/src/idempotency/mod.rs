//! Requests that are safe to repeat: `Idempotency-Key`.

mod store;

pub use self::store::{Answer, Claim, Effects, Fence, Fingerprint, Key, Reservation, Store};
