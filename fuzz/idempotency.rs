//! The `Idempotency-Key` field, and which bodies are the same.

use std::borrow::Cow;
use std::iter::Peekable;
use std::slice::Iter;

use api_patterns::idempotency::{Fingerprint, IdempotencyKey};
use api_patterns::problem::Problem;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Request};
use serde::de::IgnoredAny;

use crate::check_refusal;

/// The first line is a key; what follows are two bodies with an empty line between them. A key that
/// is understood is understood in quotes as well; two bodies have one fingerprint exactly where they
/// are one document, up to the order of members, white space and escapes.
pub fn idempotency(data: &[u8]) {
    let (line, bodies) = split(data, b"\n");
    key(line);
    let (one, other) = split(bodies, b"\n\n");
    let same = Document::of(one) == Document::of(other);
    assert_eq!(fingerprint(one) == fingerprint(other), same);
    if let Document::Json(value) = Document::of(one) {
        let mut again = Vec::new();
        value.write(&mut again);
        assert_eq!(fingerprint(&again), fingerprint(one));
        // As a part of a longer one, and as text, it is another document.
        let within = [b"[", one, b"]"].concat();
        assert_ne!(fingerprint(&within), fingerprint(one));
    }
}

fn split<'a>(data: &'a [u8], by: &[u8]) -> (&'a [u8], &'a [u8]) {
    let at = data.windows(by.len()).position(|window| window == by);
    match at {
        Some(at) => (&data[..at], &data[at + by.len()..]),
        None => (data, &[]),
    }
}

fn key(line: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(line) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert("idempotency-key", value);
    match IdempotencyKey::from_headers(&headers) {
        Ok(Some(key)) => {
            let text = key.as_str();
            assert!((1..=255).contains(&text.len()), "{text:?}");
            assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?}");
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            assert_eq!(format!("\"{escaped}\"").parse(), Ok(key));
        }
        Ok(None) => panic!("the field is there"),
        Err(invalid) => check_refusal(&Problem::from(invalid), &[400]),
    }
}

fn fingerprint(body: &[u8]) -> Fingerprint {
    let request = Request::post("/orders").header(CONTENT_TYPE, "application/json");
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    Fingerprint::of(&parts, &[CONTENT_TYPE], body)
}

/// A body, as far as it is compared; read in another way than the library reads it.
#[derive(Debug, PartialEq)]
enum Document<'a> {
    Json(Value<'a>),
    Other(&'a [u8]),
}

#[derive(Debug, PartialEq)]
enum Value<'a> {
    /// By its members in the order of their names.
    Object(Vec<(Text<'a>, Value<'a>)>),
    Array(Vec<Value<'a>>),
    Text(Text<'a>),
    /// A number, boolean or null, or what is nested too deeply, as it is written.
    Written(&'a [u8]),
}

/// The content of a string, or, where it is none, how it is written.
#[derive(Debug, PartialEq, PartialOrd, Eq, Ord)]
enum Text<'a> {
    Content(Cow<'a, str>),
    Written(&'a [u8]),
}

/// Levels that are looked into.
const DEEPEST: usize = 16;

impl<'a> Document<'a> {
    fn of(body: &'a [u8]) -> Self {
        // JSON is text (RFC 8259 §8.1), also in strings that nobody reads.
        let text = std::str::from_utf8(body).unwrap_or_default();
        match serde_json::from_str(text) {
            Ok(IgnoredAny) => Self::Json(Reader { json: body, at: 0 }.value(0)),
            Err(_) => Self::Other(body),
        }
    }
}

/// Walks over a document that is known to be valid.
struct Reader<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<u8> {
        while self.json.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.json.get(self.at).copied()
    }

    /// Steps over a bracket, comma or colon.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self, depth: usize) -> Value<'a> {
        let first = self.peek();
        let start = self.at;
        let value = match first {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => return Value::Text(self.text()),
            _ => {
                let ends =
                    |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
                let rest = &self.json[start..];
                self.at += rest.iter().position(ends).unwrap_or(rest.len());
                return Value::Written(&self.json[start..self.at]);
            }
        };
        match depth < DEEPEST {
            true => value,
            false => Value::Written(&self.json[start..self.at]),
        }
    }

    fn object(&mut self, depth: usize) -> Value<'a> {
        let mut members = Vec::new();
        self.take(b'{');
        while !self.take(b'}') {
            self.peek();
            let name = self.text();
            self.take(b':');
            members.push((name, self.value(depth + 1)));
            self.take(b',');
        }
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        Value::Object(members)
    }

    fn array(&mut self, depth: usize) -> Value<'a> {
        let mut elements = Vec::new();
        self.take(b'[');
        while !self.take(b']') {
            elements.push(self.value(depth + 1));
            self.take(b',');
        }
        Value::Array(elements)
    }

    fn text(&mut self) -> Text<'a> {
        let start = self.at;
        self.at += 1;
        while self.json[self.at] != b'"' {
            self.at += if self.json[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        let written = &self.json[start..self.at];
        match serde_json::from_slice(written) {
            Ok(content) => Text::Content(Cow::Owned(content)),
            Err(_) => Text::Written(written),
        }
    }
}

impl Value<'_> {
    /// The same document in other words: members turned round, white space, escapes.
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => text.write(out),
            Self::Written(written) => out.extend_from_slice(written),
            Self::Array(elements) => {
                out.extend_from_slice(b" [\n");
                for (nth, element) in elements.iter().enumerate() {
                    out.extend_from_slice(if nth > 0 { b" ,\t" } else { b"" });
                    element.write(out);
                }
                out.extend_from_slice(b"\r]");
            }
            Self::Object(members) => {
                out.extend_from_slice(b"{ ");
                for (nth, (name, value)) in turned(members).enumerate() {
                    out.extend_from_slice(if nth > 0 { b" , " } else { b"" });
                    name.write(out);
                    out.extend_from_slice(b" :\n");
                    value.write(out);
                }
                out.extend_from_slice(b" }\n");
            }
        }
    }
}

/// From the last name to the first; members of one name stay in their order, which counts.
fn turned<'a, 'b>(members: &'a [Member<'b>]) -> impl Iterator<Item = &'a Member<'b>> {
    let mut groups = Vec::new();
    let mut rest: Peekable<Iter<'_, _>> = members.iter().peekable();
    while let Some(first) = rest.next() {
        let mut group: Vec<&Member<'_>> = vec![first];
        while let Some(next) = rest.next_if(|next: &&Member<'_>| next.0 == first.0) {
            group.push(next);
        }
        groups.push(group);
    }
    groups.into_iter().rev().flatten()
}

type Member<'a> = (Text<'a>, Value<'a>);

impl Text<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Written(written) => out.extend_from_slice(written),
            Self::Content(content) => {
                let units = content.encode_utf16();
                let escaped: String = units.map(|unit| format!("\\u{unit:04X}")).collect();
                out.extend_from_slice(format!("\"{escaped}\"").as_bytes());
            }
        }
    }
}
