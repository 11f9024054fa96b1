//! The bytes of key values: integers in as few bytes as they need, everything bounded on read.

use std::fmt;

/// Bytes that stay on the stack while they are few: all common keys fit.
#[derive(Clone)]
pub(crate) struct Buffer {
    inline: [u8; Buffer::INLINE + Buffer::SLACK],
    len: usize,
    spilled: Vec<u8>,
}

impl Buffer {
    pub(crate) const INLINE: usize = 96;
    /// Room for a whole word behind the last byte, so that an integer is one store.
    const SLACK: usize = 8;

    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            inline: [0; Self::INLINE + Self::SLACK],
            len: 0,
            spilled: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self.len {
            len @ 0..=Self::INLINE => &self.inline[..len],
            _ => &self.spilled,
        }
    }

    #[inline]
    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        match self.len {
            len @ 0..=Self::INLINE => &mut self.inline[..len],
            _ => &mut self.spilled,
        }
    }

    #[inline]
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if end <= Self::INLINE {
            self.inline[self.len..end].copy_from_slice(bytes);
            self.len = end;
        } else {
            self.spill(bytes);
        }
    }

    /// The first `len` bytes of a word.
    #[inline]
    pub(crate) fn extend_word(&mut self, word: u64, len: usize) {
        let end = self.len + len;
        match self.inline.get_mut(self.len..) {
            Some(rest) if end <= Self::INLINE => {
                if let Some(room) = rest.first_chunk_mut() {
                    *room = word.to_le_bytes();
                }
                self.len = end;
            }
            _ => self.spill(&word.to_le_bytes()[..len]),
        }
    }

    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if self.len <= Self::INLINE {
            self.spilled = Vec::with_capacity(end * 2);
            self.spilled.extend_from_slice(&self.inline[..self.len]);
        }
        self.spilled.extend_from_slice(bytes);
        self.len = end;
    }

    /// Makes it `len` bytes long, to be written over.
    #[inline]
    pub(crate) fn resize(&mut self, len: usize) {
        if len > Self::INLINE {
            self.spilled = vec![0; len];
        }
        self.len = len;
    }

    /// Keeps the first `len` bytes.
    #[inline]
    pub(crate) fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        if self.len > Self::INLINE {
            self.spilled.truncate(len);
            if len <= Self::INLINE {
                self.inline[..len].copy_from_slice(&self.spilled);
            }
        }
        self.len = len;
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len)
    }
}

/// Takes the key values of a cursor.
#[derive(Debug)]
pub struct KeyWriter {
    pub(crate) buffer: Buffer,
}

impl KeyWriter {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            buffer: Buffer::new(),
        }
    }

    /// Appends one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) {
        self.buffer.extend(&[byte]);
    }

    /// Appends bytes whose number the reader knows.
    #[inline]
    pub fn fixed(&mut self, bytes: &[u8]) {
        self.buffer.extend(bytes);
    }

    /// Appends an integer in 1 to 9 bytes: the low bits of the first byte tell how many.
    #[inline]
    pub fn unsigned(&mut self, value: u64) {
        let bits = (u64::BITS - (value | 1).leading_zeros()) as usize;
        let len = bits.div_ceil(7);
        if len > 8 {
            self.byte(0);
            self.fixed(&value.to_le_bytes());
        } else {
            let marked = (value << len) | (1 << (len - 1));
            self.buffer.extend_word(marked, len);
        }
    }

    /// Appends an integer in 1 to 9 bytes, small magnitudes in fewer.
    #[inline]
    pub fn signed(&mut self, value: i64) {
        self.unsigned((value << 1) as u64 ^ (value >> 63) as u64);
    }

    /// Appends bytes after their number.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.unsigned(bytes.len() as u64);
        self.fixed(bytes);
    }
}

