//! The memory store: what it promises it keeps, within its limits. The clock is paused.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use api_patterns::idempotency::{
    Answer, Claim, Effects, Fingerprint, Key, MemoryStore, Reservation, Store as _,
};
use api_patterns::storage::StoreErrorKind;
use axum::body::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, StatusCode};
use proptest::prelude::*;
use tokio::time::Instant;

const RECORDS: usize = 4;
const BYTES: usize = 100;

#[derive(Clone, Debug)]
enum Step {
    Reserve {
        key: u8,
        fingerprint: u8,
        lease: u64,
    },
    Renew {
        claim: usize,
        lease: u64,
    },
    Complete {
        claim: usize,
        bytes: usize,
        keep: u64,
    },
    Release {
        claim: usize,
    },
    Pass {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..8, 0_u8..2, 1_u64..8).prop_map(|(key, fingerprint, lease)| {
            Step::Reserve { key, fingerprint, lease }
        }),
        1 => (0_usize..4, 1_u64..8).prop_map(|(claim, lease)| Step::Renew { claim, lease }),
        3 => (0_usize..4, 0_usize..90, 1_u64..12).prop_map(|(claim, bytes, keep)| {
            Step::Complete { claim, bytes, keep }
        }),
        1 => (0_usize..4).prop_map(|claim| Step::Release { claim }),
        2 => (1_u64..6).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

fn answer(bytes: usize) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("x", HeaderValue::from_static("12345"));
    Answer {
        status: StatusCode::OK,
        headers,
        body: Some(Bytes::from(vec![b'x'; bytes])),
    }
}

/// What has to be there.
struct Expected {
    fingerprint: u8,
    claim: Claim,
    ends: Instant,
    /// How long the body of the answer was.
    done: Option<usize>,
}

#[derive(Default)]
struct Model {
    live: HashMap<u8, Expected>,
    claims: Vec<(u8, Claim)>,
}

impl Model {
    /// Whether a claim still holds; `None` where its lease is over, and the store may have cleared
    /// it away or not.
    fn holds(&self, key: u8, claim: Claim) -> Option<bool> {
        match self.live.get(&key) {
            Some(record) if record.claim == claim && record.done.is_none() => {
                (record.ends > Instant::now()).then_some(true)
            }
            _ => Some(false),
        }
    }

    fn count(&self) -> usize {
        let now = Instant::now();
        self.live
            .values()
            .filter(|record| record.ends > now)
            .count()
    }

    /// The `back`th last claim.
    fn claim(&self, back: usize) -> Option<(u8, Claim)> {
        let nth = self.claims.len().checked_sub(back + 1)?;
        self.claims.get(nth).copied()
    }

    async fn apply(&mut self, store: &MemoryStore, step: Step) {
        match step {
            Step::Reserve {
                key,
                fingerprint,
                lease,
            } => {
                self.reserve(store, key, fingerprint, Duration::from_secs(lease))
                    .await;
            }
            Step::Renew { claim, lease } => {
                if let Some((key, claim)) = self.claim(claim) {
                    let lease = Duration::from_secs(lease);
                    let renewed = store.renew(&claim, lease).await.expect("told");
                    self.check(key, claim, renewed, None, lease);
                }
            }
            Step::Complete { claim, bytes, keep } => {
                if let Some((key, claim)) = self.claim(claim) {
                    let keep = Duration::from_secs(keep);
                    let answer = answer(bytes);
                    let done = store.complete(&claim, (), Effects::Keep, &answer, keep);
                    self.check(key, claim, done.await.expect("told"), Some(bytes), keep);
                }
            }
            Step::Release { claim } => {
                if let Some((key, claim)) = self.claim(claim) {
                    store.release(&claim, ()).await.expect("told");
                    if self
                        .live
                        .get(&key)
                        .is_some_and(|record| record.claim == claim && record.done.is_none())
                    {
                        self.live.remove(&key);
                    }
                }
            }
            Step::Pass { seconds } => tokio::time::advance(Duration::from_secs(seconds)).await,
        }
    }

