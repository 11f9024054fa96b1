//! What every [`Store`] has to do, one function for each clause of its contract.
//!
//! [`idempotency_conformance!`](crate::idempotency_conformance) makes a test of each. They use keys
//! of their own, so a store may hold other records meanwhile, and they wait for times to be over
//! but never for something to be fast.
//!
//! # Example
//! ```
//! use api_patterns::idempotency::MemoryStore;
//!
//! // In a test of your crate; an expression that gives `None` skips all of them.
//! api_patterns::idempotency_conformance! {
//!     memory: async { Some(MemoryStore::new()) }
//! }
//! ```
//!
//! # Panics
//! All of these functions, where the store breaks its contract.

mod history;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};

pub use self::history::any_history_is_that_of_the_contract;

use super::{Answer, Claim, Effects, Fence, Fingerprint, Key, Reservation, Store};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);
/// Waited for to be over.
const SHORT: Duration = Duration::from_millis(200);
/// Certainly longer than that, by a clock that counts milliseconds.
const AFTER: Duration = Duration::from_millis(300);

const FIRST: Fingerprint = Fingerprint([1; 32]);
const OTHER: Fingerprint = Fingerprint([2; 32]);

/// Makes a test of each function in
/// [`idempotency::conformance`](crate::idempotency::conformance), in a module of this name.
///
/// The expression is a future of an `Option` of the store; `None` skips the test. Names in it are
/// those of the module in which the macro is called, which needs `tokio` with its macros and its
/// multi-threaded runtime.
#[macro_export]
macro_rules! idempotency_conformance {
    ($name:ident: $($store:expr)?) => {
        $crate::idempotency_conformance! { @clauses [$name, $($store)?]
            a_key_is_reserved_once
            of_concurrent_reservations_one_is_made
            keys_have_nothing_to_do_with_one_another
            another_request_under_the_same_key_is_a_mismatch
            an_answer_comes_back_as_it_was
            a_long_answer_comes_back_as_it_was
            an_answer_without_a_body_is_not_an_empty_one
            an_answer_that_undid_its_effects_is_kept
            an_answer_is_forgotten_after_its_time
            a_lease_that_is_over_is_taken_over
            of_concurrent_takers_over_one_succeeds
            a_lease_is_renewed_from_now
            an_older_fence_changes_nothing
            a_done_record_is_not_changed
            of_concurrent_answers_one_is_kept
            a_released_key_is_free_at_once
            fences_grow
            an_unknown_claim_is_nobodys
            waiting_ends
            times_may_be_long
            any_history_is_that_of_the_contract
        }
    };
    (@clauses [names,] $($clause:ident)*) => { [$(stringify!($clause)),*] };
    (@clauses [$name:ident, $store:expr] $($clause:ident)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $clause() {
                    if let Some(store) = $store.await {
                        $crate::idempotency::conformance::$clause(store).await;
                    }
                }
            )*
        }
    };
}

/// A key that nobody has used.
pub fn fresh_key() -> Key {
    static USED: AtomicU64 = AtomicU64::new(0);
    let mut key = [0; 32];
    for part in key.chunks_mut(8) {
        let number = USED.fetch_add(1, Ordering::Relaxed);
        part.copy_from_slice(&RandomState::new().hash_one(number).to_le_bytes());
    }
    Key(key)
}

/// An answer with what is easily lost: several values of a field, values that are no text, bytes
/// that are no text.
pub fn full_answer() -> Answer {
    let mut headers = HeaderMap::new();
    headers.append("content-type", HeaderValue::from_static("application/json"));
    headers.append("link", HeaderValue::from_static("</a>; rel=\"a\""));
    headers.append("link", HeaderValue::from_static("</b>; rel=\"b\""));
    headers.append("x-empty", HeaderValue::from_static(""));
    let opaque = HeaderValue::from_bytes(b"caf\xe9 \t\xff").expect("allowed in a field");
    headers.append("x-opaque", opaque);
    Answer {
        status: StatusCode::CREATED,
        headers,
        body: Some(Bytes::from_static(b"{\"id\": 1}\0\xff\xfe\r\n")),
    }
}

fn short_answer(text: &'static str) -> Answer {
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Some(Bytes::from_static(text.as_bytes())),
    }
}

async fn look<S: Store>(store: &S, key: &Key, fingerprint: &Fingerprint) -> Reservation {
    let found = store.reserve(key, fingerprint, LONG).await;
    found.expect("the store can tell")
}

async fn reserve<S: Store>(store: &S, key: Key, lease: Duration) -> Claim {
    match store.reserve(&key, &FIRST, lease).await {
        Ok(Reservation::Reserved(fence)) => Claim { key, fence },
        other => panic!("expected a reservation, found {other:?}"),
    }
}

