//! The types of `time`.

use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::{FilterValue, rfc3339};

impl FilterValue for OffsetDateTime {
    const TYPE_NAME: &'static str = rfc3339::TIMESTAMP;

    fn parse(text: &str) -> Option<Self> {
        let (day, clock, offset) = rfc3339::timestamp(text)?;
        let local = PrimitiveDateTime::new(date(day)?, time(clock)?);
        let moment = local.assume_offset(UtcOffset::from_whole_seconds(offset).ok()?);
        let utc = moment.checked_to_offset(UtcOffset::UTC)?;
        rfc3339::YEARS.contains(&utc.year()).then_some(utc)
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

impl FilterValue for PrimitiveDateTime {
    const TYPE_NAME: &'static str = rfc3339::DATE_TIME;

    fn parse(text: &str) -> Option<Self> {
        let (day, clock) = rfc3339::date_time(text)?;
        Some(Self::new(date(day)?, time(clock)?))
    }
}

fn date(parts: rfc3339::Date) -> Option<Date> {
    let month = time::Month::try_from(parts.month).ok()?;
    Date::from_calendar_date(parts.year.into(), month, parts.day).ok()
}

fn time(parts: rfc3339::Time) -> Option<Time> {
    Time::from_hms_nano(parts.hour, parts.minute, parts.second, parts.nanosecond).ok()
}

#[cfg(test)]
mod tests {
    use super::{Date, FilterValue, OffsetDateTime, Time};

    #[test]
    fn times_keep_every_digit() {
        let parsed = <OffsetDateTime as FilterValue>::parse("2026-01-31T09:30:00.123456789+02:00");
        assert_eq!(
            parsed.map(|time| time.unix_timestamp_nanos()),
            Some(1_769_844_600_123_456_789)
        );
        let leap_day = Date::from_calendar_date(2024, time::Month::February, 29).ok();
        assert_eq!(<Date as FilterValue>::parse("2024-02-29"), leap_day);
        assert_eq!(<Date as FilterValue>::parse("2026-02-29"), None);
        assert_eq!(
            <Time as FilterValue>::parse("23:59:59.5"),
            Time::from_hms_milli(23, 59, 59, 500).ok()
        );
        assert_eq!(
            <OffsetDateTime as FilterValue>::parse("0000-01-01T00:00:00+01:00"),
            None
        );
    }
}
