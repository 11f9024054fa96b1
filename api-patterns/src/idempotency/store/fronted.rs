//! [`Fronted`]: quick answers from one store, the truth from another.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Extensions;

use super::{Answer, Claim, Effects, Fence, Fingerprint, Key, Reservation, Store};
use crate::storage::StoreError;

/// For so long a front that has failed is not asked.
const REST: Duration = Duration::from_secs(1);

/// A reservation whose lease is over is forgotten when so many are known.
const TIDY_AT: usize = 1_024;

/// A store in front of another: Redis in front of the database that the effects are in.
///
/// Copies and replays are answered by the front, so that a storm of them does not reach the database.
/// Whoever gets a reservation there makes one behind as well, and only that one counts: what is
/// done, is done behind, with the effect, and then told to the front. So the front may lose what it
/// knows, lag or be away, and nothing happens twice: the one behind is asked then, and repairs it.
///
/// # Example
/// ```no_run
/// # #[cfg(all(feature = "postgres", feature = "redis"))]
/// # async fn run() -> Result<(), axum::BoxError> {
/// use api_patterns::idempotency::{IdempotencyLayer, RedisStore, SqlStore};
/// use api_patterns::storage::RedisConnection;
/// use sqlx::PgPool;
///
/// let redis = RedisConnection::new(redis::Client::open("redis://127.0.0.1/")?);
/// let database = SqlStore::new(PgPool::connect("postgres://localhost/shop").await?);
/// let layer = IdempotencyLayer::new(RedisStore::new(redis).in_front_of(database));
/// # let _ = layer;
/// # Ok(()) }
/// ```
///
/// # When the front fails
/// What it answers with an error is asked behind, and for the next second it is not asked at all, so
/// that a front that only times out delays few requests.
pub struct Fronted<F, B> {
    front: F,
    back: B,
    recall: Duration,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rests_until: Option<Instant>,
    /// The front's fences of reservations at work here.
    fences: HashMap<Claim, Front>,
}

struct Front {
    fence: Fence,
    lease_ends: Instant,
}

impl<F, B> Fronted<F, B> {
    /// `front` for quick answers, `back` for the truth.
    pub fn new(front: F, back: B) -> Self {
        Self {
            front,
            back,
            recall: Duration::from_secs(60),
            shared: Arc::default(),
        }
    }

    /// How long the front keeps an answer that it had lost and that was found behind. Default:
    /// a minute. A replay may come so much later than the record behind has expired.
    #[must_use]
    pub fn recall(mut self, recall: Duration) -> Self {
        self.recall = recall;
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the front is asked now.
    fn is_asked(&self) -> bool {
        let state = self.state();
        state
            .rests_until
            .is_none_or(|until| until <= Instant::now())
    }

    /// What the front answered, if it did.
    fn heard<T>(&self, answer: Result<T, StoreError>) -> Option<T> {
        match answer {
            Ok(answer) => {
                self.state().rests_until = None;
                Some(answer)
            }
            Err(error) => {
                tracing::warn!(%error, cause = ?error, "the store in front failed; the one behind is asked");
                self.state().rests_until = Some(Instant::now() + REST);
                None
            }
        }
    }

    fn remember(&self, claim: Claim, fence: Fence, lease: Duration) {
        let now = Instant::now();
        let mut state = self.state();
        if state.fences.len() >= TIDY_AT {
            // Those whose request was dropped and could not release them.
            state.fences.retain(|_, front| front.lease_ends > now);
        }
        let lease_ends = ends(now, lease);
        state.fences.insert(claim, Front { fence, lease_ends });
    }

    /// The front's claim of a reservation, if there is one.
    fn claim(&self, claim: &Claim, renewed_for: Duration) -> Option<Claim> {
        let mut state = self.state();
        let front = state.fences.get_mut(claim)?;
        front.lease_ends = ends(Instant::now(), renewed_for);
        Some(Claim {
            key: claim.key,
            fence: front.fence,
        })
    }

    fn forget(&self, claim: &Claim) -> Option<Claim> {
        let front = self.state().fences.remove(claim)?;
        Some(Claim {
            key: claim.key,
            fence: front.fence,
        })
    }
}

fn ends(now: Instant, lease: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(86_400 * 365);
    now + lease.min(FAR)
}

impl<F: Store, B: Store> Fronted<F, B> {
    /// Frees the record in front; where that fails, its lease does.
    async fn free(&self, claim: Claim) {
        self.free_with(claim, self.no_work()).await;
    }

