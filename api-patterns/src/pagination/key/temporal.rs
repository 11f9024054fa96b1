//! Points in time and calendar dates as keys, at the full precision of their types.

use std::cmp::Ordering;

use super::{Key, KeyError, KeyReader, KeyValue, KeyWriter};
#[cfg(any(feature = "chrono", feature = "time"))]
use crate::sql::Stored;

/// Seconds, then the fraction: microseconds doubled, or nanoseconds doubled and marked where
/// microseconds do not hold it. A point in time with microseconds takes 8 bytes.
fn write_instant(out: &mut KeyWriter, (seconds, nanos): (i64, u32)) {
    out.signed(seconds);
    let fraction = match nanos % 1000 {
        0 => u64::from(nanos / 1000) << 1,
        _ => u64::from(nanos) << 1 | 1,
    };
    out.unsigned(fraction);
}

fn read_instant(input: &mut KeyReader<'_>) -> Result<(i64, u32), KeyError> {
    let seconds = input.signed()?;
    let fraction = input.unsigned()?;
    let value = u32::try_from(fraction >> 1).map_err(|_| KeyError::new())?;
    let nanos = if fraction & 1 == 1 {
        if value % 1000 == 0 {
            return Err(KeyError::new());
        }
        value
    } else {
        value.checked_mul(1000).ok_or(KeyError::new())?
    };
    // chrono tells a leap second by a second's worth of nanoseconds more.
    if nanos < 2_000_000_000 {
        Ok((seconds, nanos))
    } else {
        Err(KeyError::new())
    }
}

macro_rules! temporal {
    ($($(#[$doc:meta])* $type:ty {
        parts: $parts:expr,
        build: $build:expr,
        value: $value:expr
        $(, stored: $stored:expr)? $(,)?
    })*) => {$(
        $(#[$doc])*
        impl Key for $type {
            #[inline]
            fn write(&self, out: &mut KeyWriter) {
                let parts: fn(&$type) -> (i64, u32) = $parts;
                write_instant(out, parts(self));
            }

            #[inline]
            fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
                let (seconds, nanos) = read_instant(input)?;
                let build: fn(i64, u32) -> Option<$type> = $build;
                build(seconds, nanos).ok_or(KeyError::new())
            }

            fn compare(&self, other: &Self) -> Ordering {
                self.cmp(other)
            }

            fn to_value(&self) -> KeyValue {
                let value: fn(&$type) -> KeyValue = $value;
                value(self)
            }

            $(
                fn stored(&self) -> Stored {
                    let text: fn(&$type) -> Option<String> = $stored;
                    text(self).map_or(Stored::Any, Stored::Text)
                }
            )?
        }
    )*};
}

#[cfg(feature = "jiff")]
mod with_jiff {
    use super::*;
    use jiff::civil::{Date, DateTime};
    use jiff::{Timestamp, tz::TimeZone};

    // jiff gives a point before 1970 a negative fraction.
    fn parts(timestamp: &Timestamp) -> (i64, u32) {
        let (seconds, nanos) = (timestamp.as_second(), timestamp.subsec_nanosecond());
        if nanos < 0 {
            (seconds - 1, (nanos + 1_000_000_000) as u32)
        } else {
            (seconds, nanos as u32)
        }
    }

    fn build(seconds: i64, nanos: u32) -> Option<Timestamp> {
        let nanos = i32::try_from(nanos)
            .ok()
            .filter(|nanos| *nanos < 1_000_000_000)?;
        Timestamp::new(seconds, nanos).ok()
    }

    fn timestamp_value(timestamp: &Timestamp) -> KeyValue {
        let (seconds, nanos) = parts(timestamp);
        KeyValue::Timestamp { seconds, nanos }
    }

    // A civil time is kept as what it would be in UTC, with an offset of no meaning. The range
    // of `Timestamp` is a day short of that of `DateTime`, hence days are counted apart.
    fn civil_parts(datetime: &DateTime) -> (i64, u32) {
        let time = datetime.time();
        let seconds = i64::from(time.hour()) * 3600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        (
            days(&datetime.date()).0 * 86_400 + seconds,
            time.subsec_nanosecond() as u32,
        )
    }