    fn check(&mut self, key: u8, claim: Claim, told: bool, done: Option<usize>, time: Duration) {
        if let Some(expected) = self.holds(key, claim) {
            assert_eq!(told, expected, "{claim:?}");
        }
        if told {
            let record = self
                .live
                .get_mut(&key)
                .expect("what the store has is expected");
            record.ends = Instant::now() + time;
            record.done = done;
        }
    }

    async fn reserve(&mut self, store: &MemoryStore, key: u8, fingerprint: u8, lease: Duration) {
        let (name, print) = (
            Key::from_bytes([key; 32]),
            Fingerprint::from_bytes([fingerprint; 32]),
        );
        let now = Instant::now();
        let room = self.count() < RECORDS;
        let live = self.live.get(&key).filter(|record| record.ends > now);
        match (store.reserve(&name, &print, lease).await, live) {
            (Ok(Reservation::Reserved(fence)), None) => {
                assert!(room, "more than the limit");
                let claim = Claim { key: name, fence };
                assert!(self.claims.iter().all(|(_, older)| older.fence < fence));
                self.claims.push((key, claim));
                let ends = now + lease;
                let record = Expected {
                    fingerprint,
                    claim,
                    ends,
                    done: None,
                };
                self.live.insert(key, record);
            }
            (Err(error), None) => {
                assert_eq!((error.kind(), room), (StoreErrorKind::Full, false));
            }
            (Ok(Reservation::Mismatch), Some(record)) => {
                assert_ne!(record.fingerprint, fingerprint);
            }
            (Ok(Reservation::InFlight(left)), Some(record)) => {
                assert_eq!((record.done, record.fingerprint), (None, fingerprint));
                assert_eq!(left, record.ends - now);
            }
            (Ok(Reservation::Done(found)), Some(record)) => {
                let whole = answer(record.done.expect("done"));
                let cut = Answer {
                    headers: HeaderMap::new(),
                    body: None,
                    ..whole.clone()
                };
                assert!(found == whole || found == cut, "{found:?}");
                assert_eq!(record.fingerprint, fingerprint);
            }
            (found, _) => panic!("found {found:?}"),
        }
    }
}

proptest! {
    #[test]
    fn a_small_store_does_what_it_promises(steps in prop::collection::vec(step(), 0..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let store = MemoryStore::with_limits(RECORDS, BYTES);
            let mut model = Model::default();
            for step in steps {
                model.apply(&store, step).await;
                assert!(store.records() <= RECORDS && store.bytes() <= BYTES, "{store:?}");
                assert!(store.records() >= model.count(), "{store:?}");
            }
            everything_can_be_cleared_away(&store).await;
        });
    }
}