async fn complete<S: Store>(store: &S, claim: &Claim, answer: &Answer, keep: Duration) -> bool {
    let work = store.begin(&mut Extensions::new());
    let ended = store.complete(claim, work, Effects::Keep, answer, keep);
    ended.await.expect("the store can tell")
}

async fn renew<S: Store>(store: &S, claim: &Claim, lease: Duration) -> bool {
    store.renew(claim, lease).await.expect("the store can tell")
}

async fn release<S: Store>(store: &S, claim: &Claim) {
    let work = store.begin(&mut Extensions::new());
    let released = store.release(claim, work).await;
    released.expect("the store can be reached");
}

#[track_caller]
fn expect_done(found: Reservation, expected: &Answer) {
    match found {
        Reservation::Done(answer) => assert_eq!(answer, *expected),
        other => panic!("expected an answer, found {other:?}"),
    }
}

#[track_caller]
fn expect_in_flight(found: Reservation) -> Duration {
    match found {
        Reservation::InFlight(left) => left,
        other => panic!("expected a request at work, found {other:?}"),
    }
}

/// Runs as many of them at once, and counts those that say yes.
async fn how_many<F>(of: usize, make: impl Fn() -> F) -> usize
where
    F: Future<Output = bool> + Send + 'static,
{
    let tasks: Vec<_> = (0..of).map(|_| tokio::spawn(make())).collect();
    let mut yes = 0;
    for task in tasks {
        yes += usize::from(task.await.expect("no panic"));
    }
    yes
}

fn try_reserve<S: Store>(
    store: &S,
    key: Key,
) -> impl Future<Output = bool> + Send + 'static + use<S> {
    let store = store.clone();
    async move {
        match look(&store, &key, &FIRST).await {
            Reservation::Reserved(_) => true,
            Reservation::InFlight(_) => false,
            other => panic!("expected a reservation or a request at work, found {other:?}"),
        }
    }
}

/// The first copy reserves the key; the second learns that it is at work, and for how long at most.
pub async fn a_key_is_reserved_once<S: Store>(store: S) {
    let key = fresh_key();
    reserve(&store, key, LONG).await;
    for _ in 0..3 {
        let left = expect_in_flight(look(&store, &key, &FIRST).await);
        assert!(!left.is_zero() && left <= LONG, "{left:?} of {LONG:?}");
    }
}

/// Of any number of concurrent calls exactly one is told `Reserved`.
pub async fn of_concurrent_reservations_one_is_made<S: Store>(store: S) {
    for _ in 0..8 {
        let key = fresh_key();
        let reserved = how_many(16, || try_reserve(&store, key)).await;
        assert_eq!(reserved, 1);
    }
}

/// A record is found by the whole of its key.
pub async fn keys_have_nothing_to_do_with_one_another<S: Store>(store: S) {
    let first = fresh_key();
    let claim = reserve(&store, first, LONG).await;
    for place in [0, 15, 31] {
        let mut other = first;
        other.0[place] ^= 1;
        let other = reserve(&store, other, LONG).await;
        release(&store, &other).await;
    }
    assert!(complete(&store, &claim, &full_answer(), LONG).await);
    expect_done(look(&store, &first, &FIRST).await, &full_answer());
}

/// At work or done, a key belongs to one request.
pub async fn another_request_under_the_same_key_is_a_mismatch<S: Store>(store: S) {
    let claim = reserve(&store, fresh_key(), LONG).await;
    let found = look(&store, &claim.key, &OTHER).await;
    assert!(matches!(found, Reservation::Mismatch), "{found:?} at work");
    assert!(complete(&store, &claim, &full_answer(), LONG).await);
    let found = look(&store, &claim.key, &OTHER).await;
    assert!(
        matches!(found, Reservation::Mismatch),
        "{found:?} when done"
    );
    expect_done(look(&store, &claim.key, &FIRST).await, &full_answer());
}

/// Status, all values of all fields, and the bytes of the body.
pub async fn an_answer_comes_back_as_it_was<S: Store>(store: S) {
    let claim = reserve(&store, fresh_key(), LONG).await;
    assert!(complete(&store, &claim, &full_answer(), LONG).await);
    for _ in 0..2 {
        expect_done(look(&store, &claim.key, &FIRST).await, &full_answer());
    }
}

/// A body of 1 MiB, the longest that the layer keeps by default.
pub async fn a_long_answer_comes_back_as_it_was<S: Store>(store: S) {
    let body: Vec<_> = (0_u32..262_144).flat_map(u32::to_le_bytes).collect();
    let answer = Answer {
        body: Some(body.into()),
        ..full_answer()
    };
    let claim = reserve(&store, fresh_key(), LONG).await;
    assert!(complete(&store, &claim, &answer, LONG).await);
    expect_done(look(&store, &claim.key, &FIRST).await, &answer);
}

