//! Names that `serde_json` keeps for itself.
//!
//! With its features `raw_value` and `arbitrary_precision`, which any crate in the build can turn
//! on, `serde_json::Value` takes a member of such a name for a message from within and parses the
//! text beside it as another document, with a new limit of recursion. A short body then overflows
//! the stack, which aborts the process.

/// What the client is told.
pub(crate) const DETAIL: &str = "a name begins with `$serde_json::private::`, which is reserved";

const PREFIX: &[u8] = b"$serde_json::private::";

/// Whether a document has a member whose name begins as the reserved ones do, in any spelling.
pub(super) fn is_named_in(json: &[u8]) -> bool {
    // Its first character is rare in JSON, and can be written in two ways.
    let escaped = || json.contains(&b'\\') && json.windows(6).any(|six| six == b"\\u0024");
    let spelled = json.contains(&b'$') || escaped();
    spelled && Strings { rest: json }.any(|string| string.is_name && begins_reserved(string.text))
}

/// Whether a member of this name is one of them.
#[cfg(feature = "patch")]
pub(crate) fn is_reserved(name: &str) -> bool {
    name.as_bytes().starts_with(PREFIX)
}

/// Whether `name=value` pairs have such a name.
pub(super) fn is_named_in_pairs(pairs: &[u8]) -> bool {
    let spelled = pairs.contains(&b'$') || pairs.windows(3).any(|three| three == b"%24");
    let named = || {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(pairs).unwrap_or_default();
        pairs
            .iter()
            .any(|(name, _)| name.as_bytes().starts_with(PREFIX))
    };
    spelled && named()
}

fn begins_reserved(text: &[u8]) -> bool {
    let mut rest = text;
    PREFIX
        .iter()
        .all(|expected| next_character(&mut rest) == Some(u32::from(*expected)))
}

/// The next character of the inside of a string; those outside of ASCII as their bytes.
fn next_character(rest: &mut &[u8]) -> Option<u32> {
    let (&first, tail) = rest.split_first()?;
    *rest = tail;
    if first != b'\\' {
        return Some(first.into());
    }
    let (&escape, tail) = rest.split_first()?;
    *rest = tail;
    if escape != b'u' {
        // None of the short escapes stands for a character of a reserved name.
        return Some(0);
    }
    let (digits, tail) = rest.split_at_checked(4)?;
    *rest = tail;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The strings of a document, in order; of what is no JSON, whatever stands between quotes.
struct Strings<'a> {
    rest: &'a [u8],
}

struct JsonString<'a> {
    text: &'a [u8],
    /// A colon follows.
    is_name: bool,
}

impl<'a> Iterator for Strings<'a> {
    type Item = JsonString<'a>;

    fn next(&mut self) -> Option<JsonString<'a>> {
        let start = self.rest.iter().position(|byte| *byte == b'"')? + 1;
        let inside = &self.rest[start..];
        let end = end_of_string(inside)?;
        self.rest = &inside[end + 1..];
        let after = self.rest.iter().find(|byte| !byte.is_ascii_whitespace());
        Some(JsonString {
            text: &inside[..end],
            is_name: after == Some(&b':'),
        })
    }
}

fn end_of_string(inside: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match inside.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_named_in;

    #[test]
    fn reserved_names_are_found_in_pairs() {
        for (pairs, found) in [
            ("a=1&$serde_json::private::RawValue=1", true),
            ("%24serde%5Fjson%3A%3Aprivate%3A%3ARawValue=1", true),
            ("a=$serde_json::private::RawValue&price=%245", false),
        ] {
            assert_eq!(super::is_named_in_pairs(pairs.as_bytes()), found, "{pairs}");
        }
    }

    #[test]
    fn reserved_names_are_found_in_any_spelling_and_at_any_depth() {
        let table = [
            (r#"{"$serde_json::private::RawValue":"1"}"#, true),
            (
                r#"{"a":[{"\u0024serde_json::private::Number" : "1"}]}"#,
                true,
            ),
            (r#"{"$\u0073erde_json\u003a:private::x":1}"#, true),
            ("{\"a\\\\\":1,\"$serde_json::private::RawValue\"\n:1}", true),
            (r#"{"a":"$serde_json::private::RawValue"}"#, false),
            (r#"{"$serde_json::priv":1,"$":2,"price":"$5"}"#, false),
            (r#"{"\\u0024serde_json::private::RawValue":1}"#, false),
            (r#"{"a":"\"$serde_json::private::RawValue\":"}"#, false),
            (r#"["$"#, false),
            (r#"{"$\"#, false),
        ];
        for (json, found) in table {
            assert_eq!(is_named_in(json.as_bytes()), found, "{json}");
        }
    }
}
