//! How an [`Answer`] is written down.
//!
//! ```text
//! version (1 byte) | status (2) | has a body (1) | number of fields | fields | body, to the end
//! field: length of name | name | length of value | value
//! ```
//! Numbers of more than a byte are big-endian; lengths and counts take seven bits a byte, the lowest
//! first, and all bytes but the last have the eighth set.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Answer;
use crate::storage::{StoreError, StoreErrorKind};

const VERSION: u8 = 1;

impl Answer {
    /// The answer as bytes, for stores that keep bytes. What they mean is told by their first, so
    /// that records outlive a change of the form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = self.body.as_deref();
        let fields: usize = self.headers.iter().map(|(n, v)| field_len(n, v)).sum();
        let mut out = Vec::with_capacity(16 + fields + body.map_or(0, <[u8]>::len));
        out.push(VERSION);
        out.extend_from_slice(&self.status.as_u16().to_be_bytes());
        out.push(body.is_some().into());
        push_number(&mut out, self.headers.len());
        for (name, value) in &self.headers {
            push_slice(&mut out, name.as_str().as_bytes());
            push_slice(&mut out, value.as_bytes());
        }
        out.extend_from_slice(body.unwrap_or_default());
        out
    }

    /// The answer that [`to_bytes`](Self::to_bytes) has written.
    ///
    /// # Errors
    /// [`StoreErrorKind::Corrupt`] where these are not such bytes.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self, StoreError> {
        let bytes = bytes.into();
        Reader(&bytes)
            .answer()
            .map(|(answer, body)| Self {
                body: body.map(|len| bytes.slice(bytes.len() - len..)),
                ..answer
            })
            .ok_or_else(|| {
                StoreError::new(StoreErrorKind::Corrupt).with_source("no answer can be read in it")
            })
    }
}

/// At most so many bytes; only the buffer's first size depends on it.
fn field_len(name: &HeaderName, value: &HeaderValue) -> usize {
    name.as_str().len() + value.len() + 6
}

fn push_slice(out: &mut Vec<u8>, slice: &[u8]) {
    push_number(out, slice.len());
    out.extend_from_slice(slice);
}

fn push_number(out: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        out.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// All but the body, and the body's length.
    fn answer(mut self) -> Option<(Answer, Option<usize>)> {
        if self.byte()? != VERSION {
            return None;
        }
        let status = u16::from_be_bytes([self.byte()?, self.byte()?]);
        let has_body = match self.byte()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let answer = Answer {
            status: StatusCode::from_u16(status).ok()?,
            headers: self.headers()?,
            body: None,
        };
        match has_body {
            true => Some((answer, Some(self.0.len()))),
            false => self.0.is_empty().then_some((answer, None)),
        }
    }

    fn headers(&mut self) -> Option<HeaderMap> {
        // The count says nothing of how much memory is needed until the fields are there.
        let mut headers = HeaderMap::new();
        for _ in 0..self.number()? {
            let name = HeaderName::from_bytes(self.slice()?).ok()?;
            let value = HeaderValue::from_bytes(self.slice()?).ok()?;
            headers.try_append(name, value).ok()?;
        }
        Some(headers)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_usize;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            let part = usize::from(byte & 0x7f);
            // Bits that do not fit are no length.
            if part.leading_zeros() < shift {
                return None;
            }
            number |= part << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn slice(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        let (slice, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(slice)
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Reader, push_number};
    use crate::storage::StoreErrorKind;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode};

    fn answer(body: Option<Bytes>) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/plain"));
        headers.append("link", HeaderValue::from_static("</a>; rel=\"next\""));
        headers.append("link", HeaderValue::from_static(""));
        // Octets that are no text are allowed in a value.
        let opaque = HeaderValue::from_bytes(&[0xff; 300]).expect("opaque octets are allowed");
        headers.insert("x-opaque", opaque);
        Answer {
            status: StatusCode::CREATED,
            headers,
            body,
        }
    }

    fn all() -> [Answer; 4] {
        [
            answer(None),
            answer(Some(Bytes::new())),
            answer(Some(Bytes::from_static(b"{\"id\":7}"))),
            Answer {
                status: StatusCode::from_u16(999).expect("three digits"),
                headers: HeaderMap::new(),
                body: Some(Bytes::from(vec![0; 70_000])),
            },
        ]
    }

    #[test]
    fn an_answer_is_read_as_it_was_written() {
        for answer in all() {
            assert_eq!(
                Answer::from_bytes(answer.to_bytes()).expect("what was written"),
                answer
            );
        }
    }

    #[test]
    fn the_form_stays_as_it_was_published() {
        let mut headers = HeaderMap::new();
        headers.insert("etag", HeaderValue::from_static("\"7\""));
        let answer = Answer {
            status: StatusCode::OK,
            headers,
            body: Some(Bytes::from_static(b"hi")),
        };
        assert_eq!(
            answer.to_bytes(),
            b"\x01\x00\xc8\x01\x01\x04etag\x03\"7\"hi"
        );
    }

    #[test]
    fn what_is_no_answer_is_corrupt() {
        let whole = answer(None).to_bytes();
        for end in 0..whole.len() {
            let error = Answer::from_bytes(whole[..end].to_vec()).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{end} bytes");
        }
        let wrong: [&[u8]; 8] = [
            b"\x00\x00\xc8\x00\x00",
            b"\x02\x00\xc8\x00\x00",
            b"\x01\x00\x07\x00\x00",
            b"\x01\x00\xc8\x02\x00",
            b"\x01\x00\xc8\x00\x00surplus",
            b"\x01\x00\xc8\x00\x01\x02a b\x00",
            b"\x01\x00\xc8\x00\x01\x01a\x01\n",
            b"\x01\x00\xc8\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ];
        for bytes in wrong {
            let error = Answer::from_bytes(bytes.to_vec()).unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{bytes:?}");
        }
    }

    #[test]
    fn a_changed_byte_is_no_panic() {
        let whole = answer(Some(Bytes::from_static(b"body"))).to_bytes();
        for at in 0..whole.len() {
            for byte in 0..=u8::MAX {
                let mut changed = whole.clone();
                changed[at] = byte;
                if let Ok(read) = Answer::from_bytes(changed) {
                    assert_eq!(
                        Answer::from_bytes(read.to_bytes()).expect("what was written"),
                        read
                    );
                }
            }
        }
    }

    #[test]
    fn numbers_of_every_length_are_read_back() {
        for shift in 0..usize::BITS {
            for number in [1_usize << shift, (1 << shift) - 1, usize::MAX >> shift] {
                let mut bytes = Vec::new();
                push_number(&mut bytes, number);
                assert_eq!(Reader(&bytes).number(), Some(number));
            }
        }
    }
}
