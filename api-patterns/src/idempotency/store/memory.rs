//! [`MemoryStore`]: records in the memory of one process.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, HeaderMap};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{Answer, Claim, Effects, Fence, Fingerprint, Key, Reservation, Store};
use crate::storage::{StoreError, StoreErrorKind};

/// Keeps records in the memory of this process: for one instance, and for tests.
///
/// It holds 100,000 records with answers of 64 MiB, or what [`with_limits`](Self::with_limits)
/// says, and does not forget what it has promised to keep. Where all records still count, a new key
/// is refused ([`StoreErrorKind::Full`]); where only the bytes are used up, a record is kept without
/// its answer's header fields and body. Records whose time is over make room when it is needed:
/// there is no task in the background.
///
/// Clones share their records. Copies that wait are woken as soon as there is an answer.
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

struct Inner {
    shards: [Mutex<Shard>; SHARDS],
    records: Budget,
    bytes: Budget,
    fences: AtomicU64,
}

/// So that requests with different keys seldom wait for one another. Each costs a look where the
/// store is full, so not many more.
const SHARDS: usize = 32;

const RECORDS: usize = 100_000;
const BYTES: usize = 64 * 1024 * 1024;

/// A number that is shared by all shards and never exceeded.
struct Budget {
    used: AtomicUsize,
    limit: usize,
}

#[derive(Default)]
struct Shard {
    records: HashMap<Key, Record>,
    /// All records, in the order in which their time is over.
    ends: BTreeSet<(Instant, Key)>,
}

struct Record {
    fingerprint: Fingerprint,
    fence: Fence,
    ends: Instant,
    state: State,
}

enum State {
    /// Whoever waits is told through this; nobody waits by default.
    Reserved(Option<Arc<Notify>>),
    Done(Arc<Answer>),
}

impl MemoryStore {
    /// An empty store with the default limits.
    pub fn new() -> Self {
        Self::with_limits(RECORDS, BYTES)
    }

    /// An empty store for so many records, whose answers have so many bytes (names and values of
    /// header fields, and bodies) together.
    pub fn with_limits(records: usize, bytes: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                shards: std::array::from_fn(|_| Mutex::default()),
                records: Budget::new(records),
                bytes: Budget::new(bytes),
                fences: AtomicU64::new(1),
            }),
        }
    }

    /// How many records there are, with those whose time is over and that nobody has cleared away.
    pub fn records(&self) -> usize {
        self.inner.records.used.load(Ordering::Relaxed)
    }

    /// How many bytes the answers have.
    pub fn bytes(&self) -> usize {
        self.inner.bytes.used.load(Ordering::Relaxed)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("records", &self.records())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

impl Budget {
    fn new(limit: usize) -> Self {
        Self {
            used: AtomicUsize::new(0),
            limit,
        }
    }

    /// Takes so much, where there is so much left.
    fn take(&self, amount: usize) -> bool {
        let take = |used: usize| used.checked_add(amount).filter(|sum| *sum <= self.limit);
        let order = Ordering::Relaxed;
        self.used.fetch_update(order, order, take).is_ok()
    }

    fn give_back(&self, amount: usize) {
        self.used.fetch_sub(amount, Ordering::Relaxed);
    }
}

impl Inner {
    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        lock(&self.shards[usize::from(key.0[0]) % SHARDS])
    }

    /// Takes a record from the budget, after clearing away what no longer counts if it must.
    fn take_record(&self, now: Instant) -> bool {
        if self.records.take(1) {
            return true;
        }
        self.shards.iter().for_each(|shard| {
            lock(shard).sweep(self, now, usize::MAX);
        });
        self.records.take(1)
    }

    /// The answer as there is room for it.
    fn admit(&self, answer: &Answer, now: Instant) -> Answer {
        let size = size_of(answer);
        if self.bytes.take(size) {
            return answer.clone();
        }
        self.shards.iter().for_each(|shard| {
            lock(shard).sweep(self, now, usize::MAX);
        });
        if self.bytes.take(size) {
            return answer.clone();
        }
        Answer {
            status: answer.status,
            headers: HeaderMap::new(),
            body: None,
        }
    }

    fn reserve(&self, key: &Key, asked: &Fingerprint, lease: Duration) -> Found {
        let now = Instant::now();
        {
            let mut shard = self.shard(key);
            shard.sweep(self, now, 2);
            if let Some(found) = shard.look(key, asked, now) {
                return found;
            }
        }
        // The shard is free meanwhile: making room takes all of them, one at a time.
        let has_room = self.take_record(now);
        let mut shard = self.shard(key);
        if let Some(found) = shard.look(key, asked, now) {
            if has_room {
                self.records.give_back(1);
            }
            return found;
        }
        // What is there no longer counts.
        shard.remove(self, key);
        if !has_room {
            return Found::Full;
        }
        let fence = Fence(self.fences.fetch_add(1, Ordering::Relaxed));
        let record = Record {
            fingerprint: *asked,
            fence,
            ends: after(now, lease),
            state: State::Reserved(None),
        };
        shard.ends.insert((record.ends, *key));
        shard.records.insert(*key, record);
        Found::Reserved(fence)
    }

    fn complete(&self, claim: &Claim, answer: &Answer, keep: Duration) -> bool {
        let now = Instant::now();
        let answer = self.admit(answer, now);
        let size = size_of(&answer);
        let mut shard = self.shard(&claim.key);
        let done = shard.renew(claim, after(now, keep), |state| {
            let before = std::mem::replace(state, State::Done(Arc::new(answer)));
            before.tell();
        });
        drop(shard);
        if !done {
            self.bytes.give_back(size);
        }
        done
    }

    fn release(&self, claim: &Claim) {
        let mut shard = self.shard(&claim.key);
        if shard.reserved(claim).is_some() {
            shard.remove(self, &claim.key);
        }
    }
}

