//! What a contender should reach.

use crate::run::Measured;

/// What a contender should reach. Printed with what it did reach; never a reason to fail.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Goal {
    /// At least so many times faster than another contender of the case.
    Faster(f64, &'static str),
    /// At most so many times the time of another contender of the case.
    Within(f64, &'static str),
    /// At most so many nanoseconds more than another contender of the case.
    Over(f64, &'static str),
    /// At most so many allocations.
    Allocations(usize),
    /// At most so many characters.
    Characters(usize),
}

/// A goal beside the figures.
#[derive(Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) goal: String,
    pub(crate) reached: String,
    pub(crate) met: bool,
}

impl Goal {
    /// `None` where the run has no figure for it.
    pub(crate) fn judge(&self, us: &Measured, case: &[Measured]) -> Option<Verdict> {
        let nanos = |who: &str| case.iter().find(|other| other.who == who)?.nanos;
        match *self {
            Self::Faster(least, peer) => {
                let times = nanos(peer)? / us.nanos?;
                Some(Verdict {
                    goal: format!("≥ {least} × faster than {peer}"),
                    reached: format!("{times:.2}"),
                    met: times >= least,
                })
            }
            Self::Within(most, other) => {
                let times = us.nanos? / nanos(other)?;
                Some(Verdict {
                    goal: format!("≤ {most} × {other}"),
                    reached: format!("{times:.2}"),
                    met: times <= most,
                })
            }
            Self::Over(most, other) => {
                let over = us.nanos? - nanos(other)?;
                Some(Verdict {
                    goal: format!("≤ {most} ns over {other}"),
                    reached: format!("{over:.0} ns"),
                    met: over <= most,
                })
            }
            Self::Allocations(most) => Some(at_most(us.allocations?, most, "allocations")),
            Self::Characters(most) => Some(at_most(us.characters?, most, "characters")),
        }
    }
}

fn at_most(figure: usize, most: usize, unit: &str) -> Verdict {
    Verdict {
        goal: format!("≤ {most} {unit}"),
        reached: figure.to_string(),
        met: figure <= most,
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Verdict};
    use crate::run::Measured;

    fn measured(who: &str, nanos: f64) -> Measured {
        Measured {
            who: who.to_owned(),
            nanos: Some(nanos),
            allocations: Some(1),
            characters: None,
        }
    }

    #[test]
    fn a_goal_is_judged_against_the_contender_it_names() {
        let case = [measured("us", 20.0), measured("peer", 100.0)];
        let judge = |goal: Goal| goal.judge(&case[0], &case);
        let verdict = |goal: &str, reached: &str, met| {
            Some(Verdict {
                goal: goal.to_owned(),
                reached: reached.to_owned(),
                met,
            })
        };
        assert_eq!(
            judge(Goal::Faster(6.0, "peer")),
            verdict("≥ 6 × faster than peer", "5.00", false)
        );
        assert_eq!(
            judge(Goal::Within(0.5, "peer")),
            verdict("≤ 0.5 × peer", "0.20", true)
        );
        assert_eq!(
            Goal::Over(79.0, "us").judge(&case[1], &case),
            verdict("≤ 79 ns over us", "80 ns", false)
        );
        assert_eq!(
            judge(Goal::Allocations(1)),
            verdict("≤ 1 allocations", "1", true)
        );
        assert_eq!(judge(Goal::Characters(32)), None);
        assert_eq!(judge(Goal::Faster(2.0, "nobody")), None);
    }
}