/// Gives the key values of a cursor back, in the order in which they were written.
#[derive(Clone, Copy, Debug)]
pub struct KeyReader<'a> {
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether the nullable value that comes next is NULL.
    pub(crate) fn next_is_null(&self) -> bool {
        self.rest.first() == Some(&0)
    }

    /// The next byte.
    ///
    /// # Errors
    /// At the end of the input.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, KeyError> {
        let (&byte, rest) = self.rest.split_first().ok_or(KeyError::new())?;
        self.rest = rest;
        Ok(byte)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// When fewer are left.
    #[inline]
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], KeyError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(KeyError::new())?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// An integer written by [`KeyWriter::unsigned`].
    ///
    /// # Errors
    /// At the end of the input, or when it is written longer than it needs to be: a value has
    /// one spelling only.
    #[inline]
    pub fn unsigned(&mut self) -> Result<u64, KeyError> {
        let first = *self.rest.first().ok_or(KeyError::new())?;
        let len = first.trailing_zeros() as usize + 1;
        if len > 8 {
            self.rest = &self.rest[1..];
            let value = u64::from_le_bytes(self.fixed()?);
            return if value >> 56 == 0 {
                Err(KeyError::new())
            } else {
                Ok(value)
            };
        }
        let marked = match self.rest.first_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word) & (u64::MAX >> (64 - 8 * len)),
            None => {
                let mut word = [0; 8];
                word[..len].copy_from_slice(self.rest.get(..len).ok_or(KeyError::new())?);
                u64::from_le_bytes(word)
            }
        };
        self.rest = &self.rest[len..];
        let value = marked >> len;
        if len > 1 && value >> (7 * (len - 1)) == 0 {
            return Err(KeyError::new());
        }
        Ok(value)
    }

    /// An integer written by [`KeyWriter::signed`].
    ///
    /// # Errors
    /// As [`unsigned`](Self::unsigned).
    #[inline]
    pub fn signed(&mut self) -> Result<i64, KeyError> {
        let zigzag = self.unsigned()?;
        Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// Bytes written by [`KeyWriter::bytes`].
    ///
    /// # Errors
    /// When fewer are left than their number says.
    pub fn bytes(&mut self) -> Result<&'a [u8], KeyError> {
        let len = usize::try_from(self.unsigned()?).map_err(|_| KeyError::new())?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(KeyError::new())?;
        self.rest = rest;
        Ok(bytes)
    }
}

/// Bytes that are no value of the type that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not hold a value of the expected type")]
#[non_exhaustive]
pub struct KeyError;

impl KeyError {
    /// For implementations of [`Key`](super::Key).
    pub const fn new() -> Self {
        Self
    }
}

impl Default for KeyError {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, KeyReader, KeyWriter};

    #[test]
    fn integers_come_back_in_their_shortest_spelling() {
        let table = [
            (0, 1),
            (127, 1),
            (128, 2),
            ((1 << 14) - 1, 2),
            (1 << 14, 3),
            ((1 << 56) - 1, 8),
            (1 << 56, 9),
            (u64::MAX, 9),
        ];
        for (value, len) in table {
            let mut out = KeyWriter::new();
            out.unsigned(value);
            assert_eq!(out.buffer.as_slice().len(), len, "{value}");
            let mut input = KeyReader::new(out.buffer.as_slice());
            assert_eq!(input.unsigned(), Ok(value));
            assert!(input.is_empty());
        }
    }

    #[test]
    fn signed_integers_come_back() {
        for value in [
            0,
            1,
            -1,
            63,
            -64,
            64,
            i64::MAX,
            i64::MIN,
            1_700_000_000_000_000,
        ] {
            let mut out = KeyWriter::new();
            out.signed(value);
            out.byte(7);
            let mut input = KeyReader::new(out.buffer.as_slice());
            assert_eq!(input.signed(), Ok(value));
            assert_eq!(input.byte(), Ok(7));
        }
    }

    #[test]
    fn a_longer_spelling_is_refused() {
        for bytes in [&[0b10, 0][..], &[0, 1, 0, 0, 0, 0, 0, 0, 0], &[0b100, 0, 0]] {
            assert!(KeyReader::new(bytes).unsigned().is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn truncated_input_is_refused() {
        for bytes in [&[][..], &[0], &[0b10], &[0b1000_0000, 1, 2], &[0, 1, 2, 3]] {
            assert!(KeyReader::new(bytes).unsigned().is_err(), "{bytes:?}");
            assert!(KeyReader::new(bytes).bytes().is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_buffer_spills_and_shrinks() {
        let mut buffer = Buffer::new();
        let all: Vec<u8> = (0..=255).collect();
        for chunk in all.chunks(50) {
            buffer.extend(chunk);
        }
        assert_eq!(buffer.as_slice(), all);
        buffer.truncate(200);
        assert_eq!(buffer.as_slice(), &all[..200]);
        buffer.truncate(20);
        assert_eq!(buffer.as_slice(), &all[..20]);
        buffer.extend(&all[20..]);
        assert_eq!(buffer.as_slice(), all);
        buffer.resize(300);
        assert_eq!(buffer.as_slice(), [0; 300]);
    }
}
