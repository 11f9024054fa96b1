//! JSON objects that were just written, changed where they end.

use std::ops::Range;

use serde::Serialize;
use serde::ser::Error as _;

/// Appends `value` to `out` and leaves its object open for further members: without the brace at
/// its end, and with a comma where it has members.
///
/// # Errors
/// `value` does not serialize, or not as an object.
pub(super) fn open_object<T: Serialize + ?Sized>(
    out: &mut Vec<u8>,
    value: &T,
) -> serde_json::Result<()> {
    let start = out.len();
    serde_json::to_writer(&mut *out, value)?;
    // A raw value may have white space in it.
    trim_end(out);
    if out.get(start) != Some(&b'{') || out.pop() != Some(b'}') {
        out.truncate(start);
        let what = "what has links must serialize as an object (a struct with named fields)";
        return Err(serde_json::Error::custom(what));
    }
    trim_end(out);
    if out.len() > start + 1 {
        out.push(b',');
    }
    Ok(())
}

fn trim_end(out: &mut Vec<u8>) {
    let end = out.trim_ascii_end().len();
    out.truncate(end);
}

/// Closes an object that [`open_object`] left open.
pub(super) fn close_object(out: &mut Vec<u8>) {
    if out.last() == Some(&b',') {
        out.pop();
    }
    out.push(b'}');
}

/// Drops the member `name` of the open object that begins at `start`, where it has one.
pub(super) fn drop_member(out: &mut Vec<u8>, start: usize, name: &str) {
    let found = find_member(out.get(start + 1..).unwrap_or_default(), name);
    if let Some(range) = found {
        out.drain(start + 1 + range.start..start + 1 + range.end);
    }
}

/// The place of a member with its comma, in the members of an open object, each followed by a comma.
fn find_member(members: &[u8], name: &str) -> Option<Range<usize>> {
    let mut at = 0;
    while at < members.len() {
        let end = at + length_to_comma(members.get(at..)?)?;
        if is_named(members.get(at..end)?, name) {
            return Some(at..end);
        }
        at = end;
    }
    None
}

fn is_named(member: &[u8], name: &str) -> bool {
    let rest = member.trim_ascii_start().strip_prefix(b"\"");
    let rest = rest.and_then(|rest| rest.strip_prefix(name.as_bytes()));
    let rest = rest.and_then(|rest| rest.strip_prefix(b"\""));
    rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

/// The bytes up to the comma that ends a member, and that comma.
fn length_to_comma(text: &[u8]) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let ends = |byte: &u8| {
        match (quoted, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, _, b'"') => quoted = !quoted,
            (false, _, b'{' | b'[') => depth += 1,
            (false, _, b'}' | b']') => depth = depth.saturating_sub(1),
            (false, _, b',') => return depth == 0,
            _ => {}
        }
        false
    };
    text.iter().position(ends).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{close_object, drop_member, open_object};

    fn without(value: &Value, name: &str) -> Value {
        let mut out = b"before".to_vec();
        open_object(&mut out, value).expect("an object");
        drop_member(&mut out, 6, name);
        close_object(&mut out);
        serde_json::from_slice(&out[6..]).expect("JSON")
    }

    #[test]
    fn a_member_is_dropped_wherever_it_stands() {
        let cases = [
            json!({"id": 1}),
            json!({"a": {"id": 2}, "id": 1}),
            json!({"id": {"a": [1, {"b": "},\"id\":"}]}, "z": 1}),
            json!({"a": "x\"id\":1,", "id": "\\\",", "z": [[], {}]}),
            json!({"a": "\\", "id": "é", "idx": 1}),
            json!({"a": 1}),
            json!({}),
        ];
        for case in cases {
            let mut expected = case.clone();
            expected.as_object_mut().expect("an object").remove("id");
            assert_eq!(without(&case, "id"), expected);
        }
    }

    #[test]
    fn only_objects_can_be_opened() {
        for value in [json!([1]), json!("{}"), json!(7), json!(null)] {
            let mut out = b"kept".to_vec();
            assert!(open_object(&mut out, &value).is_err());
            assert_eq!(out, b"kept");
        }
    }
}
