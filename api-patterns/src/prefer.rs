//! The `Prefer` header field (RFC 7240).

use http::{HeaderMap, HeaderName};

use crate::field::{is_token, list, text};

/// `Prefer`, RFC 7240 §2.
pub(crate) const PREFER: HeaderName = HeaderName::from_static("prefer");
/// `Preference-Applied`, RFC 7240 §3.
pub(crate) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Most bytes and most preferences of all fields together that are looked at.
const MAX_BYTES: usize = 4096;
const MAX_PREFERENCES: usize = 32;

/// What a client would like, as far as it can be read: a preference is a wish, so that what breaks
/// the syntax is passed over, and never an error.
#[derive(Debug, Default)]
pub(crate) struct Preferences<'a> {
    found: Vec<(&'a str, &'a str)>,
}

impl<'a> Preferences<'a> {
    pub(crate) fn of(headers: &'a HeaderMap) -> Self {
        let mut found = Vec::new();
        let mut bytes = 0;
        for line in headers.get_all(PREFER) {
            bytes += line.len();
            let line = text(line.as_bytes()).filter(|_| bytes <= MAX_BYTES);
            let preferences = line.into_iter().flat_map(list).filter_map(preference);
            found.extend(preferences.take(MAX_PREFERENCES.saturating_sub(found.len())));
        }
        Self { found }
    }

    /// The value of a preference, in the letters of the client; `""` where it has none. Of several
    /// with one name the first counts (RFC 7240 §2).
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        let mut found = self.found.iter();
        let (_, value) = found.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether `name=value` is preferred.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.get(name)
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    }
}

/// Name and value of `token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] )`.
fn preference(element: &str) -> Option<(&str, &str)> {
    let (name, value) = match element.find(['=', ';']) {
        Some(end) if element[end..].starts_with('=') => {
            (&element[..end], word(element[end + 1..].trim())?)
        }
        Some(end) => (&element[..end], ""),
        None => (element, ""),
    };
    let name = name.trim();
    is_token(name).then_some((name, value))
}

/// A token or a quoted string, before the parameters. One with escapes is none that is known here.
fn word(text: &str) -> Option<&str> {
    match text.strip_prefix('"') {
        Some(inside) => {
            let (word, _) = inside.split_once('"')?;
            (!word.contains('\\')).then_some(word)
        }
        None => {
            let word = text.split(';').next().unwrap_or_default().trim();
            is_token(word).then_some(word)
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{PREFER, Preferences};

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(PREFER, HeaderValue::from_str(line).expect("a field value"));
        }
        headers
    }

    #[test]
    fn preferences_are_read() {
        let table: [(&[&str], &str, Option<&str>); 16] = [
            (&[], "return", None),
            (&["return=minimal"], "return", Some("minimal")),
            (&["RETURN = \"minimal\""], "return", Some("minimal")),
            (&["wait=10, return=minimal"], "return", Some("minimal")),
            (&["wait=10", "return=minimal"], "return", Some("minimal")),
            (&["respond-async;x=1, wait=10"], "wait", Some("10")),
            (&["respond-async"], "respond-async", Some("")),
            (
                &["return=minimal; foo=\"a, return=representation\""],
                "return",
                Some("minimal"),
            ),
            (&["foo=\"a, return=minimal\""], "return", None),
            (&["foo; return=minimal"], "return", None),
            (
                &["return=minimal, return=representation"],
                "return",
                Some("minimal"),
            ),
            (&["return=\"\""], "return", Some("")),
            (&["return="], "return", None),
            (&["return=mini mal"], "return", None),
            (&["re turn=minimal"], "return", None),
            (&["return=\"mini\\mal\""], "return", None),
        ];
        for (lines, name, expected) in table {
            let headers = headers(lines);
            assert_eq!(Preferences::of(&headers).get(name), expected, "{lines:?}");
        }
    }

    #[test]
    fn what_is_read_is_bounded() {
        let long = format!("x={}, return=minimal", "a".repeat(5000));
        assert_eq!(Preferences::of(&headers(&[&long])).get("return"), None);
        let many = format!("{}return=minimal", "a, ".repeat(32));
        assert_eq!(Preferences::of(&headers(&[&many])).get("return"), None);
        let few = format!("{}return=minimal", "a, ".repeat(31));
        assert!(Preferences::of(&headers(&[&few])).has("return", "MINIMAL"));
    }
}
