//! [`ETag`]: the name of one state of a resource (RFC 9110 §8.8.3).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};

use super::suffix;

/// Most characters between the quotes.
const MAX_LENGTH: usize = 256;

/// Bytes of a content's SHA-256 that become its tag.
const HASH_BYTES: usize = 16;

/// An entity tag: the opaque name of one state of a resource ([RFC 9110 §8.8.3]).
///
/// A **strong** tag says that the content is the same byte by byte, a **weak** one (`W/"…"`) that it
/// means the same. `If-Match` and ranges ask for strong ones, `If-None-Match` is content with weak
/// ones.
///
/// [`version`](Self::version) and [`of`](Self::of) make tags whose form is known, and so it is known
/// what others have appended to them on the way (see the [module docs](super)). Those of
/// [`strong`](Self::strong) and [`weak`](Self::weak) are the application's own: they are sent and
/// compared character by character.
///
/// Two tags are equal (`==`) when they are written the same.
///
/// # Example
/// ```
/// use api_patterns::conditional::ETag;
///
/// assert_eq!(ETag::version(7).to_string(), "\"7\"");
/// assert_eq!(ETag::of("content").weakened().to_string(), "W/\"7XACtDnprIRfIjV9giusFA\"");
///
/// let sent: ETag = "W/\"7\"".parse()?;
/// assert!(sent.weak_eq(&ETag::version(7)));
/// assert!(!sent.strong_eq(&ETag::version(7)));
/// # Ok::<(), api_patterns::conditional::InvalidETag>(())
/// ```
///
/// [RFC 9110 §8.8.3]: https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3
#[derive(Clone, Debug)]
pub struct ETag {
    text: String,
    weak: bool,
    /// Whether it is of a form that nothing is appended to but on the way.
    made: bool,
}

impl ETag {
    /// A strong tag of the application's own: 1 to 256 visible ASCII characters without `"`.
    ///
    /// # Errors
    /// When `text` is empty, longer, or has other characters.
    pub fn strong(text: impl Into<String>) -> Result<Self, InvalidETag> {
        Self::own(text.into(), false)
    }

    /// A weak tag of the application's own: 1 to 256 visible ASCII characters without `"`.
    ///
    /// # Errors
    /// When `text` is empty, longer, or has other characters.
    pub fn weak(text: impl Into<String>) -> Result<Self, InvalidETag> {
        Self::own(text.into(), true)
    }

    fn own(text: String, weak: bool) -> Result<Self, InvalidETag> {
        match text.len() {
            0 => Err(InvalidETag::Empty),
            1..=MAX_LENGTH if text.bytes().all(is_tag_byte) => Ok(Self {
                text,
                weak,
                made: false,
            }),
            1..=MAX_LENGTH => Err(InvalidETag::Character),
            _ => Err(InvalidETag::Long),
        }
    }

    /// The strong tag of a version: that of a column which every change counts up.
    pub fn version(version: impl Into<i128>) -> Self {
        Self {
            text: version.into().to_string(),
            weak: false,
            made: true,
        }
    }

    /// The strong tag of a content: 128 bits of its SHA-256, as 22 characters.
    pub fn of(content: impl AsRef<[u8]>) -> Self {
        Self::of_hash(Sha256::new_with_prefix(content))
    }

    pub(super) fn of_hash(hash: Sha256) -> Self {
        Self {
            text: URL_SAFE_NO_PAD.encode(&hash.finalize()[..HASH_BYTES]),
            weak: false,
            made: true,
        }
    }

    /// The same tag, weak: for a content that may still be compressed on its way, or that differs
    /// in what does not matter.
    #[must_use]
    pub fn weakened(mut self) -> Self {
        self.weak = true;
        self
    }

    /// Whether it is weak.
    pub fn is_weak(&self) -> bool {
        self.weak
    }

    /// What stands between the quotes.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Strong comparison (RFC 9110 §8.8.3.2): both are strong, and the same.
    pub fn strong_eq(&self, other: &Self) -> bool {
        !self.weak && !other.weak && self.text == other.text
    }

    /// Weak comparison (RFC 9110 §8.8.3.2): the same, be they weak or strong.
    pub fn weak_eq(&self, other: &Self) -> bool {
        self.text == other.text
    }

    /// The value of an `ETag` field.
    pub fn to_header_value(&self) -> HeaderValue {
        HeaderValue::try_from(self.to_string()).expect("a tag is of visible ASCII")
    }

    /// The tag of a response's `ETag` field; `None` where it is not one.
    pub(super) fn from_header(value: &HeaderValue) -> Option<Self> {
        value.to_str().ok()?.parse().ok()
    }

    /// The tag of this state as it is written in that media type: renderings must not share a
    /// strong tag (RFC 9110 §8.8.1). JSON is the one without a name.
    pub(super) fn rendered(mut self, media_type: Option<&HeaderValue>) -> Self {
        if !self.made {
            return self;
        }
        match suffix::of_media_type(media_type) {
            Some(suffix) => self.text.push_str(&suffix),
            None => self.weak = true,
        }
        self
    }

    /// Whether a client's tag names this state, in whatever rendering and coding.
    pub(super) fn is_state_named(&self, sent: &str) -> bool {
        self.is_named(sent, suffix::is_any)
    }

    /// Whether a client's tag names this rendering, in whatever coding.
    pub(super) fn is_rendering_named(&self, sent: &str) -> bool {
        self.is_named(sent, suffix::is_coding)
    }

    fn is_named(&self, sent: &str, ignored: fn(&str) -> bool) -> bool {
        let rest = sent.strip_prefix(self.as_str());
        rest.is_some_and(|rest| rest.is_empty() || (self.made && ignored(rest)))
    }
}

/// RFC 9110 §8.8.3 without `obs-text`, which no tag of this crate has.
pub(super) fn is_tag_byte(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'~')
}

impl PartialEq for ETag {
    fn eq(&self, other: &Self) -> bool {
        (self.weak, &self.text) == (other.weak, &other.text)
    }
}

impl Eq for ETag {}

impl Hash for ETag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.weak, &self.text).hash(state);
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weak = if self.weak { "W/" } else { "" };
        write!(f, "{weak}\"{}\"", self.text)
    }
}

impl FromStr for ETag {
    type Err = InvalidETag;

    /// Reads `"…"` or `W/"…"`, with nothing around it. The empty tag `""`, which HTTP allows, is
    /// refused: it names nothing.
    fn from_str(text: &str) -> Result<Self, InvalidETag> {
        let (quoted, weak) = match text.strip_prefix("W/") {
            Some(quoted) => (quoted, true),
            None => (text, false),
        };
        let inner = quoted.strip_prefix('"');
        let inner = inner.and_then(|inner| inner.strip_suffix('"'));
        Self::own(inner.ok_or(InvalidETag::Quotes)?.to_owned(), weak)
    }
}

/// What is not an entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidETag {
    /// There is nothing between the quotes.
    #[error("an entity tag has at least one character")]
    Empty,
    /// It has more than 256 characters.
    #[error("an entity tag has at most {MAX_LENGTH} characters")]
    Long,
    /// It has characters that a tag cannot have.
    #[error("an entity tag is of visible ASCII characters without quotes")]
    Character,
    /// It is not in quotes.
    #[error("an entity tag stands in double quotes, as in \"7\" or W/\"7\"")]
    Quotes,
}