/// An answer whose body was not kept is told from one that had none.
pub async fn an_answer_without_a_body_is_not_an_empty_one<S: Store>(store: S) {
    for body in [None, Some(Bytes::new())] {
        let answer = Answer {
            body,
            ..full_answer()
        };
        let claim = reserve(&store, fresh_key(), LONG).await;
        assert!(complete(&store, &claim, &answer, LONG).await);
        expect_done(look(&store, &claim.key, &FIRST).await, &answer);
    }
}

/// The record is kept whatever becomes of the effects.
pub async fn an_answer_that_undid_its_effects_is_kept<S: Store>(store: S) {
    let answer = Answer {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        ..full_answer()
    };
    let claim = reserve(&store, fresh_key(), LONG).await;
    let work = store.begin(&mut Extensions::new());
    let ended = store.complete(&claim, work, Effects::Undo, &answer, LONG);
    assert!(ended.await.expect("the store can tell"));
    expect_done(look(&store, &claim.key, &FIRST).await, &answer);
}

/// After the time for which it is kept, the key is as good as new, also for another request.
pub async fn an_answer_is_forgotten_after_its_time<S: Store>(store: S) {
    for fingerprint in [FIRST, OTHER] {
        let claim = reserve(&store, fresh_key(), LONG).await;
        assert!(complete(&store, &claim, &full_answer(), SHORT).await);
        tokio::time::sleep(AFTER).await;
        let found = look(&store, &claim.key, &fingerprint).await;
        assert!(
            matches!(found, Reservation::Reserved(fence) if fence > claim.fence),
            "{found:?}"
        );
        assert!(!complete(&store, &claim, &full_answer(), LONG).await);
    }
}

/// A reservation counts as long as its lease, also for another request.
pub async fn a_lease_that_is_over_is_taken_over<S: Store>(store: S) {
    for fingerprint in [FIRST, OTHER] {
        let claim = reserve(&store, fresh_key(), SHORT).await;
        tokio::time::sleep(AFTER).await;
        let found = look(&store, &claim.key, &fingerprint).await;
        assert!(
            matches!(found, Reservation::Reserved(fence) if fence > claim.fence),
            "{found:?}"
        );
        expect_in_flight(look(&store, &claim.key, &fingerprint).await);
    }
}

/// Of any number of concurrent calls exactly one takes over what is left of another.
pub async fn of_concurrent_takers_over_one_succeeds<S: Store>(store: S) {
    let abandoned = reserve(&store, fresh_key(), SHORT).await;
    let done = reserve(&store, fresh_key(), LONG).await;
    assert!(complete(&store, &done, &full_answer(), SHORT).await);
    tokio::time::sleep(AFTER).await;
    for key in [abandoned.key, done.key] {
        let reserved = how_many(16, || try_reserve(&store, key)).await;
        assert_eq!(reserved, 1);
    }
}

/// A lease is made longer, or shorter, and counts from the renewal.
pub async fn a_lease_is_renewed_from_now<S: Store>(store: S) {
    let first = Duration::from_secs(60);
    let claim = reserve(&store, fresh_key(), first).await;
    assert!(renew(&store, &claim, LONG).await);
    let left = expect_in_flight(look(&store, &claim.key, &FIRST).await);
    assert!(first < left && left <= LONG, "{left:?}");
    assert!(renew(&store, &claim, SHORT).await);
    tokio::time::sleep(AFTER).await;
    let found = look(&store, &claim.key, &FIRST).await;
    assert!(matches!(found, Reservation::Reserved(_)), "{found:?}");
}

/// Whoever was too slow can neither renew, nor answer, nor release what somebody else has taken.
pub async fn an_older_fence_changes_nothing<S: Store>(store: S) {
    let old = reserve(&store, fresh_key(), SHORT).await;
    tokio::time::sleep(AFTER).await;
    let new = reserve(&store, old.key, LONG).await;
    assert!(new.fence > old.fence, "{new:?} after {old:?}");

    assert!(!renew(&store, &old, LONG).await);
    assert!(!complete(&store, &old, &short_answer("old"), LONG).await);
    release(&store, &old).await;
    expect_in_flight(look(&store, &new.key, &FIRST).await);

    assert!(renew(&store, &new, LONG).await);
    assert!(complete(&store, &new, &short_answer("new"), LONG).await);
    expect_done(look(&store, &new.key, &FIRST).await, &short_answer("new"));
}

