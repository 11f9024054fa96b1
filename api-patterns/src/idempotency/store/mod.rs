//! Where the records of requests are kept.

use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, HeaderMap, StatusCode};

use crate::storage::StoreError;

#[cfg(feature = "test-util")]
pub mod conformance;
#[cfg(any(feature = "redis", feature = "__sqlx"))]
mod fronted;
mod memory;
mod record;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "__sqlx")]
pub(super) mod sql;

#[cfg(any(feature = "redis", feature = "__sqlx"))]
pub use self::fronted::Fronted;
pub use self::memory::MemoryStore;
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
#[cfg(feature = "__sqlx")]
pub use self::sql::{RecordDatabase, SqlStore};

/// Keeps one record per request that is to have its effect once.
///
/// A record is *reserved* by the first copy of a request, for as long as a lease; it is *done* once
/// that copy has its answer, and then kept. Each reservation has a [`Fence`], greater than all
/// before it under the same key; whatever is done under an older one is refused. Every method is
/// one atomic step of the store, by the store's clock.
///
/// A store may take part in the request with a unit of work of its own, as a database does with a
/// transaction: the effect is then there if and only if the record is.
pub trait Store: Clone + Send + Sync + 'static {
    /// What one request does in this store beside its record; `()` where that is nothing.
    type Work: Send + 'static;

    /// Whether there is such work. Without it, requests without a key do not come here at all.
    /// Default: where [`Work`](Self::Work) has a size.
    const TAKES_PART: bool = size_of::<Self::Work>() > 0;

    /// Begins the work of a request, and leaves in `extensions` what its handler needs to take
    /// part. Called for every reservation, and for every covered request without a record, before
    /// its handler runs; it must not wait.
    fn begin(&self, extensions: &mut Extensions) -> Self::Work;

    /// Whether anything was begun in this work: what was not is not undone, and its answer is
    /// offered to the store again and then given, where it cannot be recorded. Default:
    /// [`TAKES_PART`](Self::TAKES_PART).
    fn has_begun(work: &Self::Work) -> bool {
        let _ = work;
        Self::TAKES_PART
    }

    /// Reserves the record of `key` for the time of `lease` if there is none, or none that still
    /// counts: an expired one, or a reservation whose lease is over.
    ///
    /// Of any number of concurrent calls exactly one is told [`Reservation::Reserved`].
    ///
    /// # Errors
    /// When the store cannot tell. The caller must then not go on as if it had a reservation.
    fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> impl Future<Output = Result<Reservation, StoreError>> + Send;

    /// Makes the lease of a reservation last for `lease` from now; `false` where somebody else has
    /// reserved the record since, or it is gone or done.
    ///
    /// # Errors
    /// When the store cannot tell.
    fn renew(
        &self,
        claim: &Claim,
        lease: Duration,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Ends a reservation with the answer, which is kept for `keep`. What was done in `work` comes
    /// to be in the same step under [`Effects::Keep`], and is undone before under
    /// [`Effects::Undo`]. `false` where the reservation is no longer the caller's: then nothing was
    /// kept, and what was done in `work` is undone.
    ///
    /// # Errors
    /// When the store cannot tell; nothing of `work` may be taken for done.
    fn complete(
        &self,
        claim: &Claim,
        work: Self::Work,
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Ends a reservation without an answer, so that the next copy runs, and undoes `work`. Does
    /// nothing to the record where it is no longer the caller's.
    ///
    /// # Errors
    /// When the store cannot be reached; the lease then ends the reservation.
    fn release(
        &self,
        claim: &Claim,
        work: Self::Work,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends the work of a request that has no record.
    ///
    /// # Errors
    /// When what was done could not be made to last, or may not have been.
    fn end(
        &self,
        work: Self::Work,
        effects: Effects,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Waits until the record of `key` may have changed, and no longer than `at_most`: for copies
    /// that wait for the answer of another. Returning early is no mistake, but costs a look at the
    /// record. Default: waits for the whole of `at_most`.
    fn changed(&self, key: &Key, at_most: Duration) -> impl Future<Output = ()> + Send {
        let _ = key;
        tokio::time::sleep(at_most)
    }
}

/// What becomes of what a handler did in the store's unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effects {
    /// It is made to last.
    Keep,
    /// It is undone.
    Undo,
}

/// What a record is found by: a digest of principal, method, route and the client's key, so that
/// it has one length and tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub(crate) [u8; 32]);

impl Key {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What tells requests under one key from one another: a digest of target, chosen fields and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub(crate) [u8; 32]);

impl Fingerprint {
    /// The fingerprint with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Which of the reservations of a key: the later, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fence(pub u64);

/// A reservation that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The record.
    pub key: Key,
    /// The reservation.
    pub fence: Fence,
}

/// What [`Store::reserve`] found.
#[derive(Clone, Debug)]
pub enum Reservation {
    /// Nothing that counts: the record is now the caller's.
    Reserved(Fence),
    /// Another copy is at work, with so much left of its lease.
    InFlight(Duration),
    /// The key belongs to another request, at work or done.
    Mismatch,
    /// The request is done, and this was the answer.
    Done(Answer),
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields, but those that belong to one response alone.
    pub headers: HeaderMap,
    /// The body; `None` where it was too long to be kept.
    pub body: Option<Bytes>,
}
