//! What is known of the items while they are run.

use super::choices::{Choices, Style};
use super::outcome::{Done, failed_dependency};
use super::response::MultiStatus;
use crate::problem::Problem;

/// The outcome of each item by its place in the request, and when to stop.
#[derive(Debug)]
pub(super) struct Tally<R> {
    outcomes: Vec<Option<Result<R, Problem>>>,
    /// The places of the items that failed before any was run.
    refused: Vec<usize>,
    /// How many of them count so far: those before the item that is run.
    counted: usize,
    failures: usize,
    most: usize,
    style: Style,
}

/// How many failures were counted at some time.
#[cfg(feature = "__sqlx")]
pub(super) struct Mark(usize, usize);

impl<R> Tally<R> {
    /// `refused` is ordered by place.
    pub(super) fn new(len: usize, refused: Vec<(usize, Problem)>, choices: &Choices) -> Self {
        let mut outcomes: Vec<_> = std::iter::repeat_with(|| None).take(len).collect();
        let places = refused.iter().map(|(place, _)| *place).collect();
        for (place, problem) in refused {
            outcomes[place] = Some(Err(problem));
        }
        Self {
            outcomes,
            refused: places,
            counted: 0,
            failures: 0,
            most: choices.stop_after.map_or(usize::MAX, usize::from),
            style: choices.style.clone(),
        }
    }

    pub(super) fn has_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// Whether the item at this place may be run, all before it being done.
    pub(super) fn may_run(&mut self, place: usize) -> bool {
        let before = self.refused[self.counted..].partition_point(|refused| *refused < place);
        let before = before.min(self.most.saturating_sub(self.failures));
        self.counted += before;
        self.failures += before;
        self.failures < self.most
    }

    /// Counts all that failed before any was run: for items that are run in another order.
    pub(super) fn count_refused(&mut self) {
        self.may_run(usize::MAX);
    }

    /// How many of the items at these places, of which the first may be run, may be run together:
    /// those before the refused item that would be the last failure.
    #[cfg(feature = "__sqlx")]
    pub(super) fn together(&self, places: &[usize]) -> usize {
        let left = self.most - self.failures;
        let last = self.counted.checked_add(left - 1);
        match last.and_then(|last| self.refused.get(last)) {
            Some(stop) => places.partition_point(|place| place < stop),
            None => places.len(),
        }
    }

    pub(super) fn put(&mut self, place: usize, outcome: Result<R, Problem>) {
        self.failures += usize::from(outcome.is_err());
        self.outcomes[place] = Some(outcome);
    }

    #[cfg(feature = "__sqlx")]
    pub(super) fn put_made(&mut self, places: &[usize], made: Vec<R>) {
        for (place, made) in places.iter().zip(made) {
            self.put(*place, Ok(made));
        }
    }

    /// What [`take_back`](Self::take_back) takes.
    #[cfg(feature = "__sqlx")]
    pub(super) fn mark(&self) -> Mark {
        Mark(self.counted, self.failures)
    }

    /// The items at these places, the only ones that were run since the mark, are as if they were
    /// not.
    #[cfg(feature = "__sqlx")]
    pub(super) fn take_back(&mut self, places: &[usize], mark: Mark) {
        for place in places {
            self.outcomes[*place] = None;
        }
        Mark(self.counted, self.failures) = mark;
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_refused() || self.failures > 0
    }

    /// What was done is undone.
    pub(super) fn undo(&mut self) {
        for outcome in &mut self.outcomes {
            if let Some(Ok(_)) = outcome {
                *outcome = None;
            }
        }
    }

    /// Whatever was not run depended on what failed; so did what was refused beforehand, and would
    /// not have been looked at.
    pub(super) fn finish(mut self) -> MultiStatus<R> {
        self.forget_refused_after_the_last();
        let made = self.style.made;
        let outcomes = self.outcomes.into_iter();
        let outcomes = outcomes.map(|outcome| match outcome {
            Some(Ok(body)) => Ok(Done::new(body, made)),
            Some(Err(problem)) => Err(problem),
            None => Err(failed_dependency()),
        });
        MultiStatus::new(outcomes.collect(), self.style)
    }

    fn forget_refused_after_the_last(&mut self) {
        let outcomes = self.outcomes.iter().enumerate();
        let failures = outcomes.filter(|(_, outcome)| matches!(outcome, Some(Err(_))));
        let last = failures.map(|(place, _)| place).nth(self.most - 1);
        let Some(last) = last else { return };
        for place in self.refused.iter().filter(|place| **place > last) {
            self.outcomes[*place] = None;
        }
    }
}