/// What is done stays as it is, for its own claim too.
pub async fn a_done_record_is_not_changed<S: Store>(store: S) {
    let claim = reserve(&store, fresh_key(), LONG).await;
    assert!(complete(&store, &claim, &short_answer("first"), LONG).await);
    assert!(!renew(&store, &claim, SHORT).await);
    assert!(!complete(&store, &claim, &short_answer("second"), LONG).await);
    release(&store, &claim).await;
    expect_done(
        look(&store, &claim.key, &FIRST).await,
        &short_answer("first"),
    );
}

/// Of any number of concurrent answers under one claim exactly one is kept.
pub async fn of_concurrent_answers_one_is_kept<S: Store>(store: S) {
    let claim = reserve(&store, fresh_key(), LONG).await;
    let answer = || {
        let store = store.clone();
        async move { complete(&store, &claim, &full_answer(), LONG).await }
    };
    assert_eq!(how_many(8, answer).await, 1);
    expect_done(look(&store, &claim.key, &FIRST).await, &full_answer());
}

/// The next copy runs as soon as a key is released, also of another request.
pub async fn a_released_key_is_free_at_once<S: Store>(store: S) {
    for fingerprint in [FIRST, OTHER] {
        let claim = reserve(&store, fresh_key(), LONG).await;
        release(&store, &claim).await;
        let found = look(&store, &claim.key, &fingerprint).await;
        assert!(
            matches!(found, Reservation::Reserved(fence) if fence > claim.fence),
            "{found:?}"
        );
        release(&store, &claim).await;
        expect_in_flight(look(&store, &claim.key, &fingerprint).await);
    }
}

/// Each reservation of a key has a greater fence than all before it.
pub async fn fences_grow<S: Store>(store: S) {
    let key = fresh_key();
    let mut last = None;
    for _ in 0..5 {
        let claim = reserve(&store, key, LONG).await;
        assert!(last < Some(claim.fence), "{:?} after {last:?}", claim.fence);
        last = Some(claim.fence);
        release(&store, &claim).await;
    }
}

/// What was never reserved can be neither renewed, nor answered, nor released.
pub async fn an_unknown_claim_is_nobodys<S: Store>(store: S) {
    let key = fresh_key();
    for fence in [Fence(0), Fence(1), Fence(i64::MAX as u64)] {
        let claim = Claim { key, fence };
        assert!(!renew(&store, &claim, LONG).await);
        assert!(!complete(&store, &claim, &full_answer(), LONG).await);
        release(&store, &claim).await;
    }
    let claim = reserve(&store, key, LONG).await;
    let guessed = Claim {
        key,
        fence: Fence(claim.fence.0 + 1),
    };
    assert!(!renew(&store, &guessed, LONG).await);
    assert!(!complete(&store, &guessed, &full_answer(), LONG).await);
    release(&store, &guessed).await;
    assert!(renew(&store, &claim, LONG).await);
}

/// Waiting for a record to change ends after the given time, and is not needed where there is no
/// reservation.
pub async fn waiting_ends<S: Store>(store: S) {
    let claim = reserve(&store, fresh_key(), LONG).await;
    store.changed(&claim.key, Duration::from_millis(1)).await;
    let waiting = {
        let store = store.clone();
        tokio::spawn(async move {
            while matches!(
                look(&store, &claim.key, &FIRST).await,
                Reservation::InFlight(_)
            ) {
                store.changed(&claim.key, Duration::from_millis(100)).await;
            }
        })
    };
    assert!(complete(&store, &claim, &full_answer(), LONG).await);
    waiting.await.expect("no panic");
    store.changed(&claim.key, Duration::from_millis(1)).await;
    store.changed(&fresh_key(), Duration::from_millis(1)).await;
}

/// A day of lease, ten years of keeping.
pub async fn times_may_be_long<S: Store>(store: S) {
    let day = Duration::from_secs(24 * 60 * 60);
    let claim = reserve(&store, fresh_key(), day).await;
    let left = expect_in_flight(look(&store, &claim.key, &FIRST).await);
    assert!(LONG < left && left <= day, "{left:?}");
    assert!(complete(&store, &claim, &full_answer(), day * 3650).await);
    expect_done(look(&store, &claim.key, &FIRST).await, &full_answer());
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_clause_becomes_a_test() {
        let names = crate::idempotency_conformance! { names: };
        let sources = [
            include_str!("conformance.rs"),
            include_str!("conformance/history.rs"),
        ];
        let lines = sources.into_iter().flat_map(str::lines);
        let clauses = lines.filter_map(|line| line.strip_prefix("pub async fn "));
        let clauses: Vec<_> = clauses.filter_map(|line| line.split('<').next()).collect();
        assert_eq!(clauses, names);
    }
}
