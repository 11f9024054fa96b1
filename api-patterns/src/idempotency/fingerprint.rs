//! Which request it is: target, chosen fields and content, as a [`Fingerprint`].

use std::borrow::Cow;

use http::HeaderName;
use http::header::CONTENT_TYPE;
use http::request::Parts;

use super::Fingerprint;
use super::digest::Digest;
use super::scope::target;
use crate::json;

/// What is nested deeper is compared byte by byte: each level is read once more, which is not to
/// keep a thread busy for long where a body is.
const fn deepest(body: &[u8]) -> usize {
    if body.len() > 64 * 1024 { 4 } else { 16 }
}

impl Fingerprint {
    /// The fingerprint of a request: path and query, all values of the fields `headers`, and the
    /// body.
    ///
    /// In a body whose `Content-Type` is JSON (`application/json`, `…+json`), down to the 16th
    /// level, or the 4th where it is longer than 64 KiB, neither the order of members counts nor
    /// white space, nor how strings are escaped; numbers are compared by their text. What is not
    /// valid JSON is compared byte by byte, as everything else is.
    ///
    /// # Example
    /// ```
    /// use api_patterns::idempotency::Fingerprint;
    /// use axum::http::{Request, header::CONTENT_TYPE};
    ///
    /// let request = Request::post("/orders").header(CONTENT_TYPE, "application/json");
    /// let (parts, ()) = request.body(())?.into_parts();
    /// let of = |body: &[u8]| Fingerprint::of(&parts, &[CONTENT_TYPE], body);
    /// assert_eq!(of(br#"{"a": "\u0031", "b": 2}"#), of(br#"{"b":2,"a":"1"}"#));
    /// assert_ne!(of(b"[1, 2]"), of(b"[2, 1]"));
    /// # Ok::<(), axum::http::Error>(())
    /// ```
    pub fn of(parts: &Parts, headers: &[HeaderName], body: &[u8]) -> Self {
        let mut digest = Digest::new(b"api-patterns idempotency fingerprint 1");
        let target = target(parts);
        digest.bytes(target.path().as_bytes());
        digest.count(usize::from(target.query().is_some()));
        digest.bytes(target.query().unwrap_or_default().as_bytes());
        for name in headers {
            let values = || parts.headers.get_all(name).iter();
            digest.count(values().count());
            values().for_each(|value| digest.bytes(value.as_bytes()));
        }
        match is_json(parts) && json::check(body).is_ok() {
            true => value(&mut digest, body, deepest(body)),
            false => part(&mut digest, Kind::Raw, body),
        }
        Self(digest.finish())
    }
}

fn is_json(parts: &Parts) -> bool {
    let value = parts
        .headers
        .get(CONTENT_TYPE)
        .map(|value| value.as_bytes());
    let essence = value.and_then(|value| value.split(|byte| *byte == b';').next());
    let essence = essence
        .unwrap_or_default()
        .trim_ascii()
        .to_ascii_lowercase();
    essence == b"application/json" || essence.ends_with(b"+json")
}

/// What comes next in the digest.
#[derive(Clone, Copy)]
enum Kind {
    Raw,
    Object,
    Array,
    Text,
    /// A number, a boolean or null.
    Literal,
}

fn part(digest: &mut Digest, kind: Kind, bytes: &[u8]) {
    digest.count(kind as usize);
    digest.bytes(bytes);
}

/// A value within a valid document.
fn value(digest: &mut Digest, json: &[u8], levels: usize) {
    let json = json.trim_ascii();
    match json.first() {
        Some(b'{' | b'[') if levels == 0 => part(digest, Kind::Raw, json),
        Some(b'{') => object(digest, json, levels - 1),
        Some(b'[') => array(digest, json, levels - 1),
        Some(b'"') => text(digest, &decoded(json)),
        _ => part(digest, Kind::Literal, json),
    }
}

fn object(digest: &mut Digest, json: &[u8], levels: usize) {
    let members = json::members(json).into_iter().flatten();
    let mut members: Vec<_> = members
        .map(|(name, value)| (decoded(name), value))
        .collect();
    // Members of one name stay as they are, since which of them counts depends on their order.
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    digest.count(Kind::Object as usize);
    digest.count(members.len());
    for (name, inner) in members {
        text(digest, &name);
        value(digest, inner, levels);
    }
}

fn array(digest: &mut Digest, json: &[u8], levels: usize) {
    let elements: Vec<_> = json::elements(json).into_iter().flatten().collect();
    digest.count(Kind::Array as usize);
    digest.count(elements.len());
    for element in elements {
        value(digest, element, levels);
    }
}

/// The content of a string, or, where it is no text (halves of surrogate pairs), how it is written.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Decoded<'a> {
    Text(Cow<'a, str>),
    Raw(&'a [u8]),
}

fn decoded(json: &[u8]) -> Decoded<'_> {
    let plain = json
        .get(1..json.len().saturating_sub(1))
        .unwrap_or_default();
    if let Ok(plain) = std::str::from_utf8(plain)
        && !plain.contains('\\')
    {
        return Decoded::Text(Cow::Borrowed(plain));
    }
    serde_json::from_slice(json).map_or(Decoded::Raw(json), |text: String| {
        Decoded::Text(Cow::Owned(text))
    })
}

fn text(digest: &mut Digest, text: &Decoded<'_>) {
    match text {
        Decoded::Text(text) => part(digest, Kind::Text, text.as_bytes()),
        Decoded::Raw(json) => part(digest, Kind::Raw, json),
    }
}