    fn civil_build(seconds: i64, nanos: u32) -> Option<DateTime> {
        let date = date(seconds.div_euclid(86_400), 0)?;
        let second = seconds.rem_euclid(86_400);
        let part = |value: i64| i8::try_from(value).ok();
        let nanos = i32::try_from(nanos).ok()?;
        let time = jiff::civil::Time::new(
            part(second / 3600)?,
            part(second / 60 % 60)?,
            part(second % 60)?,
            nanos,
        );
        Some(date.to_datetime(time.ok()?))
    }

    fn days(date: &Date) -> (i64, u32) {
        let epoch = jiff::civil::date(1970, 1, 1);
        // A difference in days, the default unit of two dates, always fits.
        (
            epoch
                .until(*date)
                .map_or(0, |span| i64::from(span.get_days())),
            0,
        )
    }

    fn date(days: i64, nanos: u32) -> Option<Date> {
        let span = jiff::Span::new().try_days(days).ok()?;
        let date = jiff::civil::date(1970, 1, 1).checked_add(span).ok()?;
        (nanos == 0).then_some(date)
    }

    temporal! {
        Timestamp { parts: parts, build: build, value: timestamp_value }
        DateTime { parts: civil_parts, build: civil_build, value: |value| KeyValue::Civil(value.to_string()) }
        Date { parts: days, build: date, value: |value| KeyValue::Civil(value.to_string()) }
        /// The point in time; the zone of a value read back is UTC.
        jiff::Zoned {
            parts: |zoned| parts(&zoned.timestamp()),
            build: |seconds, nanos| build(seconds, nanos).map(|at| at.to_zoned(TimeZone::UTC)),
            value: |zoned| timestamp_value(&zoned.timestamp()),
        }
    }
}

#[cfg(feature = "chrono")]
mod with_chrono {
    use super::*;
    use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

    fn parts(at: &DateTime<Utc>) -> (i64, u32) {
        (at.timestamp(), at.timestamp_subsec_nanos())
    }

    fn value(at: &DateTime<Utc>) -> KeyValue {
        let (seconds, nanos) = parts(at);
        KeyValue::Timestamp { seconds, nanos }
    }

    // SQLite keeps times as text; these are the formats that sqlx writes.
    temporal! {
        DateTime<Utc> {
            parts: parts,
            build: DateTime::from_timestamp,
            value: value,
            stored: |at| Some(at.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
        }
        NaiveDateTime {
            parts: |at| parts(&at.and_utc()),
            build: |seconds, nanos| DateTime::from_timestamp(seconds, nanos).map(|at| at.naive_utc()),
            value: |at| KeyValue::Civil(format!("{at:?}")),
            stored: |at| Some(at.format("%F %T%.f").to_string()),
        }
        NaiveDate {
            parts: |date| (date.num_days_from_ce().into(), 0),
            build: |days, nanos| {
                let days = i32::try_from(days).ok().filter(|_| nanos == 0)?;
                NaiveDate::from_num_days_from_ce_opt(days)
            },
            value: |date| KeyValue::Civil(date.to_string()),
            stored: |date| Some(date.format("%F").to_string()),
        }
    }
}

#[cfg(feature = "time")]
mod with_time {
    use super::*;
    use time::format_description::well_known::Rfc3339;
    use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

    fn parts(at: &OffsetDateTime) -> (i64, u32) {
        (at.unix_timestamp(), at.nanosecond())
    }

    fn build(seconds: i64, nanos: u32) -> Option<OffsetDateTime> {
        let at = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
        at.replace_nanosecond(nanos).ok()
    }

