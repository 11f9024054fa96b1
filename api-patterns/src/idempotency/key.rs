//! [`IdempotencyKey`]: what the client calls its request.

use std::fmt;
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

use crate::field;
use crate::problem::{FieldError, Problem};

/// The field that holds the key.
pub(super) const FIELD: HeaderName = HeaderName::from_static("idempotency-key");

const LONGEST: usize = 255;

/// The name that a client gave to its request, in the `Idempotency-Key` field: 1 to 255 visible
/// ASCII characters.
///
/// [Quoted], as the draft has it, or bare, as most clients send it: `"a1"` and `a1` are the same
/// key. What is bare has no quotes, commas or semicolons, which would be a list or parameters.
///
/// The layer leaves it in the request's extensions, for handlers that pass it on.
///
/// # Example
/// ```
/// use api_patterns::idempotency::IdempotencyKey;
///
/// let key: IdempotencyKey = r#""8e03978e-40d5-43dd-bc93-6894a57f9324""#.parse()?;
/// assert_eq!(key.as_str(), "8e03978e-40d5-43dd-bc93-6894a57f9324");
/// assert_eq!("8e03978e-40d5-43dd-bc93-6894a57f9324".parse(), Ok(key));
/// assert!("one, two".parse::<IdempotencyKey>().is_err());
/// # Ok::<(), api_patterns::idempotency::InvalidKey>(())
/// ```
///
/// [Quoted]: https://www.rfc-editor.org/rfc/rfc8941#section-3.3.3
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// The key without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of a request; `None` where the field is missing.
    ///
    /// # Errors
    /// Where there are several fields, or what is in it is no key.
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, InvalidKey> {
        let mut lines = headers.get_all(FIELD).iter();
        let Some(line) = lines.next() else {
            return Ok(None);
        };
        if lines.next().is_some() {
            return Err(InvalidKey("is there more than once"));
        }
        Self::from_bytes(line.as_bytes()).map(Some)
    }

    fn from_bytes(line: &[u8]) -> Result<Self, InvalidKey> {
        let text = field::text(line).ok_or(InvalidKey(INVISIBLE))?;
        let key = match text.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None if text.contains(['"', ',', ';']) => return Err(InvalidKey(SEVERAL)),
            None => text.to_owned(),
        };
        match key.len() {
            _ if key.bytes().any(|byte| !byte.is_ascii_graphic()) => Err(InvalidKey(INVISIBLE)),
            0 => Err(InvalidKey("is empty")),
            1..=LONGEST => Ok(Self(key.into())),
            _ => Err(InvalidKey("is longer than 255 characters")),
        }
    }
}

const INVISIBLE: &str = "has characters that are not visible ASCII";
const SEVERAL: &str = "is not one key: quotes, commas and semicolons stand in a quoted key only";

/// A string of RFC 8941 without its first quote.
fn unquote(text: &str) -> Result<String, InvalidKey> {
    let mut key = String::with_capacity(text.len());
    let mut chars = text.chars();
    loop {
        match chars.next() {
            None => return Err(InvalidKey("has no closing quote")),
            Some('"') if chars.as_str().is_empty() => return Ok(key),
            Some('"') => return Err(InvalidKey("goes on after its closing quote")),
            Some('\\') => match chars.next() {
                Some(char @ ('"' | '\\')) => key.push(char),
                _ => return Err(InvalidKey("has a backslash before what needs none")),
            },
            Some(char) => key.push(char),
        }
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidKey;

    /// Reads the value of the field.
    fn from_str(value: &str) -> Result<Self, InvalidKey> {
        Self::from_bytes(value.as_bytes())
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a request has no [`IdempotencyKey`] that could be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the idempotency key {0}")]
pub struct InvalidKey(&'static str);

impl From<InvalidKey> for Problem {
    /// 400 `invalid_idempotency_key`.
    fn from(invalid: InvalidKey) -> Self {
        let detail = format!(
            "`Idempotency-Key` {}; send 1 to 255 visible ASCII characters, bare or in double quotes",
            invalid.0
        );
        Self::bad_request(detail)
            .code("invalid_idempotency_key")
            .error(FieldError::header("Idempotency-Key", invalid.0))
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{FIELD, IdempotencyKey, InvalidKey};

    #[test]
    fn bare_and_quoted_keys_are_read() {
        let longest = "k".repeat(255);
        let cases = [
            ("a", "a"),
            (" \ta1 ", "a1"),
            ("\"a1\"", "a1"),
            (r#""a\"\\b""#, r#"a"\b"#),
            (r#""a,b;c""#, "a,b;c"),
            ("YWJj+/==", "YWJj+/=="),
            (&longest, &longest),
        ];
        for (value, key) in cases {
            let read: IdempotencyKey = value.parse().expect(value);
            assert_eq!(read.as_str(), key);
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let long = "k".repeat(256);
        let longer = "k".repeat(10_000);
        let quoted = format!("\"{long}\"");
        let values = [
            "",
            " ",
            "\"\"",
            "\"",
            "\"a",
            "a\"",
            "a b",
            "\"a b\"",
            "a,b",
            "\"a\", \"b\"",
            "\"a\";p=1",
            "a;p=1",
            r#""a\b""#,
            r#""a\"#,
            "é",
            "a\u{7f}",
            "a\tb",
            &long,
            &longer,
            &quoted,
        ];
        for value in values {
            let read = value.parse::<IdempotencyKey>();
            assert!(read.is_err(), "{value:?} is {read:?}");
        }
    }

    #[test]
    fn one_field_is_one_key() {
        let mut headers = HeaderMap::new();
        assert_eq!(IdempotencyKey::from_headers(&headers), Ok(None));
        headers.append(FIELD, HeaderValue::from_static("a"));
        let key = IdempotencyKey::from_headers(&headers).expect("one");
        assert_eq!(key.expect("there").as_str(), "a");
        headers.append(FIELD, HeaderValue::from_static("a"));
        let twice = Err(InvalidKey("is there more than once"));
        assert_eq!(IdempotencyKey::from_headers(&headers), twice);
    }
}
