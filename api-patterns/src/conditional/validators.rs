//! [`Validators`]: what can be said of the state that a resource is in now.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdate::HttpDate;

use super::ETag;

/// The first second that a date of HTTP cannot tell: 10000-01-01.
const END_OF_DATES: Duration = Duration::from_secs(253_402_300_800);

/// What can be said of the state that a resource is in now: its [`ETag`], and when it was changed
/// last ([RFC 9110 §8.8]).
///
/// An `ETag`, or a [`SystemTime`] of the last change, is such a value by itself.
///
/// # Example
/// ```
/// use std::time::{Duration, SystemTime};
/// use api_patterns::conditional::{ETag, Validators};
///
/// let updated_at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_784_111_777_250);
/// let now = Validators::from(ETag::version(7)).last_modified(updated_at);
/// assert_eq!(now.get_etag(), Some(&ETag::version(7)));
/// // HTTP knows no parts of a second.
/// assert_eq!(now.get_last_modified(), Some(updated_at - Duration::from_millis(250)));
/// ```
///
/// [RFC 9110 §8.8]: https://www.rfc-editor.org/rfc/rfc9110#section-8.8
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validators {
    pub(super) exists: bool,
    pub(super) etag: Option<ETag>,
    pub(super) modified: Option<HttpDate>,
}

impl Validators {
    /// A resource that is there, of which nothing else is known.
    pub fn new() -> Self {
        Self {
            exists: true,
            etag: None,
            modified: None,
        }
    }

    /// There is no such resource now: `If-Match: *` fails, and `If-None-Match: *` holds, so that a
    /// `PUT` creates but does not replace.
    pub fn missing() -> Self {
        Self {
            exists: false,
            ..Self::new()
        }
    }

    /// The tag of its state. Default: none, and then no tag of a client matches.
    #[must_use]
    pub fn etag(mut self, etag: ETag) -> Self {
        self.etag = Some(etag);
        self
    }

    /// When it was changed last; parts of a second are dropped. Default: unknown, as is a time
    /// before 1970 or after 9999, which HTTP cannot tell.
    #[must_use]
    pub fn last_modified(mut self, time: impl Into<SystemTime>) -> Self {
        let since = time.into().duration_since(UNIX_EPOCH).ok();
        let told = since.filter(|since| *since < END_OF_DATES);
        self.modified = told.map(|since| HttpDate::from(UNIX_EPOCH + since));
        self
    }

    /// The tag of its state.
    pub fn get_etag(&self) -> Option<&ETag> {
        self.etag.as_ref()
    }

    /// When it was changed last, in whole seconds.
    pub fn get_last_modified(&self) -> Option<SystemTime> {
        self.modified.map(SystemTime::from)
    }

    /// Whether there is such a resource now.
    pub fn exists(&self) -> bool {
        self.exists
    }
}

impl Default for Validators {
    fn default() -> Self {
        Self::new()
    }
}

impl From<ETag> for Validators {
    fn from(etag: ETag) -> Self {
        Self::new().etag(etag)
    }
}

impl From<SystemTime> for Validators {
    fn from(modified: SystemTime) -> Self {
        Self::new().last_modified(modified)
    }
}
