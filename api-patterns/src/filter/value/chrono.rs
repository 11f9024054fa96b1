//! The types of `chrono`.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};

use super::{FilterValue, rfc3339};

impl FilterValue for DateTime<Utc> {
    const TYPE_NAME: &'static str = rfc3339::TIMESTAMP;

    fn parse(text: &str) -> Option<Self> {
        let utc = <DateTime<FixedOffset> as FilterValue>::parse(text)?.to_utc();
        rfc3339::YEARS.contains(&utc.year()).then_some(utc)
    }
}

impl FilterValue for DateTime<FixedOffset> {
    const TYPE_NAME: &'static str = rfc3339::TIMESTAMP;

    fn parse(text: &str) -> Option<Self> {
        let (day, clock, offset) = rfc3339::timestamp(text)?;
        let local = NaiveDateTime::new(date(day)?, time(clock)?);
        FixedOffset::east_opt(offset)?
            .from_local_datetime(&local)
            .single()
    }
}

impl FilterValue for NaiveDate {
    const TYPE_NAME: &'static str = rfc3339::DATE;

    fn parse(text: &str) -> Option<Self> {
        date(rfc3339::date(text)?)
    }
}

impl FilterValue for NaiveTime {
    const TYPE_NAME: &'static str = rfc3339::TIME;

    fn parse(text: &str) -> Option<Self> {
        time(rfc3339::time(text)?)
    }
}

impl FilterValue for NaiveDateTime {
    const TYPE_NAME: &'static str = rfc3339::DATE_TIME;

    fn parse(text: &str) -> Option<Self> {
        let (day, clock) = rfc3339::date_time(text)?;
        Some(Self::new(date(day)?, time(clock)?))
    }
}

fn date(parts: rfc3339::Date) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(parts.year.into(), parts.month.into(), parts.day.into())
}

fn time(parts: rfc3339::Time) -> Option<NaiveTime> {
    NaiveTime::from_hms_nano_opt(
        parts.hour.into(),
        parts.minute.into(),
        parts.second.into(),
        parts.nanosecond,
    )
}

#[cfg(test)]
mod tests {
    use super::{DateTime, FilterValue, NaiveDate, NaiveTime, Utc};

    #[test]
    fn times_keep_every_digit() {
        let parsed = <DateTime<Utc> as FilterValue>::parse("2026-01-31T09:30:00.123456789+02:00");
        assert_eq!(
            parsed.and_then(|time| time.timestamp_nanos_opt()),
            Some(1_769_844_600_123_456_789)
        );
        assert_eq!(
            NaiveDate::parse("2024-02-29"),
            NaiveDate::from_ymd_opt(2024, 2, 29)
        );
        assert_eq!(NaiveDate::parse("2026-02-29"), None);
        assert_eq!(
            <DateTime<Utc> as FilterValue>::parse("0000-01-01T00:00:00+01:00"),
            None
        );
        assert_eq!(
            NaiveTime::parse("23:59:59.5"),
            NaiveTime::from_hms_milli_opt(23, 59, 59, 500)
        );
    }
}
