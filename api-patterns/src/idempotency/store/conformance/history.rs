//! Random histories, beside a model of the contract.

use super::{
    Answer, Claim, FIRST, Fence, Fingerprint, LONG, OTHER, Reservation, Store, complete, fresh_key,
    full_answer, look, release, renew,
};

/// What the contract says of one key, while no time is over.
#[derive(Default)]
struct Model {
    fence: Option<Fence>,
    state: ModelState,
}

#[derive(Clone, Default)]
enum ModelState {
    #[default]
    Free,
    Reserved(Fingerprint),
    Done(Fingerprint, Answer),
}

impl Model {
    fn holds(&self, claim: &Claim) -> bool {
        matches!(self.state, ModelState::Reserved(_)) && self.fence == Some(claim.fence)
    }

    fn reserve(&mut self, asked: Fingerprint, found: Reservation) -> Option<Fence> {
        match (&self.state, found) {
            (ModelState::Free, Reservation::Reserved(fence)) => {
                assert!(self.fence < Some(fence), "{fence:?} after {:?}", self.fence);
                self.fence = Some(fence);
                self.state = ModelState::Reserved(asked);
                return Some(fence);
            }
            (ModelState::Reserved(held), Reservation::InFlight(_)) => assert_eq!(*held, asked),
            (ModelState::Done(held, answer), Reservation::Done(found)) => {
                assert_eq!((*held, answer), (asked, &found));
            }
            (ModelState::Reserved(held) | ModelState::Done(held, _), Reservation::Mismatch) => {
                assert_ne!(*held, asked);
            }
            (_, found) => panic!("found {found:?}"),
        }
        None
    }
}

/// A few hundred random steps on two keys, with old and new claims, each with the outcome that the
/// contract names.
pub async fn any_history_is_that_of_the_contract<S: Store>(store: S) {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 32) % below
    };
    for _ in 0..20 {
        let mut keys = [
            (fresh_key(), Model::default()),
            (fresh_key(), Model::default()),
        ];
        let mut claims = Vec::new();
        for _ in 0..15 {
            let (key, model) = &mut keys[next(2) as usize];
            let known = claims.iter().filter(|claim: &&Claim| claim.key == *key);
            let known: Vec<_> = known.copied().collect();
            let claim = match known.len() {
                0 => None,
                // The last three times out of four.
                most if next(4) > 0 => known.get(most - 1),
                most => known.get(next(most as u64) as usize),
            };
            match (next(5), claim) {
                (0 | 1, _) | (_, None) => {
                    let asked = [FIRST, OTHER][next(2) as usize];
                    let fence = model.reserve(asked, look(&store, key, &asked).await);
                    claims.extend(fence.map(|fence| Claim { key: *key, fence }));
                }
                (step, Some(claim)) => apply(&store, model, claim, step).await,
            }
        }
    }
}

async fn apply<S: Store>(store: &S, model: &mut Model, claim: &Claim, step: u64) {
    let held = model.holds(claim);
    match (step, &model.state) {
        (2, _) => assert_eq!(renew(store, claim, LONG).await, held),
        (3, state) => {
            let state = state.clone();
            let answer = full_answer();
            assert_eq!(complete(store, claim, &answer, LONG).await, held);
            model.state = match state {
                ModelState::Reserved(fingerprint) if held => ModelState::Done(fingerprint, answer),
                state => state,
            };
        }
        _ => {
            release(store, claim).await;
            if held {
                model.state = ModelState::Free;
            }
        }
    }
}
