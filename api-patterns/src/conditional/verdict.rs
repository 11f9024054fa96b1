//! [`Verdict`]: what the preconditions of a request come to, in the order of RFC 9110 §13.2.2.

use http::{HeaderName, header};
use httpdate::HttpDate;

use super::preconditions::{Fields, Kind, Sent, Tags};
use super::{ETag, Validators};

/// What becomes of a request with preconditions ([RFC 9110 §13.2.2]).
///
/// [RFC 9110 §13.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is done.
    Proceed,
    /// 304: the client has the representation already.
    NotModified,
    /// 412: nothing is done.
    Failed,
}

/// A verdict that knows which field it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Proceed,
    NotModified,
    Failed(HeaderName),
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Proceed => Self::Proceed,
            Outcome::NotModified => Self::NotModified,
            Outcome::Failed(_) => Self::Failed,
        }
    }
}

impl Fields {
    pub(super) fn decide(&self, kind: Kind, now: &Validators, weakened: bool) -> Outcome {
        if kind == Kind::Neither {
            return Outcome::Proceed;
        }
        if let Some(field) = self.changed(now, weakened) {
            return Outcome::Failed(field);
        }
        let is_read = kind == Kind::Read;
        match &self.if_none_match {
            Some(tags) if !tags.is_named(now, |tag, sent| tag.is_seen(sent, is_read)) => {
                Outcome::Proceed
            }
            Some(_) if is_read => Outcome::NotModified,
            Some(_) => Outcome::Failed(header::IF_NONE_MATCH),
            None if is_read && is_since(now, self.if_modified_since) == Some(true) => {
                Outcome::NotModified
            }
            None => Outcome::Proceed,
        }
    }

    /// The field by which the state is no longer what the client thinks it is: steps 1 and 2.
    fn changed(&self, now: &Validators, weakened: bool) -> Option<HeaderName> {
        match &self.if_match {
            Some(tags) => {
                let holds = tags.is_named(now, |tag, sent| tag.is_meant(sent, weakened));
                (!holds).then_some(header::IF_MATCH)
            }
            None => (is_since(now, self.if_unmodified_since) == Some(false))
                .then_some(header::IF_UNMODIFIED_SINCE),
        }
    }

    /// Whether a field is there that keeps a change from overwriting another one, and can be held
    /// against these validators.
    pub(super) fn guards(&self, dated: bool) -> bool {
        self.if_match.is_some()
            || matches!(self.if_none_match, Some(Tags::Any))
            || (dated && self.if_unmodified_since.is_some())
    }
}

/// Whether the resource is as it was at the date; `None` where one of them has none.
fn is_since(now: &Validators, date: Option<HttpDate>) -> Option<bool> {
    Some(now.modified? <= date?)
}

impl Tags {
    fn is_named(&self, now: &Validators, compare: impl Fn(&ETag, &Sent) -> bool) -> bool {
        match (self, &now.etag) {
            (Self::Any, _) => now.exists,
            (Self::List(_), None) => false,
            (Self::List(sent), Some(tag)) => {
                now.exists && sent.iter().any(|sent| compare(tag, sent))
            }
        }
    }
}

impl ETag {
    /// `If-Match`: strong comparison of states.
    fn is_meant(&self, sent: &Sent, weakened: bool) -> bool {
        let comparable = weakened || !(self.is_weak() || sent.weak);
        comparable && self.is_state_named(&sent.text)
    }

    /// `If-None-Match`: weak comparison; what a client has is one rendering, what it would
    /// overwrite is the state.
    fn is_seen(&self, sent: &Sent, is_read: bool) -> bool {
        match is_read {
            true => self.is_rendering_named(&sent.text),
            false => self.is_state_named(&sent.text),
        }
    }
}