async fn everything_can_be_cleared_away(store: &MemoryStore) {
    tokio::time::advance(Duration::from_secs(60)).await;
    for key in 100..100 + RECORDS as u8 {
        let reserved = store
            .reserve(
                &Key::from_bytes([key; 32]),
                &Fingerprint::from_bytes([0; 32]),
                Duration::from_secs(1),
            )
            .await;
        assert!(
            matches!(reserved, Ok(Reservation::Reserved(_))),
            "{reserved:?}"
        );
    }
    assert_eq!((store.records(), store.bytes()), (RECORDS, 0));
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_woken_by_the_end_of_a_reservation() {
    let print = Fingerprint::from_bytes([0; 32]);
    let (second, hour) = (Duration::from_secs(1), Duration::from_secs(3600));
    for how in ["complete", "release", "lease", "nothing"] {
        let store = MemoryStore::new();
        let key = Key::from_bytes([7; 32]);
        let Ok(Reservation::Reserved(fence)) = store.reserve(&key, &print, second * 9).await else {
            panic!("not reserved");
        };
        let claim = Claim { key, fence };
        let waiting = {
            let store = store.clone();
            tokio::spawn(async move {
                let began = Instant::now();
                store.changed(&key, hour).await;
                began.elapsed()
            })
        };
        tokio::time::sleep(second * 10).await;
        match how {
            "complete" => drop(
                store
                    .complete(&claim, (), Effects::Keep, &answer(1), hour)
                    .await,
            ),
            "release" => drop(store.release(&claim, ()).await),
            "lease" => drop(store.reserve(&key, &print, hour).await),
            _ => {}
        }
        let expected = if how == "nothing" { hour } else { second * 10 };
        let waited = waiting.await.expect("no panic");
        assert_eq!(waited.as_secs(), expected.as_secs(), "{how}");
    }
}

#[tokio::test]
async fn an_answer_for_which_there_is_no_room_is_kept_without_its_body() {
    let store = MemoryStore::with_limits(RECORDS, BYTES);
    let print = Fingerprint::from_bytes([0; 32]);
    let mut bodies = Vec::new();
    for (key, bytes) in [(1, 40), (2, 60), (3, 10)] {
        let key = Key::from_bytes([key; 32]);
        let minute = Duration::from_secs(60);
        let reserved = store.reserve(&key, &print, minute).await;
        let Ok(Reservation::Reserved(fence)) = reserved else {
            panic!("{reserved:?}");
        };
        let claim = Claim { key, fence };
        let done = store
            .complete(&claim, (), Effects::Keep, &answer(bytes), minute)
            .await;
        assert!(done.expect("told"));
        match store.reserve(&key, &print, minute).await {
            Ok(Reservation::Done(answer)) => bodies.push(answer.body.map(|body| body.len())),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bodies, [Some(40), None, Some(10)]);
}

/// Threads that meet before each step, as closely as can be had without a lock.
struct Meeting(AtomicUsize);

impl Meeting {
    fn wait(&self, round: usize) {
        self.0.fetch_add(1, Ordering::SeqCst);
        while self.0.load(Ordering::SeqCst) < 2 * (round + 1) {
            std::thread::yield_now();
        }
    }
}

#[test]
fn copies_on_two_threads_take_one_place() {
    const ROUNDS: usize = 20_000;
    let store = MemoryStore::new();
    let meeting = Meeting(AtomicUsize::new(0));
    let print = Fingerprint::from_bytes([0; 32]);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for round in 0..ROUNDS {
                    let mut key = [0; 32];
                    key[..8].copy_from_slice(&round.to_le_bytes());
                    let key = Key::from_bytes(key);
                    meeting.wait(round);
                    let found = store.reserve(&key, &print, Duration::from_secs(60));
                    assert!(matches!(found.now_or_never(), Some(Ok(_))));
                }
            });
        }
    });
    assert_eq!(store.records(), ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_threads_never_exceed_the_limit() {
    const LIMIT: usize = 500;
    let store = MemoryStore::with_limits(LIMIT, 1024 * 1024);
    let fill = |first: u8| {
        let store = store.clone();
        async move {
            let mut reserved = 0;
            for nth in 0..1000_u32 {
                let mut key = [first; 32];
                // The first byte chooses the shard.
                key[0] = (nth % 256) as u8;
                key[4..8].copy_from_slice(&nth.to_le_bytes());
                let print = Fingerprint::from_bytes([0; 32]);
                let hour = Duration::from_secs(3600);
                match store.reserve(&Key::from_bytes(key), &print, hour).await {
                    Ok(Reservation::Reserved(_)) => reserved += 1,
                    Err(error) => assert_eq!(error.kind(), StoreErrorKind::Full),
                    other => panic!("{other:?}"),
                }
                assert!(store.records() <= LIMIT);
            }
            reserved
        }
    };
    let tasks: Vec<_> = (0..4).map(|first| tokio::spawn(fill(first))).collect();
    let mut reserved = 0;
    for task in tasks {
        reserved += task.await.expect("no panic");
    }
    assert_eq!((reserved, store.records()), (LIMIT, LIMIT));
}
