//! RFC 3339 timestamps and their parts, taken apart in one place, so that every time crate
//! accepts the same text.

/// What the client has to write for a timestamp.
pub(super) const TIMESTAMP: &str =
    "RFC 3339 timestamp as 2026-01-31T09:30:00.5Z, with `+` of an offset written `%2B`";
/// What the client has to write for a date.
pub(super) const DATE: &str = "date as 2026-01-31";
/// What the client has to write for a time of day.
pub(super) const TIME: &str = "time of day as 09:30:00.5";
/// What the client has to write for a date and time of day without offset.
pub(super) const DATE_TIME: &str = "date and time without offset as 2026-01-31T09:30:00.5";

/// The years that can be written. An offset may lead out of them in UTC, where MySQL encoders fail.
#[cfg(any(feature = "chrono", feature = "time"))]
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

/// `full-date`; whether the month has that day is left to the time crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i16,
    pub(super) month: u8,
    pub(super) day: u8,
}

/// `partial-time`; leap seconds are refused, since databases cannot store them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) nanosecond: u32,
}

/// A whole `full-date`.
pub(super) fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Date {
        year: i16::try_from(digits(year, 4)?).ok()?,
        month: two_digits(month, 1..=12)?,
        day: two_digits(day, 1..=31)?,
    })
}

/// A whole `partial-time` of at most nine decimals.
pub(super) fn time(text: &str) -> Option<Time> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Time {
        hour: two_digits(hour, 0..=23)?,
        minute: two_digits(minute, 0..=59)?,
        second: two_digits(second, 0..=59)?,
        nanosecond: fraction.map_or(Some(0), nanoseconds)?,
    })
}

/// A date, `T` and a time of day.
pub(super) fn date_time(text: &str) -> Option<(Date, Time)> {
    let (day, clock) = text.split_once(['T', 't'])?;
    Some((date(day)?, time(clock)?))
}

/// A whole `date-time`, its offset in seconds east of UTC.
pub(super) fn timestamp(text: &str) -> Option<(Date, Time, i32)> {
    if let Some(utc) = text.strip_suffix(['Z', 'z']) {
        let (date, time) = date_time(utc)?;
        return Some((date, time, 0));
    }
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let (date, time) = date_time(local)?;
    Some((date, time, offset_seconds(offset)?))
}

/// `time-numoffset`: `+02:00`.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, clock) = text.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':')?;
    let hours = i32::from(two_digits(hours, 0..=23)?);
    let minutes = i32::from(two_digits(minutes, 0..=59)?);
    Some(sign * (hours * 3600 + minutes * 60))
}

fn nanoseconds(fraction: &str) -> Option<u32> {
    let missing = 9_usize.checked_sub(fraction.len())?;
    let scale = 10_u32.pow(u32::try_from(missing).ok()?);
    digits(fraction, fraction.len()).map(|number| number * scale)
}

fn two_digits(text: &str, range: std::ops::RangeInclusive<u8>) -> Option<u8> {
    let number = u8::try_from(digits(text, 2)?).ok()?;
    range.contains(&number).then_some(number)
}

/// A number of exactly `count` ASCII digits, at most nine; no sign.
fn digits(text: &str, count: usize) -> Option<u32> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{Date, Time, date, time, timestamp};

    #[test]
    fn timestamps_are_taken_apart() {
        let day = Date {
            year: 2026,
            month: 1,
            day: 31,
        };
        let clock = |nanosecond| Time {
            hour: 9,
            minute: 30,
            second: 0,
            nanosecond,
        };
        let table = [
            ("2026-01-31T09:30:00Z", 0, 0),
            ("2026-01-31t09:30:00.5z", 500_000_000, 0),
            ("2026-01-31T09:30:00.000000001+02:00", 1, 7200),
            ("2026-01-31T09:30:00-00:30", 0, -1800),
        ];
        for (text, nanosecond, offset) in table {
            assert_eq!(
                timestamp(text),
                Some((day, clock(nanosecond), offset)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_rfc_3339_does_not_know_is_refused() {
        for text in [
            "",
            "Z",
            "é€",
            "2026-01-31",
            "2026-01-31T09:30Z",
            "2026-01-31 09:30:00Z",
            "2026-01-31T09:30:00",
            "2026-01-31T09:30:00 02:00",
            "2026-01-31T09:30:00+0200",
            "2026-01-31T09:30:00.Z",
            "2026-01-31T09:30:00.1234567890Z",
            "2026-01-31T09:30:60Z",
            "2026-01-31T24:00:00Z",
            "2026-13-01T00:00:00Z",
            "+2026-01-31T09:30:00Z",
            "-026-01-31T09:30:00Z",
            "20260131T093000Z",
            "2026-01-31T09:30:00Z[UTC]",
            "2026-01-31T09:30:00Zé2345",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
        assert_eq!(date("2026-01-31-01"), None);
        assert_eq!(time("09:30:00:00"), None);
    }
}
