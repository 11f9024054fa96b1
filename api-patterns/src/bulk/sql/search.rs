//! How many items are tried together, and where the culprit is when they fail.

use std::ops::Range;

/// How many items are tried together once all together have failed. As long as these pass, runs
/// double.
const FIRST: usize = 64;
/// How many items without a culprit are taken for granted when the first one is found.
const EXPECTED: usize = 64;

/// Goes through items from the left, in runs that are as long as they can be: at first all of
/// them, since most requests have no culprit.
///
/// Where a run fails, the first culprit in it is searched by halves: what passes on the way is kept
/// and never tried again, so that it costs one attempt for each halving. After it, runs are as long
/// as culprits are rare.
#[derive(Clone, Debug)]
pub(super) struct Search {
    next: usize,
    len: usize,
    chunk: usize,
    /// Between `next` and here is a culprit.
    suspect: Option<usize>,
    culprits: usize,
    /// The length of runs before the first culprit is found.
    unspoilt: usize,
}

impl Search {
    pub(super) fn new(len: usize, chunk: usize) -> Self {
        Self {
            next: 0,
            len,
            chunk,
            suspect: None,
            culprits: 0,
            unspoilt: chunk,
        }
    }

    /// The items to be tried next.
    pub(super) fn run(&self) -> Option<Range<usize>> {
        let most = match self.suspect {
            // Lengths are powers of two, as each is a statement of its own to the database.
            Some(end) => power_below(end - self.next),
            None => self.len - self.next,
        };
        // A suspect run that is as long as can be would send everything up to the culprit again at
        // each halving.
        let length = most.min(self.window());
        (self.next < self.len).then_some(self.next..self.next + length)
    }

    /// Half as long as culprits are apart: then more runs pass than fail.
    fn window(&self) -> usize {
        let window = match self.culprits {
            0 => self.unspoilt,
            culprits => power_below((self.next + EXPECTED) / culprits / 2),
        };
        window.min(self.chunk)
    }

    /// The first items up to here have passed, or the one before it is a culprit.
    pub(super) fn decided(&mut self, end: usize) {
        self.next = end;
        self.unspoilt = self.unspoilt.saturating_mul(2).min(self.chunk);
        self.suspect = self.suspect.filter(|suspect| *suspect > end);
    }

    /// The items up to here do not pass together. True where that is one item.
    pub(super) fn failed(&mut self, run: &Range<usize>) -> bool {
        let found = run.len() == 1;
        self.unspoilt = FIRST.min(self.chunk);
        if found {
            self.culprits += 1;
            self.next = run.end;
        }
        self.suspect = (!found).then_some(run.end);
        found
    }
}

/// The greatest power of two below `number`, at least 1.
fn power_below(number: usize) -> usize {
    (number.max(1).next_power_of_two() / 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::Search;

    /// Runs a search over items of which these are culprits; how many attempts it took.
    fn attempts(len: usize, chunk: usize, culprits: &[usize]) -> usize {
        let mut search = Search::new(len, chunk);
        let (mut found, mut passed, mut attempts) = (Vec::new(), Vec::new(), 0);
        while let Some(run) = search.run() {
            attempts += 1;
            assert!(!run.is_empty() && run.len() <= chunk && run.end <= len);
            if !run.clone().any(|item| culprits.contains(&item)) {
                passed.extend(run.clone());
                search.decided(run.end);
            } else if search.failed(&run) {
                found.push(run.start);
            }
        }
        assert_eq!(found, culprits);
        let good = (0..len).filter(|item| !culprits.contains(item));
        assert_eq!(passed, good.collect::<Vec<_>>());
        attempts
    }

    #[test]
    fn each_item_is_decided_once() {
        assert_eq!(attempts(0, 10, &[]), 0);
        assert_eq!(attempts(1, 10, &[]), 1);
        assert_eq!(attempts(1, 10, &[0]), 1);
        assert_eq!(attempts(128, 1000, &[]), 1);
        assert_eq!(attempts(1000, 1000, &[]), 1);
        assert_eq!(attempts(1000, 100, &[]), 10);
        for len in 1..40_usize {
            for pattern in 0..200_u64 {
                let bits = pattern.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let culprits: Vec<_> = (0..len).filter(|item| bits >> item & 1 == 1).collect();
                attempts(len, 1 + pattern as usize % 12, &culprits);
            }
        }
    }

    #[test]
    fn culprits_cost_few_attempts() {
        let rare: Vec<_> = (0..1000).step_by(100).map(|item| item + 37).collect();
        let taken = attempts(1000, 1000, &rare);
        assert!(taken <= 110, "{taken} attempts for 10 culprits");
        let all: Vec<_> = (0..1000).collect();
        let taken = attempts(1000, 1000, &all);
        assert!(taken <= 1100, "{taken} attempts for 1000 culprits");
        let half: Vec<_> = (0..1000).step_by(2).collect();
        let taken = attempts(1000, 1000, &half);
        assert!(taken <= 1600, "{taken} attempts for 500 culprits");
    }
}
