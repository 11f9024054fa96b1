//! [`Preconditions`]: on what a request depends (RFC 9110 §13.1).

use http::Method;
use httpdate::HttpDate;

use super::verdict::Outcome;
use super::{Validators, Verdict};
use crate::problem::Problem;

/// The preconditions of a request: an extractor, and what a handler asks.
///
/// It reads `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since` and `If-Range`.
/// A request without them passes everywhere. Malformed tags are a 400 problem, code
/// `invalid_precondition`; a malformed date is as good as none, as RFC 9110 asks. See the
/// [module docs](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct Preconditions {
    pub(super) kind: Kind,
    /// Few requests have any, and all others should not pay for their size.
    pub(super) fields: Option<Box<Fields>>,
    pub(super) required: bool,
    pub(super) weakened: bool,
}

/// What a method does, as far as preconditions care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It asks for a representation.
    Read,
    /// It may change the resource.
    Write,
    /// It has to do with neither, and ignores preconditions (RFC 9110 §13.2.1).
    Neither,
}

impl From<&Method> for Kind {
    fn from(method: &Method) -> Self {
        match *method {
            Method::GET | Method::HEAD => Self::Read,
            Method::OPTIONS | Method::TRACE | Method::CONNECT => Self::Neither,
            _ => Self::Write,
        }
    }
}

/// The fields as they were sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) if_match: Option<Tags>,
    pub(super) if_none_match: Option<Tags>,
    pub(super) if_modified_since: Option<HttpDate>,
    pub(super) if_unmodified_since: Option<HttpDate>,
    pub(super) if_range: Option<Range>,
}

/// The tags of a field.
#[derive(Clone, Debug)]
pub(super) enum Tags {
    /// `*`.
    Any,
    List(Vec<Sent>),
}

/// A tag as a client sent it. It may be longer than ours.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) weak: bool,
    pub(super) text: Box<str>,
}

#[derive(Clone, Debug)]
pub(super) enum Range {
    Tag(Sent),
    Date(HttpDate),
    /// Neither: the part that the client has cannot be trusted.
    Unknown,
}

impl Preconditions {
    /// What becomes of the request when the resource is in this state: the order of
    /// [RFC 9110 §13.2.2].
    ///
    /// 1. `If-Match`, by strong comparison: none fits → [`Failed`](Verdict::Failed).
    /// 2. Without it `If-Unmodified-Since`: changed later → `Failed`.
    /// 3. `If-None-Match`, by weak comparison: one fits → [`NotModified`](Verdict::NotModified)
    ///    for `GET` and `HEAD`, `Failed` for other methods.
    /// 4. Without it, for `GET` and `HEAD`, `If-Modified-Since`: not changed later → `NotModified`.
    ///
    /// A date is ignored where the state has none. `OPTIONS`, `TRACE` and `CONNECT` always
    /// [`Proceed`](Verdict::Proceed).
    ///
    /// [RFC 9110 §13.2.2]: https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2
    pub fn evaluate(&self, now: impl Into<Validators>) -> Verdict {
        self.outcome(&now.into()).into()
    }

    pub(super) fn outcome(&self, now: &Validators) -> Outcome {
        match &self.fields {
            Some(fields) => fields.decide(self.kind, now, self.weakened),
            None => Outcome::Proceed,
        }
    }

    /// Whether anything was sent that counts for this method: a tag, `*`, or a date that could be
    /// read. Where nothing was, a change that lost a race may be tried again in its handler.
    pub fn is_conditional(&self) -> bool {
        let is_read = self.kind == Kind::Read;
        let counts = |fields: &Fields| {
            fields.if_match.is_some()
                || fields.if_none_match.is_some()
                || fields.if_unmodified_since.is_some()
                || (is_read && fields.if_modified_since.is_some())
        };
        self.kind != Kind::Neither && self.fields.as_deref().is_some_and(counts)
    }

    /// For a change, before it is made: whether the client knows the state that it changes.
    ///
    /// # Errors
    /// 412 `precondition_failed`, with the current `ETag` and `Last-Modified`; 428
    /// `precondition_required` where [`require`](Self::require) asked for a precondition, and the
    /// only one sent is a date that this state has none to compare with.
    pub fn check(&self, now: impl Into<Validators>) -> Result<(), Problem> {
        let now = now.into();
        if self.required && !self.guards(now.modified.is_some()) {
            return Err(super::response::required());
        }
        match self.outcome(&now) {
            Outcome::Proceed => Ok(()),
            Outcome::Failed(field) => Err(super::response::failed(&field, &now)),
            // A handler that checks a `GET` means it.
            Outcome::NotModified => Err(super::response::failed(
                match self.has_if_none_match() {
                    true => &http::header::IF_NONE_MATCH,
                    false => &http::header::IF_MODIFIED_SINCE,
                },
                &now,
            )),
        }
    }

    /// Refuses a request without a precondition, so that nobody overwrites a change unseen
    /// ([RFC 6585 §3]). What it gives back goes on asking: `let when = when.require()?;`
    ///
    /// `If-Match` is one, `*` too: the client has said that any state is right. `If-None-Match: *`
    /// is one, since it overwrites nothing. So is `If-Unmodified-Since`, provided the state that is
    /// [checked](Self::check) has a date.
    ///
    /// # Errors
    /// 428 `precondition_required`.
    ///
    /// [RFC 6585 §3]: https://www.rfc-editor.org/rfc/rfc6585#section-3
    pub fn require(mut self) -> Result<Self, Problem> {
        self.required = true;
        match self.guards(true) {
            true => Ok(self),
            false => Err(super::response::required()),
        }
    }

    pub(super) fn guards(&self, dated: bool) -> bool {
        let fields = self.fields.as_ref();
        fields.is_some_and(|fields| fields.guards(dated))
    }

    fn has_if_none_match(&self) -> bool {
        let fields = self.fields.as_ref();
        fields.is_some_and(|fields| fields.if_none_match.is_some())
    }

    /// Takes `W/"7"` in `If-Match` for `"7"`. Default: it never matches, as RFC 9110 §13.1.1 asks.
    ///
    /// For services behind a proxy that weakens the tags of what it compresses (nginx does), whose
    /// clients then cannot change what they have read. It is safe where a tag names a version,
    /// and not where two contents share a weak tag.
    pub fn accept_weakened(mut self) -> Self {
        self.weakened = true;
        self
    }

    /// Whether a range may be answered with 206: true without `If-Range`, and where it names the
    /// current state by its tag, strongly and character by character, or by its exact date
    /// ([RFC 9110 §13.1.5]).
    ///
    /// A date counts only where the state has no tag: it cannot tell two changes within a second
    /// apart.
    ///
    /// [RFC 9110 §13.1.5]: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.5
    pub fn applies_to_range(&self, now: impl Into<Validators>) -> bool {
        let now = now.into();
        let fields = self.fields.as_ref();
        match fields.and_then(|fields| fields.if_range.as_ref()) {
            None => true,
            Some(Range::Tag(sent)) => now.etag.is_some_and(|tag| {
                now.exists && !sent.weak && !tag.is_weak() && tag.as_str() == &*sent.text
            }),
            Some(Range::Date(date)) => now.etag.is_none() && now.modified == Some(*date),
            Some(Range::Unknown) => false,
        }
    }
}
