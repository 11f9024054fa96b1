//! The parts of a JSON document, as slices of its bytes.
//!
//! Where a part begins and ends is told by serde_json itself; nothing is built. What comes out is
//! read again by whoever wants its value.

use serde::de::{Error as _, IgnoredAny};

/// What is not JSON, at this byte of the document.
#[derive(Debug)]
pub(crate) struct Malformed(pub(crate) serde_json::Error);

/// Whether the whole is one JSON value, and nothing else.
pub(crate) fn check(json: &[u8]) -> Result<(), Malformed> {
    // Strings that nobody reads may hold anything, to `from_slice`.
    let text =
        std::str::from_utf8(json).map_err(|error| Malformed(serde_json::Error::custom(error)))?;
    serde_json::from_str(text)
        .map(|IgnoredAny| ())
        .map_err(Malformed)
}

/// The elements of an array, each as its bytes; `None` where a valid document is no array.
pub(crate) fn elements(json: &[u8]) -> Option<Parts<'_>> {
    Parts::within(json, b'[')
}

/// Names, with their quotes and escapes, and values of an object; `None` where a valid document is
/// no object.
pub(crate) fn members(json: &[u8]) -> Option<impl Iterator<Item = (&[u8], &[u8])>> {
    let mut parts = Parts::within(json, b'{')?;
    Some(std::iter::from_fn(move || {
        let name = parts.next()?;
        Some((name, parts.next()?))
    }))
}

/// The values between the brackets of a valid document, in order.
#[derive(Clone, Debug)]
pub(crate) struct Parts<'a> {
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    fn within(json: &'a [u8], bracket: u8) -> Option<Self> {
        let json = json.trim_ascii();
        let inside = json.strip_prefix(&[bracket])?;
        let inside = &inside[..inside.len().checked_sub(1)?];
        Some(Self { rest: inside })
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let separators = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b':');
        let start = self.rest.iter().position(|byte| !separators(byte))?;
        let rest = &self.rest[start..];
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, rest) = rest.split_at(values.byte_offset());
        self.rest = rest;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{check, elements, members};

    fn texts<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Vec<&'a str> {
        parts
            .map(|part| std::str::from_utf8(part).expect("text"))
            .collect()
    }

    #[test]
    fn elements_are_slices_of_the_document() {
        let json = br#" [1, "a,]\"}" ,{"b":[2,[3]]},-1.50e3,null,[],true ] "#;
        let parts = texts(elements(json).expect("an array"));
        let expected = [
            "1",
            r#""a,]\"}""#,
            r#"{"b":[2,[3]]}"#,
            "-1.50e3",
            "null",
            "[]",
            "true",
        ];
        assert_eq!(parts, expected);
        assert_eq!(elements(b"[ ]").expect("an array").count(), 0);
        assert!(elements(b"{}").is_none() && elements(b"").is_none() && elements(b"[").is_none());
    }

    #[test]
    fn members_are_slices_of_the_document() {
        let json = br#"{"a" : 1,"b:}":{"c":":"} , "":[] }"#;
        let (names, values): (Vec<_>, Vec<_>) = members(json).expect("an object").unzip();
        assert_eq!(texts(names.into_iter()), [r#""a""#, r#""b:}""#, r#""""#]);
        assert_eq!(texts(values.into_iter()), ["1", r#"{"c":":"}"#, "[]"]);
    }

    #[test]
    fn a_document_is_checked_as_a_whole() {
        assert!(check(b" [1] ").is_ok());
        for text in ["", "[1", "[1]]", "[1,]", "{\"a\":1,}", "[1 2]", "nul"] {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
        assert!(check(b"{\"a\":\"\xff\"}").is_err(), "not UTF-8");
        let bomb = "[".repeat(1_000_000);
        assert!(check(bomb.as_bytes()).is_err());
        let deep = format!("{bomb}{}", "]".repeat(1_000_000));
        let inner = elements(deep.as_bytes()).and_then(|mut parts| parts.next());
        assert_eq!(inner.map(<[u8]>::len), Some(deep.len() - 2));
    }
}
