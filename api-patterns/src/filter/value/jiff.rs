//! The types of `jiff`.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::{FilterValue, rfc3339};

impl FilterValue for Timestamp {
    const TYPE_NAME: &'static str = rfc3339::TIMESTAMP;

    fn parse(text: &str) -> Option<Self> {
        let (day, clock, offset) = rfc3339::timestamp(text)?;
        let local = DateTime::from_parts(date(day)?, time(clock)?);
        Offset::from_seconds(offset).ok()?.to_timestamp(local).ok()
    }
}

impl FilterValue for Date {
    const TYPE_NAME: &'static str = rfc3339::DATE;

    fn parse(text: &str) -> Option<Self> {
        date(rfc3339::date(text)?)
    }
}

impl FilterValue for Time {
    const TYPE_NAME: &'static str = rfc3339::TIME;

    fn parse(text: &str) -> Option<Self> {
        time(rfc3339::time(text)?)
    }
}

impl FilterValue for DateTime {
    const TYPE_NAME: &'static str = rfc3339::DATE_TIME;

    fn parse(text: &str) -> Option<Self> {
        let (day, clock) = rfc3339::date_time(text)?;
        Some(Self::from_parts(date(day)?, time(clock)?))
    }
}

fn date(parts: rfc3339::Date) -> Option<Date> {
    let month = i8::try_from(parts.month).ok()?;
    Date::new(parts.year, month, i8::try_from(parts.day).ok()?).ok()
}

fn time(parts: rfc3339::Time) -> Option<Time> {
    let [hour, minute, second] =
        [parts.hour, parts.minute, parts.second].map(|part| i8::try_from(part).unwrap_or(-1));
    Time::new(hour, minute, second, i32::try_from(parts.nanosecond).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{Date, DateTime, FilterValue, Time, Timestamp};

    #[test]
    fn times_keep_every_digit() {
        let parsed = Timestamp::parse("2026-01-31T09:30:00.123456789+02:00");
        assert_eq!(parsed, "2026-01-31T07:30:00.123456789Z".parse().ok());
        assert_eq!(
            Date::parse("2024-02-29"),
            Some(jiff::civil::date(2024, 2, 29))
        );
        assert_eq!(Date::parse("2026-02-29"), None);
        assert_eq!(
            Time::parse("23:59:59.5"),
            Some(jiff::civil::time(23, 59, 59, 500_000_000))
        );
        assert_eq!(
            DateTime::parse("0000-01-01T00:00:00"),
            Some(jiff::civil::date(0, 1, 1).at(0, 0, 0, 0))
        );
    }
}