    async fn free_with(&self, claim: Claim, work: F::Work) {
        let freed = self.front.release(&claim, work).await;
        self.heard(freed);
    }

    /// For what the front does beside a request.
    fn no_work(&self) -> F::Work {
        self.front.begin(&mut Extensions::new())
    }

    /// With a reservation in front, or without one: what the store behind says.
    async fn reserve_behind(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
        front: Option<Fence>,
    ) -> Result<Reservation, StoreError> {
        let found = self.back.reserve(key, fingerprint, lease).await;
        let Some(fence) = front else {
            return found;
        };
        let in_front = Claim { key: *key, fence };
        match &found {
            Ok(Reservation::Reserved(behind)) => {
                let (key, behind) = (*key, *behind);
                self.remember(Claim { key, fence: behind }, fence, lease);
            }
            Ok(Reservation::Done(answer)) => self.tell(in_front, answer).await,
            Ok(Reservation::InFlight(_) | Reservation::Mismatch) | Err(_) => {
                self.free(in_front).await;
            }
        }
        found
    }

    /// Tells the front what it did not know any more.
    async fn tell(&self, claim: Claim, answer: &Answer) {
        let work = self.no_work();
        let told = self
            .front
            .complete(&claim, work, Effects::Undo, answer, self.recall);
        self.heard(told.await);
    }
}

impl<F: Store, B: Store> Store for Fronted<F, B> {
    type Work = (F::Work, B::Work);

    const TAKES_PART: bool = F::TAKES_PART || B::TAKES_PART;

    fn begin(&self, extensions: &mut Extensions) -> Self::Work {
        let front = self.front.begin(extensions);
        (front, self.back.begin(extensions))
    }

    fn has_begun((front, back): &Self::Work) -> bool {
        F::has_begun(front) || B::has_begun(back)
    }

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        let mut fence = None;
        if self.is_asked() {
            let found = self.front.reserve(key, fingerprint, lease).await;
            match self.heard(found) {
                Some(Reservation::Reserved(reserved)) => fence = Some(reserved),
                Some(known) => return Ok(known),
                None => {}
            }
        }
        self.reserve_behind(key, fingerprint, lease, fence).await
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        let renewed = self.back.renew(claim, lease).await?;
        if renewed
            && let Some(in_front) = self.claim(claim, lease)
            && self.is_asked()
        {
            let told = self.front.renew(&in_front, lease).await;
            self.heard(told);
        }
        Ok(renewed)
    }

    async fn complete(
        &self,
        claim: &Claim,
        (front, back): Self::Work,
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        let in_front = self.forget(claim);
        let done = self.back.complete(claim, back, effects, answer, keep).await;
        if let Some(in_front) = in_front
            && self.is_asked()
        {
            match done {
                Ok(true) => {
                    let told = self.front.complete(&in_front, front, effects, answer, keep);
                    let told = told.await;
                    self.heard(told);
                }
                // Whoever comes next learns the truth behind.
                Ok(false) | Err(_) => self.free_with(in_front, front).await,
            }
        }
        done
    }

    async fn release(&self, claim: &Claim, (front, back): Self::Work) -> Result<(), StoreError> {
        let in_front = self.forget(claim);
        // First behind: who is let in by the front must find it free.
        let released = self.back.release(claim, back).await;
        if let Some(in_front) = in_front
            && self.is_asked()
        {
            self.free_with(in_front, front).await;
        }
        released
    }

    async fn end(&self, (front, back): Self::Work, effects: Effects) -> Result<(), StoreError> {
        let ended = self.back.end(back, effects).await;
        let effects = if ended.is_ok() {
            effects
        } else {
            Effects::Undo
        };
        self.front.end(front, effects).await.and(ended)
    }

    async fn changed(&self, key: &Key, at_most: Duration) {
        self.front.changed(key, at_most).await;
    }
}

impl<F: Clone, B: Clone> Clone for Fronted<F, B> {
    fn clone(&self) -> Self {
        Self {
            front: self.front.clone(),
            back: self.back.clone(),
            recall: self.recall,
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<F: fmt::Debug, B: fmt::Debug> fmt::Debug for Fronted<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fronted")
            .field("front", &self.front)
            .field("back", &self.back)
            .field("recall", &self.recall)
            .finish_non_exhaustive()
    }
}
