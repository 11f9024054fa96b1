//! The query string, decoded once and strictly, for every extractor that reads it.

use std::borrow::Cow;

#[cfg(any(feature = "pagination", feature = "bulk"))]
use crate::problem::FieldError;
use crate::problem::Problem;

/// Longest query string that is looked at, in bytes.
pub(crate) const MAX_QUERY: usize = 16 * 1024;
/// Most `name=value` pairs that are looked at.
pub(crate) const MAX_PAIRS: usize = 128;

/// The `name=value` pairs of a query string, in the order of the client.
#[derive(Debug)]
pub(crate) struct QueryString<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> QueryString<'a> {
    /// Decodes `application/x-www-form-urlencoded` pairs (WHATWG URL §5.1).
    ///
    /// # Errors
    /// A 400 problem for a query that is too long, has too many pairs, a broken percent escape,
    /// or bytes that are not UTF-8. Nothing is decoded before the length is checked.
    pub(crate) fn parse(raw: Option<&'a str>) -> Result<Self, Problem> {
        let raw = raw.unwrap_or_default();
        if raw.len() > MAX_QUERY {
            return Err(malformed(format!(
                "the query string has {} bytes; at most {MAX_QUERY} are allowed",
                raw.len()
            )));
        }
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == MAX_PAIRS {
                return Err(malformed(format!(
                    "the query string has more than {MAX_PAIRS} parameters"
                )));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Self { pairs })
    }

    /// The value of a parameter that may stand once.
    ///
    /// # Errors
    /// A 400 problem that names the parameter when it is given twice.
    #[cfg(any(feature = "pagination", feature = "bulk"))]
    pub(crate) fn single(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.iter().filter(|(found, _)| *found == name);
        let first = values.next().map(|(_, value)| value);
        match values.next() {
            Some(_) => Err(invalid_parameter(name, "given more than once")),
            None => Ok(first),
        }
    }

    /// All pairs, decoded.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (&**name, &**value))
    }
}

/// The 400 problem of one query parameter; `detail` says what is wrong and what is allowed.
#[cfg(any(feature = "pagination", feature = "bulk"))]
pub(crate) fn invalid_parameter(name: &str, detail: impl Into<String>) -> Problem {
    let detail = detail.into();
    Problem::bad_request(format!("`{}`: {detail}", shorten(name)))
        .code("invalid_parameter")
        .error(FieldError::parameter(shorten(name).into_owned(), detail))
}

/// Client text cut to a length that is fit for an answer.
pub(crate) fn shorten(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 64;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn malformed(detail: String) -> Problem {
    Problem::bad_request(detail).code("malformed_query")
}

pub(crate) fn decode(text: &str) -> Result<Cow<'_, str>, Problem> {
    if !text.bytes().any(|byte| byte == b'%' || byte == b'+') {
        return Ok(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let escape = tail.split_at_checked(2).and_then(|(hex, tail)| {
                    rest = tail;
                    Some(hex_digit(hex[0])? << 4 | hex_digit(hex[1])?)
                });
                bytes.push(escape.ok_or_else(|| {
                    malformed(format!("`{}` has a broken percent escape", shorten(text)))
                })?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|_| malformed(format!("`{}` is not valid UTF-8", shorten(text))))
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::{MAX_PAIRS, MAX_QUERY, QueryString};

    fn pairs(raw: &str) -> Vec<(String, String)> {
        let query = QueryString::parse(Some(raw)).expect("valid");
        query
            .iter()
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    }

    #[test]
    fn pairs_are_decoded_in_order() {
        assert_eq!(
            pairs("a=1&&b[gte]=%C3%A9+x&c&a=2="),
            [("a", "1"), ("b[gte]", "é x"), ("c", ""), ("a", "2=")]
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for raw in ["a=%", "a=%4", "a=%zz", "a=%ff", "%ff=1"] {
            assert!(QueryString::parse(Some(raw)).is_err(), "{raw}");
        }
        assert!(QueryString::parse(Some(&"a".repeat(MAX_QUERY + 1))).is_err());
        assert!(QueryString::parse(Some(&"a&".repeat(MAX_PAIRS + 1))).is_err());
    }

    #[cfg(any(feature = "pagination", feature = "bulk"))]
    #[test]
    fn a_scalar_given_twice_is_refused() {
        let query = QueryString::parse(Some("a=1&a=2&b=3")).expect("valid");
        assert!(query.single("a").is_err());
        assert_eq!(query.single("b").expect("once"), Some("3"));
        assert_eq!(query.single("c").expect("absent"), None);
    }
}
