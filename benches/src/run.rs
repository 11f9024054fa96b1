//! Runs cases and keeps their figures until the tables are printed.

use std::time::{Duration, Instant};

use crate::case::{Case, Contender};
use crate::goal::Verdict;
use crate::mode::{Mode, Plan};
use crate::table::Table;

/// The run of one bench file.
#[derive(Debug)]
pub struct Bench {
    mode: Mode,
    figures: Table,
    goals: Table,
}

/// The figures of one contender.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) who: String,
    pub(crate) nanos: Option<f64>,
    pub(crate) allocations: Option<usize>,
    pub(crate) characters: Option<usize>,
}

impl Bench {
    /// A run in the mode that the command line asks for.
    pub fn from_args() -> Self {
        Self {
            mode: Mode::from_args(),
            figures: Table::new([
                "case",
                "who",
                "median",
                "allocations",
                "characters",
                "× first",
            ]),
            goals: Table::new(["case", "who", "goal", "reached", "met"]),
        }
    }

    /// How much is measured.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Measures a case; with [`Mode::Test`] its results, asserted when it was built, are enough.
    pub fn run(&mut self, mut case: Case<'_>) {
        let nanos = self
            .mode
            .plan()
            .map(|plan| medians(&mut case.contenders, &plan));
        let measured: Vec<Measured> = case
            .contenders
            .iter()
            .enumerate()
            .map(|(nth, contender)| Measured {
                who: contender.who.clone(),
                nanos: nanos.as_ref().map(|nanos| nanos[nth]),
                allocations: contender.allocations,
                characters: contender.characters,
            })
            .collect();
        for (contender, us) in case.contenders.iter().zip(&measured) {
            self.figures
                .push(figures(&case.name, us, measured[0].nanos));
            for verdict in contender
                .goals
                .iter()
                .filter_map(|goal| goal.judge(us, &measured))
            {
                self.goals.push(goal(&case.name, &us.who, verdict));
            }
        }
    }

    /// Prints the tables.
    pub fn finish(self) {
        match self.mode {
            Mode::Test => println!("{} operations gave their results", self.figures.len()),
            Mode::Quick | Mode::Full => println!("\n{}\n{}", self.figures, self.goals),
        }
    }
}

/// The median time of one operation, for each contender in turn.
fn medians(contenders: &mut [Contender<'_>], plan: &Plan) -> Vec<f64> {
    let times: Vec<u64> = contenders
        .iter_mut()
        .map(|who| repetitions(who, plan.turn))
        .collect();
    let mut samples = vec![Vec::new(); contenders.len()];
    let start = Instant::now();
    for round in 0..*plan.rounds.end() {
        if round >= *plan.rounds.start() && start.elapsed() > plan.budget {
            break;
        }
        // Each round begins with another contender, so that nobody always follows the same one.
        for nth in (0..contenders.len()).map(|nth| (nth + round) % times.len()) {
            let took = (contenders[nth].turn)(times[nth]);
            samples[nth].push(took.as_nanos() as f64 / times[nth] as f64);
        }
    }
    samples.into_iter().map(median).collect()
}

/// How often an operation fits into one turn, by doubling until the clock can tell.
fn repetitions(contender: &mut Contender<'_>, turn: Duration) -> u64 {
    let mut times = 1;
    loop {
        let took = (contender.turn)(times);
        if took * 2 >= turn {
            return times;
        }
        times *= 2;
    }
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn figures(case: &str, us: &Measured, first: Option<f64>) -> [String; 6] {
    let count = |count: Option<usize>| count.map_or_else(String::new, |count| count.to_string());
    let ratio = us
        .nanos
        .zip(first)
        .map(|(nanos, first)| format!("{:.2}", nanos / first));
    [
        case.to_owned(),
        us.who.clone(),
        us.nanos.map(duration).unwrap_or_default(),
        count(us.allocations),
        count(us.characters),
        ratio.unwrap_or_default(),
    ]
}

fn goal(case: &str, who: &str, verdict: Verdict) -> [String; 5] {
    let met = if verdict.met { "yes" } else { "NO" };
    [
        case.to_owned(),
        who.to_owned(),
        verdict.goal,
        verdict.reached,
        met.to_owned(),
    ]
}

fn duration(nanos: f64) -> String {
    match nanos {
        ..1e3 => format!("{nanos:.1} ns"),
        ..1e6 => format!("{:.2} µs", nanos / 1e3),
        _ => format!("{:.2} ms", nanos / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, median};

    #[test]
    fn the_median_ignores_outliers() {
        assert_eq!(median(vec![9e9, 1.0, 3.0, 2.0, 0.0]), 2.0);
    }

    #[test]
    fn durations_carry_a_fitting_unit() {
        let table = [
            (21.34, "21.3 ns"),
            (4_810.0, "4.81 µs"),
            (116e6, "116.00 ms"),
        ];
        for (nanos, text) in table {
            assert_eq!(duration(nanos), text);
        }
    }
}
