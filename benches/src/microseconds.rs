//! A time that is written quickly: what is left of a page when timestamps cost next to nothing.

use serde::{Serialize, Serializer};

/// Microseconds since 1970-01-01T00:00:00Z, shown as RFC 3339 with six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Microseconds(i64);

/// `2026-11-20T20:14:11.123457Z`.
const LENGTH: usize = 27;
const DAY: i64 = 86_400;

impl Microseconds {
    /// A time within the years 1970 to 9999.
    pub fn new(microseconds: i64) -> Self {
        let last = 253_402_300_800_000_000;
        assert!((0..last).contains(&microseconds), "{microseconds}");
        Self(microseconds)
    }

    fn text(self) -> [u8; LENGTH] {
        let (seconds, micros) = (self.0 / 1_000_000, self.0 % 1_000_000);
        let (year, month, day) = date(seconds / DAY);
        let second = seconds % DAY;
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let parts = [
            (0, year / 100),
            (2, year % 100),
            (5, month),
            (8, day),
            (11, second / 3600),
            (14, second / 60 % 60),
            (17, second % 60),
            (20, micros / 10_000),
            (22, micros / 100 % 100),
            (24, micros % 100),
        ];
        for (at, number) in parts {
            text[at] = b'0' + (number / 10) as u8;
            text[at + 1] = b'0' + (number % 10) as u8;
        }
        text
    }
}

/// Year, month and day, by the days since 1970-01-01: the year is taken to begin in March, so that
/// the leap day is its last.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

impl Serialize for Microseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text();
        serializer.serialize_str(str::from_utf8(&text).expect("digits are UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::Microseconds;

    #[test]
    fn every_day_is_written_as_jiff_writes_it() {
        let days = 0..(9999 - 1970) * 365;
        let odd = 86_399_123_457;
        for microseconds in days.map(|day: i64| day * 86_400_000_000 + day * odd % 86_400_000_000) {
            let time = jiff::Timestamp::from_microsecond(microseconds).expect("a time");
            let text = Microseconds::new(microseconds).text();
            assert_eq!(text, format!("{time:.6}").as_bytes());
        }
    }
}
