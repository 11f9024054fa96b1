//! Who takes part in a case, and the operation each of them brings.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::allocations;
use crate::goal::Goal;

/// One operation, `block/operation/setting`, done by several contenders.
///
/// The first contender is the one that the others' ratios refer to.
#[derive(Debug)]
pub struct Case<'a> {
    pub(crate) name: String,
    pub(crate) contenders: Vec<Contender<'a>>,
}

impl<'a> Case<'a> {
    /// A case without contenders.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            contenders: Vec::new(),
        }
    }

    /// Adds a contender. Its operation runs here for `check`, which asserts the result, and once
    /// more to count its allocations: what it sets up on first use is not charged to it.
    pub fn add<R>(
        &mut self,
        who: impl Into<String>,
        mut operation: impl FnMut() -> R + 'a,
        check: impl FnOnce(R),
    ) -> &mut Contender<'a> {
        check(operation());
        let allocations = allocations::count(&mut operation);
        self.contenders.push(Contender {
            who: who.into(),
            allocations: Some(allocations),
            characters: None,
            goals: Vec::new(),
            turn: Box::new(move |times| take_turn(&mut operation, times)),
        });
        let last = self.contenders.len() - 1;
        &mut self.contenders[last]
    }

    /// Adds a contender that changes what it works on: before each operation `prepare` brings that
    /// back to where it was, and `check` asserts each result. Neither is timed.
    pub fn add_prepared<I, R>(
        &mut self,
        who: impl Into<String>,
        mut prepare: impl FnMut() -> I + 'a,
        mut operation: impl FnMut(I) -> R + 'a,
        mut check: impl FnMut(R) + 'a,
    ) -> &mut Contender<'a> {
        let mut turn = move |times| {
            (0..times).fold(Duration::ZERO, |took, _| {
                let input = prepare();
                let start = Instant::now();
                let result = black_box(operation(input));
                let took = took + start.elapsed();
                check(result);
                took
            })
        };
        turn(1);
        self.contenders.push(Contender {
            who: who.into(),
            allocations: None,
            characters: None,
            goals: Vec::new(),
            turn: Box::new(turn),
        });
        let last = self.contenders.len() - 1;
        &mut self.contenders[last]
    }
}

/// Someone who does the operation of a case.
pub struct Contender<'a> {
    pub(crate) who: String,
    pub(crate) allocations: Option<usize>,
    pub(crate) characters: Option<usize>,
    pub(crate) goals: Vec<Goal>,
    /// Runs the operation so many times and tells how long that took.
    pub(crate) turn: Box<dyn FnMut(u64) -> Duration + 'a>,
}

impl Contender<'_> {
    /// The size of the result.
    pub fn characters(&mut self, characters: usize) -> &mut Self {
        self.characters = Some(characters);
        self
    }

    /// Leaves the count of allocations out, where other threads do part of the work.
    pub fn without_allocations(&mut self) -> &mut Self {
        self.allocations = None;
        self
    }

    /// Adds what this contender should reach.
    pub fn goals(&mut self, goals: impl IntoIterator<Item = Goal>) -> &mut Self {
        self.goals.extend(goals);
        self
    }
}

impl std::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contender")
            .field("who", &self.who)
            .finish_non_exhaustive()
    }
}

// The loop stands here and not behind the box, so that a call of a few nanoseconds is not charged
// with a dynamic one.
fn take_turn<R>(operation: &mut impl FnMut() -> R, times: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        black_box(operation());
    }
    start.elapsed()
}