/// What a look at a record finds; the answer is copied when the shard is free again.
enum Found {
    Reserved(Fence),
    InFlight(Duration),
    Mismatch,
    Done(Arc<Answer>),
    Full,
}

impl Shard {
    /// What is there and counts.
    fn look(&self, key: &Key, asked: &Fingerprint, now: Instant) -> Option<Found> {
        let record = self.records.get(key)?;
        let left = record.ends.saturating_duration_since(now);
        (!left.is_zero()).then(|| match &record.state {
            _ if record.fingerprint != *asked => Found::Mismatch,
            State::Reserved(_) => Found::InFlight(left),
            State::Done(answer) => Found::Done(answer.clone()),
        })
    }

    fn reserved(&mut self, claim: &Claim) -> Option<&mut Record> {
        let record = self.records.get_mut(&claim.key)?;
        let held = record.fence == claim.fence && matches!(record.state, State::Reserved(_));
        held.then_some(record)
    }

    /// Gives the claimed record another end and state; `false` where it is not there.
    fn renew(&mut self, claim: &Claim, ends: Instant, change: impl FnOnce(&mut State)) -> bool {
        let Some(record) = self.reserved(claim) else {
            return false;
        };
        change(&mut record.state);
        let before = std::mem::replace(&mut record.ends, ends);
        self.ends.remove(&(before, claim.key));
        self.ends.insert((ends, claim.key));
        true
    }

    fn remove(&mut self, inner: &Inner, key: &Key) {
        let Some(record) = self.records.remove(key) else {
            return;
        };
        self.ends.remove(&(record.ends, *key));
        inner.records.give_back(1);
        if let State::Done(answer) = &record.state {
            inner.bytes.give_back(size_of(answer));
        }
        record.state.tell();
    }

    /// Removes up to `most` records whose time is over.
    fn sweep(&mut self, inner: &Inner, now: Instant, most: usize) {
        for _ in 0..most {
            match self.ends.first() {
                Some(&(ends, key)) if ends <= now => self.remove(inner, &key),
                _ => return,
            }
        }
    }
}

impl State {
    /// Tells whoever waits for the end of a reservation.
    fn tell(self) {
        if let Self::Reserved(Some(notify)) = self {
            notify.notify_waiters();
        }
    }
}

/// Nothing panics under these locks but for want of memory.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A hundred years stand for what is later than the clock can tell.
fn after(now: Instant, time: Duration) -> Instant {
    now + time.min(Duration::from_secs(100 * 365 * 24 * 60 * 60))
}

fn size_of(answer: &Answer) -> usize {
    let fields = answer.headers.iter();
    let fields = fields.map(|(name, value)| name.as_str().len() + value.len());
    fields.sum::<usize>() + answer.body.as_ref().map_or(0, Bytes::len)
}

impl Store for MemoryStore {
    type Work = ();

    fn begin(&self, _: &mut Extensions) {}

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        match self.inner.reserve(key, fingerprint, lease) {
            Found::Reserved(fence) => Ok(Reservation::Reserved(fence)),
            Found::InFlight(left) => Ok(Reservation::InFlight(left)),
            Found::Mismatch => Ok(Reservation::Mismatch),
            Found::Done(answer) => Ok(Reservation::Done(Answer::clone(&answer))),
            Found::Full => Err(StoreError::new(StoreErrorKind::Full)),
        }
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        let ends = after(Instant::now(), lease);
        Ok(self.inner.shard(&claim.key).renew(claim, ends, |_| {}))
    }

    async fn complete(
        &self,
        claim: &Claim,
        (): (),
        _: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        Ok(self.inner.complete(claim, answer, keep))
    }

    async fn release(&self, claim: &Claim, (): ()) -> Result<(), StoreError> {
        self.inner.release(claim);
        Ok(())
    }

    async fn end(&self, (): (), _: Effects) -> Result<(), StoreError> {
        Ok(())
    }

    async fn changed(&self, key: &Key, at_most: Duration) {
        let notify: Arc<Notify>;
        let told = {
            let mut shard = self.inner.shard(key);
            match shard.records.get_mut(key).map(|record| &mut record.state) {
                Some(State::Reserved(waiting)) => {
                    notify = waiting.get_or_insert_default().clone();
                }
                Some(State::Done(_)) | None => return,
            }
            // From here on it is told, whether or not it is polled.
            notify.notified()
        };
        // Whether it was told or not, the caller looks again.
        let _ = tokio::time::timeout(at_most, told).await;
    }
}