    temporal! {
        /// The point in time; the offset of a value read back is UTC.
        OffsetDateTime {
            parts: parts,
            build: build,
            value: |at| {
                let (seconds, nanos) = parts(at);
                KeyValue::Timestamp { seconds, nanos }
            },
            // A value read back is in UTC, so that is what would be bound.
            stored: |at| at.to_offset(UtcOffset::UTC).format(&Rfc3339).ok(),
        }
        PrimitiveDateTime {
            parts: |at| parts(&at.assume_utc()),
            build: |seconds, nanos| {
                let at = build(seconds, nanos)?.to_offset(UtcOffset::UTC);
                Some(PrimitiveDateTime::new(at.date(), at.time()))
            },
            value: |at| KeyValue::Civil(at.to_string()),
            stored: |at| {
                let (hour, minute, second, nanos) = at.as_hms_nano();
                let nanos = format!("{nanos:09}");
                let fraction = nanos.trim_end_matches('0');
                let fraction = if fraction.is_empty() { "0" } else { fraction };
                Some(format!("{} {hour:02}:{minute:02}:{second:02}.{fraction}", at.date()))
            },
        }
        Date {
            parts: |date| (date.to_julian_day().into(), 0),
            build: |day, nanos| {
                let day = i32::try_from(day).ok().filter(|_| nanos == 0)?;
                Date::from_julian_day(day).ok()
            },
            value: |date| KeyValue::Civil(date.to_string()),
            stored: |date| Some(date.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<K: Key>(key: &K) -> (K, usize) {
        let mut out = KeyWriter::new();
        key.write(&mut out);
        let mut input = KeyReader::new(out.buffer.as_slice());
        let back = K::read(&mut input).expect("what was written can be read");
        assert!(input.is_empty());
        (back, out.buffer.as_slice().len())
    }

    #[test]
    fn a_fraction_has_one_spelling() {
        let mut out = KeyWriter::new();
        out.signed(0);
        out.unsigned(5000 << 1 | 1);
        assert!(read_instant(&mut KeyReader::new(out.buffer.as_slice())).is_err());
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn timestamps_of_jiff_keep_their_nanoseconds() {
        use jiff::{
            Timestamp,
            civil::{Date, DateTime},
        };
        let now: Timestamp = "2026-11-20T20:00:00.123456Z".parse().expect("a timestamp");
        assert_eq!(round_trip(&now), (now, 8));
        for text in [
            "1969-12-31T23:59:59.999999999Z",
            "1970-01-01T00:00:00Z",
            "-000044-03-15T12:00:00.000000001Z",
        ] {
            let at: Timestamp = text.parse().expect("a timestamp");
            assert_eq!(round_trip(&at).0, at);
        }
        for at in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(round_trip(&at).0, at);
        }
        for at in [
            DateTime::MIN,
            DateTime::MAX,
            DateTime::constant(2026, 2, 28, 23, 59, 59, 1),
        ] {
            assert_eq!(round_trip(&at).0, at);
        }
        for at in [Date::MIN, Date::MAX] {
            assert_eq!(round_trip(&at).0, at);
        }
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn timestamps_of_chrono_keep_their_nanoseconds() {
        use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
        let leap = NaiveDate::from_ymd_opt(2016, 12, 31)
            .and_then(|day| day.and_hms_nano_opt(23, 59, 59, 1_500_000_001));
        let leap = leap.expect("a leap second");
        for at in [
            DateTime::<Utc>::MIN_UTC,
            DateTime::<Utc>::MAX_UTC,
            leap.and_utc(),
        ] {
            assert_eq!(round_trip(&at).0, at);
        }
        for at in [NaiveDateTime::MIN, NaiveDateTime::MAX, leap] {
            assert_eq!(round_trip(&at).0, at);
        }
        for date in [NaiveDate::MIN, NaiveDate::MAX] {
            assert_eq!(round_trip(&date).0, date);
        }
    }

    #[cfg(feature = "time")]
    #[test]
    fn timestamps_of_time_keep_their_nanoseconds() {
        use time::{Date, OffsetDateTime, PrimitiveDateTime};
        for at in [PrimitiveDateTime::MIN, PrimitiveDateTime::MAX] {
            assert_eq!(round_trip(&at).0, at);
        }
        let at = OffsetDateTime::from_unix_timestamp_nanos(-1_234_567_891).expect("in range");
        assert_eq!(round_trip(&at).0, at);
        for date in [Date::MIN, Date::MAX] {
            assert_eq!(round_trip(&date).0, date);
        }
    }
}
