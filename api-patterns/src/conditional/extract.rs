//! From header fields to [`Preconditions`].

use axum::extract::FromRequestParts;
use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use httpdate::HttpDate;

use super::preconditions::{Fields, Kind, Preconditions, Range, Sent, Tags};
use crate::problem::{FieldError, Problem};

/// Most tags of one field, and most bytes that they take.
const MAX_TAGS: usize = 64;
const MAX_BYTES: usize = 8 * 1024;

impl<S: Send + Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::parse(&parts.method, &parts.headers)
    }
}

impl Preconditions {
    /// The preconditions in the header fields of a request with this method.
    ///
    /// # Errors
    /// 400 `invalid_precondition`, naming the field, where `If-Match` or `If-None-Match` is not a
    /// list of entity tags or `*` alone, has more than 64 tags, or more than 8 KiB.
    pub fn parse(method: &Method, headers: &HeaderMap) -> Result<Self, Problem> {
        let names = [
            IF_MATCH,
            IF_NONE_MATCH,
            IF_MODIFIED_SINCE,
            IF_UNMODIFIED_SINCE,
            IF_RANGE,
        ];
        let any = names.iter().any(|name| headers.contains_key(name));
        Ok(Self {
            kind: Kind::from(method),
            fields: any
                .then(|| Fields::parse(headers).map(Box::new))
                .transpose()?,
            required: false,
            weakened: false,
        })
    }
}

impl Fields {
    fn parse(headers: &HeaderMap) -> Result<Self, Problem> {
        Ok(Self {
            if_match: tags(headers, IF_MATCH)?,
            if_none_match: tags(headers, IF_NONE_MATCH)?,
            if_modified_since: date(headers, IF_MODIFIED_SINCE),
            if_unmodified_since: date(headers, IF_UNMODIFIED_SINCE),
            if_range: range(headers),
        })
    }
}

/// `None` where the field is not there.
fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Option<Tags>, Problem> {
    let mut found = None;
    let mut bytes = 0;
    for line in headers.get_all(&name) {
        bytes += line.len();
        let tags = found.get_or_insert(Tags::List(Vec::new()));
        if bytes > MAX_BYTES {
            return Err(refused(&name, Mistake::Long));
        }
        add(tags, line.as_bytes()).map_err(|mistake| refused(&name, mistake))?;
    }
    Ok(found)
}

/// Adds the tags of a line to those of the lines before: several lines are one list.
fn add(tags: &mut Tags, mut rest: &[u8]) -> Result<(), Mistake> {
    loop {
        rest = without_space(rest);
        match rest {
            [] => return Ok(()),
            [b',', next @ ..] => rest = next,
            _ => {
                let (element, next) = element(rest)?;
                tags.add(element)?;
                rest = without_space(next);
                if !matches!(rest, [] | [b',', ..]) {
                    return Err(Mistake::Malformed);
                }
            }
        }
    }
}

fn without_space(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

enum Element {
    Any,
    Tag(Sent),
    /// A tag of bytes that ours never have.
    Foreign,
}

/// What the bytes begin with, and what comes after it.
fn element(bytes: &[u8]) -> Result<(Element, &[u8]), Mistake> {
    if let [b'*', rest @ ..] = bytes {
        return Ok((Element::Any, rest));
    }
    let (weak, quoted) = match bytes {
        [b'W', b'/', rest @ ..] => (true, rest),
        _ => (false, bytes),
    };
    let [b'"', text @ ..] = quoted else {
        return Err(Mistake::Malformed);
    };
    // A backslash is a character like others: entity tags are not quoted strings.
    let end = text.iter().position(|byte| *byte == b'"');
    let (text, rest) = text.split_at(end.ok_or(Mistake::Malformed)?);
    let rest = &rest[1..];
    match std::str::from_utf8(text) {
        Ok(text) if text.bytes().all(super::etag::is_tag_byte) => {
            let text = text.into();
            Ok((Element::Tag(Sent { weak, text }), rest))
        }
        _ if text.iter().all(|byte| is_any_tag_byte(*byte)) => Ok((Element::Foreign, rest)),
        _ => Err(Mistake::Malformed),
    }
}

/// RFC 9110 §8.8.3, `obs-text` included.
fn is_any_tag_byte(byte: u8) -> bool {
    super::etag::is_tag_byte(byte) || byte >= 0x80
}

impl Tags {
    fn add(&mut self, element: Element) -> Result<(), Mistake> {
        match (self, element) {
            (this @ Self::List(_), Element::Any) if this.is_empty() => *this = Self::Any,
            (Self::Any, _) | (_, Element::Any) => return Err(Mistake::NotAlone),
            (Self::List(tags), _) if tags.len() == MAX_TAGS => return Err(Mistake::Many),
            (Self::List(tags), Element::Tag(tag)) => tags.push(tag),
            // In the list, so that it counts; no tag of ours is empty.
            (Self::List(tags), Element::Foreign) => tags.push(Sent {
                weak: true,
                text: "".into(),
            }),
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::List(tags) if tags.is_empty())
    }
}

/// A malformed date is ignored, and so is a list of dates (RFC 9110 §13.1.3, §13.1.4).
fn date(headers: &HeaderMap, name: HeaderName) -> Option<HttpDate> {
    only(headers, name).and_then(parse_date)
}

fn parse_date(value: &HeaderValue) -> Option<HttpDate> {
    value.to_str().ok()?.trim_matches([' ', '\t']).parse().ok()
}

fn only(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

fn range(headers: &HeaderMap) -> Option<Range> {
    headers.get(IF_RANGE)?;
    let Some(value) = only(headers, IF_RANGE) else {
        return Some(Range::Unknown);
    };
    if let Some(date) = parse_date(value) {
        return Some(Range::Date(date));
    }
    Some(match element(without_space(value.as_bytes())) {
        Ok((Element::Tag(tag), rest)) if without_space(rest).is_empty() => Range::Tag(tag),
        _ => Range::Unknown,
    })
}

/// The date of a response's `Last-Modified` field.
pub(super) fn last_modified(headers: &HeaderMap) -> Option<HttpDate> {
    date(headers, http::header::LAST_MODIFIED)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    Malformed,
    NotAlone,
    Many,
    Long,
}

impl Mistake {
    fn words(self) -> String {
        match self {
            Self::Malformed => {
                "must be a list of entity tags in double quotes, as in \"7\", \"8\", or * alone"
                    .to_owned()
            }
            Self::NotAlone => "has * beside other elements; * stands alone".to_owned(),
            Self::Many => format!("has more than {MAX_TAGS} entity tags"),
            Self::Long => format!("is longer than {MAX_BYTES} bytes"),
        }
    }
}

fn refused(name: &HeaderName, mistake: Mistake) -> Problem {
    let name = super::response::field_name(name);
    let words = mistake.words();
    Problem::bad_request(format!("the header {name} {words}"))
        .code("invalid_precondition")
        .error(FieldError::header(name, words))
}
