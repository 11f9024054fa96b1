//! The values of an item that stand in its links, percent-encoded once each.

use std::fmt::{self, Display, Write as _};
use std::ops::Range;

/// A value that can stand in a link: whatever has `Display`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a link: it does not implement `Display`",
    label = "has a placeholder whose value has no `Display`",
    note = "implement `std::fmt::Display` for `{Self}`, with the text that shall be in the address"
)]
pub trait LinkValue: Display {}

impl<T: Display + ?Sized> LinkValue for T {}

/// What the placeholders of one item stand for. Filled by [`Links::values`](super::Links::values).
#[derive(Debug, Default)]
pub struct Values {
    text: Vec<u8>,
    slots: Vec<Slot>,
    /// The elements of all `each` values, one after the other.
    elements: Vec<Slot>,
    /// Whether what is put goes to `elements`.
    inside_each: bool,
    /// The values that there are, as bits.
    present: u64,
    /// Those of them that can be a whole path segment.
    segments: u64,
}

/// The bit of the value with this index. There are no more than 64: the derive sees to it.
pub(super) fn bit(index: u8) -> u64 {
    1_u64.checked_shl(index.into()).unwrap_or_default()
}

/// One value.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    /// There is none: links that need it are left out.
    Missing,
    /// Its place in the text.
    Text(Range<usize>),
    /// The place of its elements.
    Each(Range<usize>),
}

impl Values {
    /// Puts a value; everything but the unreserved characters of RFC 3986 §2.3 is percent-encoded.
    pub fn display<V: LinkValue + ?Sized>(&mut self, value: &V) {
        self.encode(value, false);
    }

    /// Puts a value whose slashes separate path segments and stay as they are.
    pub fn segments<V: LinkValue + ?Sized>(&mut self, value: &V) {
        self.encode(value, true);
    }

    /// Puts an integer.
    pub fn integer(&mut self, value: impl Integer) {
        let start = self.text.len();
        value.write(&mut self.text);
        self.close(start, true);
    }

    /// Puts nothing in the place of a value.
    pub fn missing(&mut self) {
        self.push(Slot::Missing);
    }

    /// Puts one value for each element; `put` is called once for each and puts exactly one.
    pub fn each<I: IntoIterator>(&mut self, elements: I, mut put: impl FnMut(&mut Self, I::Item)) {
        let start = self.elements.len();
        self.inside_each = true;
        for element in elements {
            put(self, element);
        }
        self.inside_each = false;
        self.slots.push(Slot::Each(start..self.elements.len()));
    }

    /// Forgets all values and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.slots.clear();
        self.elements.clear();
        self.present = 0;
        self.segments = 0;
    }

    /// The values that there are, as bits.
    pub(super) fn present(&self) -> u64 {
        self.present
    }

    /// The values that can be a whole path segment, as bits.
    pub(super) fn whole_segments(&self) -> u64 {
        self.segments
    }

    /// The value with this index.
    pub(super) fn text(&self, index: u8) -> Option<&[u8]> {
        self.text_of(self.slots.get(usize::from(index))?)
    }

    /// The elements of the `each` value with this index.
    pub(super) fn elements(&self, index: u8) -> &[Slot] {
        match self.slots.get(usize::from(index)) {
            Some(Slot::Each(range)) => self.elements.get(range.clone()).unwrap_or_default(),
            _ => &[],
        }
    }

    pub(super) fn text_of(&self, slot: &Slot) -> Option<&[u8]> {
        match slot {
            Slot::Text(range) => self.text.get(range.clone()),
            _ => None,
        }
    }

    fn encode<V: Display + ?Sized>(&mut self, value: &V, slashes: bool) {
        let start = self.text.len();
        let mut encoder = Encoder {
            out: &mut self.text,
            slashes,
        };
        match write!(encoder, "{value}") {
            Ok(()) => {
                let segment = self.text.get(start..).is_some_and(is_segment);
                self.close(start, segment);
            }
            // A `Display` that fails has no text.
            Err(_) => {
                self.text.truncate(start);
                self.missing();
            }
        }
    }

    fn close(&mut self, start: usize, segment: bool) {
        if !self.inside_each {
            let bit = u8::try_from(self.slots.len()).map_or(0, bit);
            self.present |= bit;
            self.segments |= if segment { bit } else { 0 };
        }
        self.push(Slot::Text(start..self.text.len()));
    }

    fn push(&mut self, slot: Slot) {
        match self.inside_each {
            true => self.elements.push(slot),
            false => self.slots.push(slot),
        }
    }
}

/// Whether `text` can be a whole path segment, or several: clients read `.` and `..` as another path
/// (RFC 3986 §5.2.4), percent-encoded or not, and an empty one at the start as another host (§4.2).
pub(super) fn is_segment(text: &[u8]) -> bool {
    !text.split(|byte| *byte == b'/').any(is_lost)
}

fn is_lost(segment: &[u8]) -> bool {
    matches!(segment, b"" | b"." | b"..")
}

/// Writes text percent-encoded (RFC 3986 §2.1).
pub(super) struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    /// Whether slashes stay.
    slashes: bool,
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

impl fmt::Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let plain = rest.iter().position(|byte| !self.stays(*byte));
            let (kept, tail) = rest.split_at(plain.unwrap_or(rest.len()));
            self.out.extend_from_slice(kept);
            rest = tail;
            if let Some((byte, tail)) = rest.split_first() {
                self.byte(*byte);
                rest = tail;
            }
        }
        Ok(())
    }
}

impl<'a> Encoder<'a> {
    /// Encodes everything but the unreserved characters of RFC 3986 §2.3.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        let slashes = false;
        Self { out, slashes }
    }

    /// Writes one byte.
    pub(super) fn byte(&mut self, byte: u8) {
        if self.stays(byte) {
            self.out.push(byte);
        } else {
            let [high, low] = [byte >> 4, byte & 15].map(|digit| HEX[usize::from(digit)]);
            self.out.extend_from_slice(&[b'%', high, low]);
        }
    }

    fn stays(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~')
            || (self.slashes && byte == b'/')
    }
}

/// The primitive integers, written without `Display`.
pub trait Integer {
    #[doc(hidden)]
    fn write(self, out: &mut Vec<u8>);
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Integer for $integer {
            fn write(self, out: &mut Vec<u8>) {
                out.extend_from_slice(itoa::Buffer::new().format(self).as_bytes());
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
