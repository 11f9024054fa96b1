//! Values that a cursor can hold.

use std::cmp::Ordering;

use crate::sql::Stored;

mod codec;
mod number;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod temporal;
mod text;

pub(super) use self::codec::Buffer;
pub use self::codec::{KeyError, KeyReader, KeyWriter};

/// A type whose values can be sorted by, and held in a cursor without loss.
///
/// Implemented for integers, `bool`, `f32`, `f64`, `String`, `Vec<u8>`, and behind their features
/// for UUIDs, decimals and the timestamps of jiff, chrono and time; for `Option` of each, where
/// `None` is SQL `NULL`. A newtype derives it.
///
/// # Example
/// ```
/// use api_patterns::pagination::Key;
///
/// #[derive(Key)]
/// struct ProductId(i64);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a keyset key",
    label = "not a key type",
    note = "integers, bool, floats, String, Vec<u8>, UUIDs, decimals, timestamps and `Option`s of them are keys; some are behind features",
    note = "a newtype over a key can `#[derive(Key)]`"
)]
pub trait Key: Sized {
    /// Whether a value can be NULL.
    const NULLABLE: bool = false;

    /// Appends the value, so that [`read`](Key::read) gives back the same one.
    fn write(&self, out: &mut KeyWriter);

    /// Reads what [`write`](Key::write) wrote.
    ///
    /// # Errors
    /// [`KeyError`] when the bytes are not a value of this type. They may come from a client.
    fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError>;

    /// Checks and passes over a value, as [`read`](Key::read) would, without building it.
    ///
    /// # Errors
    /// Exactly where `read` fails.
    fn skip(input: &mut KeyReader<'_>) -> Result<(), KeyError> {
        Self::read(input).map(drop)
    }

    /// The order of two values in SQL. NULLs are placed by the order of a page, not here.
    fn compare(&self, other: &Self) -> Ordering;

    /// Whether this value is NULL.
    fn is_null(&self) -> bool {
        false
    }

    /// The value for a database client other than sqlx.
    fn to_value(&self) -> KeyValue;

    /// What sqlx writes into a column for this value, where the column could hold something else
    /// that reads as the same value. Only types of this crate say so.
    #[doc(hidden)]
    fn stored(&self) -> Stored {
        Stored::Any
    }
}

/// A key value for those who bind it themselves; see
/// [`PageRequest::statement`](super::PageRequest::statement).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum KeyValue {
    /// SQL `NULL`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer of any width up to 64 bits.
    I64(i64),
    /// An unsigned integer of any width up to 64 bits.
    U64(u64),
    /// A floating-point number.
    F64(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID, as its 128 bits in network order.
    Uuid(u128),
    /// A decimal number, written with all its digits.
    Decimal(String),
    /// A point in time: seconds since 1970-01-01T00:00:00Z and nanoseconds after that second.
    Timestamp {
        /// Whole seconds, rounded down.
        seconds: i64,
        /// 0 to 999,999,999; up to 1,999,999,999 in a leap second of chrono.
        nanos: u32,
    },
    /// A date or a date with time, without a zone, in ISO 8601.
    Civil(String),
}

impl<K: Key> Key for Option<K> {
    const NULLABLE: bool = true;

    fn write(&self, out: &mut KeyWriter) {
        match self {
            None => out.byte(0),
            Some(key) => {
                out.byte(1);
                key.write(out);
            }
        }
    }

    fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        match input.byte()? {
            0 => Ok(None),
            1 => K::read(input).map(Some),
            _ => Err(KeyError::new()),
        }
    }

    fn skip(input: &mut KeyReader<'_>) -> Result<(), KeyError> {
        match input.byte()? {
            0 => Ok(()),
            1 => K::skip(input),
            _ => Err(KeyError::new()),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Some(one), Some(other)) => one.compare(other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        }
    }

    fn is_null(&self) -> bool {
        self.is_none()
    }

    fn to_value(&self) -> KeyValue {
        self.as_ref().map_or(KeyValue::Null, Key::to_value)
    }

    fn stored(&self) -> Stored {
        self.as_ref().map_or(Stored::Any, Key::stored)
    }
}
