//! Text, bytes and UUIDs as keys.

use std::cmp::Ordering;
use std::str;

use super::{Key, KeyError, KeyReader, KeyValue, KeyWriter};

/// In memory, text is ordered by its bytes: as SQLite's `BINARY` and PostgreSQL's `"C"` collation.
/// In SQL the column's own collation holds, for the order and for the cursor alike.
impl Key for String {
    fn write(&self, out: &mut KeyWriter) {
        out.bytes(self.as_bytes());
    }

    fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        text(input).map(str::to_owned)
    }

    fn skip(input: &mut KeyReader<'_>) -> Result<(), KeyError> {
        text(input).map(drop)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn to_value(&self) -> KeyValue {
        KeyValue::Text(self.clone())
    }
}

fn text<'a>(input: &mut KeyReader<'a>) -> Result<&'a str, KeyError> {
    str::from_utf8(input.bytes()?).map_err(|_| KeyError::new())
}

impl Key for Vec<u8> {
    fn write(&self, out: &mut KeyWriter) {
        out.bytes(self);
    }

    fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        input.bytes().map(<[u8]>::to_vec)
    }

    fn skip(input: &mut KeyReader<'_>) -> Result<(), KeyError> {
        input.bytes().map(drop)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn to_value(&self) -> KeyValue {
        KeyValue::Bytes(self.clone())
    }
}

#[cfg(feature = "uuid")]
impl Key for uuid::Uuid {
    #[inline]
    fn write(&self, out: &mut KeyWriter) {
        out.fixed(self.as_bytes());
    }

    #[inline]
    fn read(input: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        input.fixed().map(Self::from_bytes)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn to_value(&self) -> KeyValue {
        KeyValue::Uuid(self.as_u128())
    }
}
