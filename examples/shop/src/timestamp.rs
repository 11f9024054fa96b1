//! A point in time as the shop stores and shows it: whole microseconds, UTC.

use std::fmt;
use std::str::FromStr;

use api_patterns::filter::FilterValue;
use api_patterns::pagination::Key;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Type};

// RFC 3339 has four digits for the year, so the first instant is that of the year 0000; the last is
// 9999-12-30T22:00:00Z, the greatest that `jiff` makes from microseconds.
const FIRST: i64 = -62_167_219_200_000_000;
const LAST: i64 = 253_402_207_200_000_000;

/// Microseconds since 1970-01-01T00:00:00Z, within the years 0000 to 9999.
///
/// Both databases keep it as a 64-bit integer: a native timestamp loses digits on some of them,
/// and a cursor needs every digit that the order was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Key)]
pub(crate) struct Timestamp(i64);

/// The text or number is not a time that RFC 3339 can write.
#[derive(Debug, thiserror::Error)]
#[error("expected an RFC 3339 time, as 2026-11-20T20:00:00.123456Z")]
pub(crate) struct InvalidTimestamp;

impl Timestamp {
    /// The current time.
    pub(crate) fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    /// A time from its microseconds.
    ///
    /// # Errors
    /// The year is outside 0000 to 9999.
    pub(crate) fn from_microseconds(microseconds: i64) -> Result<Self, InvalidTimestamp> {
        match microseconds {
            FIRST..=LAST => Ok(Self(microseconds)),
            _ => Err(InvalidTimestamp),
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn as_microseconds(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
        let time = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        PRINTER
            .print_timestamp(&time, jiff::fmt::StdFmtWrite(f))
            .map_err(|_| fmt::Error)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Digits beyond the microsecond are dropped.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        // Rounded down, before 1970 too: a time never moves into the next second.
        let microseconds = time.as_nanosecond().div_euclid(1000);
        Self::from_microseconds(microseconds.try_into().map_err(|_| InvalidTimestamp)?)
    }
}

impl FilterValue for Timestamp {
    const TYPE_NAME: &'static str = "RFC 3339 time of at most 6 decimals";

    /// Digits beyond the microsecond are refused here: without them `lt` and `gt` would compare
    /// with another time than the client wrote.
    fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.parse().ok()?;
        (time.subsec_nanosecond() % 1000 == 0)
            .then(|| text.parse().ok())
            .flatten()
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl<DB: Database> Type<DB> for Timestamp
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <i64 as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <i64 as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Timestamp
where
    i64: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        self.0.encode_by_ref(buf)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Timestamp
where
    i64: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self::from_microseconds(i64::decode(value)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn six_digits_are_always_written() {
        for (given, shown) in [
            ("2026-11-20T20:00:00Z", "2026-11-20T20:00:00.000000Z"),
            (
                "2026-11-20T21:00:00.123456789+01:00",
                "2026-11-20T20:00:00.123456Z",
            ),
            (
                "1969-12-31T23:59:59.9999999Z",
                "1969-12-31T23:59:59.999999Z",
            ),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
            (
                "9999-12-30T22:00:00.000000999Z",
                "9999-12-30T22:00:00.000000Z",
            ),
        ] {
            assert_eq!(given.parse::<Timestamp>().expect(given).to_string(), shown);
        }
    }

    #[test]
    fn what_rfc_3339_cannot_write_is_refused() {
        for text in [
            "",
            "yesterday",
            "2026-11-20",
            "-000001-12-31T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "9999-12-30T22:00:00.000001Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
