//! Entity tags, by which clients ask whether what they keep is still current.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

/// A weak entity tag (RFC 9110 §8.8.3): the same bytes may be sent compressed.
#[derive(Clone, Debug)]
pub(crate) struct Tag(String);

impl Tag {
    /// The tag of some bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self(format!("W/\"{:016x}\"", hasher.finish()))
    }

    /// As it is written in `ETag`.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `If-None-Match` names it, by the weak comparison of RFC 9110 §8.8.3.2.
    pub(crate) fn is_known(&self, request: &HeaderMap) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        let this = opaque(&self.0);
        request
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || opaque(tag) == this)
    }

    /// An answer with this tag, or 304 in its place to a client that has it.
    pub(crate) fn answer(&self, request: &HeaderMap, mut answer: Response) -> Response {
        let known = self.is_known(request);
        let tag = HeaderValue::try_from(&self.0).expect("a tag is a legal value");
        answer.headers_mut().insert(ETAG, tag);
        if known {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            *answer.body_mut() = Body::empty();
            // What the compression of the whole answer says (RFC 9110 §15.4.5).
            let vary = HeaderValue::from_name(ACCEPT_ENCODING);
            answer.headers_mut().append(VARY, vary);
            for content in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
                answer.headers_mut().remove(content);
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::IF_NONE_MATCH;
    use axum::http::{HeaderMap, HeaderValue};

    use super::Tag;

    #[test]
    fn a_tag_is_known_however_it_is_listed() {
        let tag = Tag::of(b"lamp");
        let (weak, strong) = (tag.as_str(), &tag.as_str()[2..]);
        for (lines, known) in [
            (vec![], false),
            (vec!["\"other\"".to_owned()], false),
            (vec![strong[..8].to_owned()], false),
            (vec![weak.to_owned()], true),
            (vec![strong.to_owned()], true),
            (vec!["*".to_owned()], true),
            (vec![format!("\"other\" , {weak}")], true),
            (vec!["\"other\"".to_owned(), weak.to_owned()], true),
        ] {
            let mut request = HeaderMap::new();
            for line in &lines {
                request.append(IF_NONE_MATCH, HeaderValue::from_str(line).expect("a value"));
            }
            assert_eq!(tag.is_known(&request), known, "{lines:?}");
        }
    }
}
