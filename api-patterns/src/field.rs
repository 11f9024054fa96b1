//! The syntax that header fields share: tokens, quoted strings, parameters (RFC 9110 §5.6).

use std::borrow::Cow;

/// Whether `text` is a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// A part of a field's value without the white space around it, or `None` where it has bytes that
/// are neither visible ASCII nor white space.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    let visible = |byte: &u8| matches!(byte, b'\t' | b' '..=b'~');
    let text = std::str::from_utf8(bytes).ok();
    text.filter(|_| bytes.iter().all(visible)).map(trim)
}

/// Without optional white space (RFC 9110 §5.6.3) at both ends.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The parameters in `[name=value] *(; [name=value])`, from the left. What breaks the syntax is
/// the last that is given, as [`Malformed`].
#[derive(Clone, Debug)]
pub(crate) struct Parameters<'a> {
    rest: &'a str,
}

/// What is not a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

impl<'a> Parameters<'a> {
    /// The parameters in `text`, which is of visible ASCII and white space.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Result<(&'a str, Cow<'a, str>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches([' ', '\t', ';']);
        if self.rest.is_empty() {
            return None;
        }
        let read = parameter(self.rest).and_then(|(name, value, rest)| {
            let rest = rest.trim_start_matches([' ', '\t']);
            (rest.is_empty() || rest.starts_with(';')).then_some((name, value, rest))
        });
        match read {
            Some((name, value, rest)) => {
                self.rest = rest;
                Some(Ok((name, value)))
            }
            None => {
                self.rest = "";
                Some(Err(Malformed))
            }
        }
    }
}

/// Name, value, and what comes after.
fn parameter(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let (name, text) = text.split_once('=').filter(|(name, _)| is_token(name))?;
    if let Some(text) = text.strip_prefix('"') {
        let (value, rest) = quoted(text)?;
        return Some((name, value, rest));
    }
    let end = text.bytes().take_while(|byte| is_token_byte(*byte)).count();
    let (value, rest) = text.split_at(end);
    (end > 0).then_some((name, Cow::Borrowed(value), rest))
}

/// The content of a quoted string whose opening quote is gone, and what comes after it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = end_of_quoted(text)?;
    let (content, rest) = (&text[..end], &text[end + 1..]);
    if !content.contains('\\') {
        return Some((Cow::Borrowed(content), rest));
    }
    let mut value = String::with_capacity(content.len());
    let mut escaped = false;
    for char in content.chars() {
        escaped = char == '\\' && !escaped;
        if !escaped {
            value.push(char);
        }
    }
    Some((Cow::Owned(value), rest))
}

/// The place of the quote that ends the string.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

/// The elements of a comma-separated list, from the left; commas in quoted strings are no
/// separators. A string that does not end reaches to the end of the list.
pub(crate) fn list(line: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |char| {
        let is_escaped = std::mem::take(&mut escaped);
        match char {
            '"' if !is_escaped => quoted = !quoted,
            '\\' => escaped = quoted && !is_escaped,
            ',' => return !quoted,
            _ => {}
        }
        false
    })
    .map(trim)
}

/// The elements of a comma-separated list, from the **right**, so that what comes first in it
/// cannot open a string that swallows what comes last.
pub(crate) fn list_from_right(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let Some(comma) = last_comma(line) else {
            return rest.take();
        };
        rest = Some(&line[..comma]);
        Some(&line[comma + 1..])
    })
}

fn last_comma(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate().rev() {
        match byte {
            // From the right the closing quote comes first. A quote inside has an odd number of
            // backslashes before it; the opening one has `=`.
            b'"' => quoted = !quoted || backslashes_before(line, at) % 2 == 1,
            b',' if !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn backslashes_before(line: &[u8], at: usize) -> usize {
    let before = line[..at].iter().rev();
    before.take_while(|byte| **byte == b'\\').count()
}

#[cfg(test)]
mod tests {
    use super::{Parameters, is_token, list, list_from_right, text};

    fn parameters(text: &str) -> Option<Vec<(String, String)>> {
        Parameters::new(text)
            .map(|found| {
                let (name, value) = found.ok()?;
                Some((name.to_owned(), value.into_owned()))
            })
            .collect()
    }

    #[test]
    fn parameters_are_read() {
        let cases: [(&str, &[(&str, &str)]); 7] = [
            ("", &[]),
            (" ;; ", &[]),
            ("a=b", &[("a", "b")]),
            ("a=b;c=d", &[("a", "b"), ("c", "d")]),
            (" a=b ;\t;c=\"d;,=\" ", &[("a", "b"), ("c", "d;,=")]),
            (r#"a="\"\\x\y""#, &[("a", r#""\xy"#)]),
            (r#"a="";b=1"#, &[("a", ""), ("b", "1")]),
        ];
        for (text, expected) in cases {
            let expected = expected
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            assert_eq!(
                parameters(text),
                Some(expected.collect::<Vec<_>>()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_breaks_the_syntax_is_no_parameter() {
        for text in [
            "a",
            "a=",
            "=b",
            "a =b",
            "a= b",
            "a=b c",
            "a=b,c=d",
            "a=\"b",
            "a=\"b\\\"",
            "a=\"b\"c",
            "a=b\"c\"",
            "a=b;c",
            "a=[::1]",
            "ä=b",
        ] {
            assert_eq!(parameters(text), None, "{text}");
        }
    }

    #[test]
    fn lists_are_split_outside_of_strings() {
        let cases: [(&str, &[&str]); 6] = [
            ("", &[""]),
            ("a, b ,c", &["a", "b", "c"]),
            ("a=\"x,y\",b", &["a=\"x,y\"", "b"]),
            (r#"a="x\",y",b"#, &[r#"a="x\",y""#, "b"]),
            (r#"a="x\\",b"#, &[r#"a="x\\""#, "b"]),
            (",,", &["", "", ""]),
        ];
        for (line, expected) in cases {
            assert_eq!(list(line).collect::<Vec<_>>(), expected, "{line}");
            let mut found: Vec<_> = list_from_right(line.as_bytes()).map(text).collect();
            found.reverse();
            let expected: Vec<_> = expected.iter().map(|text| Some(*text)).collect();
            assert_eq!(found, expected, "{line} from the right");
        }
    }

    #[test]
    fn a_string_that_does_not_end_hides_nothing_to_its_right() {
        let line = b"for=\", for=\"a,b\", for=192.0.2.1";
        let mut elements = list_from_right(line).map(text);
        assert_eq!(elements.next(), Some(Some("for=192.0.2.1")));
        assert_eq!(elements.next(), Some(Some("for=\"a,b\"")));
        assert_eq!(
            list("a=\"x, b, c").collect::<Vec<_>>(),
            ["a=\"x, b, c"],
            "from the left"
        );
    }

    #[test]
    fn tokens_and_text_are_ascii() {
        assert!(is_token("x-1.2_~!#$%&'*+^`|"));
        for other in ["", "a b", "a/b", "a:b", "a\"", "é", "a,b", "{"] {
            assert!(!is_token(other), "{other}");
        }
        assert_eq!(text(b" \ta b "), Some("a b"));
        assert_eq!(text(b"a\x7f"), None);
        assert_eq!(text("é".as_bytes()), None);
        assert_eq!(text(b"\xff"), None);
    }
}
