//! What happened in the made-up shop.

use super::catalogue::time;
use super::rng::Rng;
use super::words::EVENTS;
use crate::timestamp::Timestamp;

/// 2025-01-01T00:00:00Z, when the log begins.
const BEGINNING: i64 = 1_735_689_600_000_000;
const SECOND: i64 = 1_000_000;

pub(super) struct Event {
    pub(super) id: i64,
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) severity: Option<f64>,
    pub(super) occurred_at: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) payload: Option<String>,
}

pub(super) fn events(count: i64) -> Vec<Event> {
    let mut rng = Rng::new(0xe7e4);
    let mut now = BEGINNING;
    let mut event = |id| {
        // Half of all events share their time with the one before, as log lines do.
        if rng.chance(50) {
            now += 1 + rng.below(600 * SECOND);
        }
        event(&mut rng, id, now)
    };
    (1..=count).map(&mut event).collect()
}

fn event(rng: &mut Rng, id: i64, now: i64) -> Event {
    let (kind, title, severe) = EVENTS[rng.below(EVENTS.len() as i64) as usize];
    let subject = 1 + rng.below(10_000);
    Event {
        id,
        kind,
        title: title.replace("{}", &subject.to_string()),
        severity: (severe && rng.chance(80)).then(|| rng.below(101) as f64 / 10.0),
        occurred_at: time(now),
        created_at: time(now + rng.below(3) * SECOND / 2),
        payload: rng
            .chance(30)
            .then(|| format!(r#"{{"subject":{subject},"attempt":{}}}"#, 1 + rng.below(4))),
    }
}
