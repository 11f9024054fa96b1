//! How much is measured.

use std::time::Duration;

/// How much is measured, by the arguments of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each operation once, for its result.
    Test,
    /// A few seconds for each bench file.
    Quick,
    /// Enough rounds for medians that repeat.
    Full,
}

impl Mode {
    /// The mode the command line asks for.
    pub fn from_args() -> Self {
        Self::parse(std::env::args().skip(1))
    }

    // `cargo bench` says `--bench`, `cargo test --benches` says nothing: then only results matter.
    // Anything else belongs to other harnesses and is ignored.
    fn parse(args: impl Iterator<Item = String>) -> Self {
        let args: Vec<String> = args.collect();
        let given = |name: &str| args.iter().any(|arg| arg == name);
        if given("--test") || !(given("--bench") || given("--quick")) {
            Self::Test
        } else if given("--quick") {
            Self::Quick
        } else {
            Self::Full
        }
    }

    pub(crate) fn plan(self) -> Option<Plan> {
        match self {
            Self::Test => None,
            Self::Quick => Some(Plan {
                turn: Duration::from_millis(1),
                rounds: 5..=31,
                budget: Duration::from_millis(600),
            }),
            Self::Full => Some(Plan {
                turn: Duration::from_millis(10),
                rounds: 11..=101,
                budget: Duration::from_secs(8),
            }),
        }
    }
}

/// The extent of one case.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Fast operations are repeated until one turn takes this long: enough of them that what the
    /// contender before left in the caches does not count.
    pub(crate) turn: Duration,
    /// Fewest and most turns of each contender.
    pub(crate) rounds: std::ops::RangeInclusive<usize>,
    /// After the fewest rounds, no further one begins past this time.
    pub(crate) budget: Duration,
}

#[cfg(test)]
mod tests {
    use super::Mode;

    #[test]
    fn the_arguments_choose_the_mode() {
        let table = [
            ("", Mode::Test),
            ("--bench", Mode::Full),
            ("--bench --color always", Mode::Full),
            ("--quick", Mode::Quick),
            ("--quick --bench", Mode::Quick),
            ("--test --bench", Mode::Test),
        ];
        for (args, mode) in table {
            assert_eq!(
                Mode::parse(args.split_whitespace().map(str::to_owned)),
                mode,
                "{args}"
            );
        }
    }
}
