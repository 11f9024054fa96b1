//! What a request with preconditions is answered: 200 with validators, 304, 412, 428.

use std::time::SystemTime;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{self, CONTENT_TYPE, ETAG, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use httpdate::HttpDate;

use super::body::Nothing;
use super::preconditions::{Kind, Preconditions};
use super::verdict::Outcome;
use super::{ETag, Validators};
use crate::problem::{FieldError, Problem};

impl Preconditions {
    /// The answer, with the validators of the state that it shows: `ETag` and `Last-Modified`.
    ///
    /// For `GET` and `HEAD` the preconditions decide: it may become a 304 without a body, or a 412
    /// problem. For other methods only the fields are set, since the
    /// [check](Preconditions::check) is done before a change and the state is now another one.
    /// What is not a success (2xx) passes untouched. The answer to a `PUT` may only have validators
    /// where the content is kept byte by byte (RFC 9110 §9.3.4); elsewhere, leave them out.
    ///
    /// The tag of a [`version`](ETag::version) or a [content](ETag::of) gets the name of the media
    /// type, unless that is `application/json`: `"7-hal+json"`.
    ///
    /// A 304 has the fields that a cache needs, `Cache-Control`, `Content-Location`, `Date`, `ETag`,
    /// `Expires`, `Vary`, and all others that do not describe the content (RFC 9110 §15.4.5).
    pub fn respond(&self, now: impl Into<Validators>, response: impl IntoResponse) -> Response {
        let response = response.into_response();
        if !response.status().is_success() {
            return response;
        }
        let now = now.into().rendered(response.headers());
        match self.kind {
            Kind::Read => self.answer(now, response),
            Kind::Write | Kind::Neither => now.set_on(response),
        }
    }

    /// The answer to a `GET` whose representation has these validators.
    pub(super) fn answer(&self, now: Validators, response: Response) -> Response {
        match self.outcome(&now) {
            Outcome::Proceed => now.set_on(response),
            Outcome::NotModified => not_modified(now.set_on(response)),
            Outcome::Failed(field) => failed(&field, &now).into_response(),
        }
    }

    /// The problem where a statement that has the preconditions in it (`push_where`, with one of
    /// the features for databases) has touched no row although there is one, in this state, read
    /// again after the statement: 412 `precondition_failed`. A client that sent no precondition has
    /// nothing that could fail: 409 `changed_meanwhile`, where the statement compares the version that
    /// the handler itself has read. Where there is no row, the caller has a 404 of its own.
    pub fn missed(&self, now: impl Into<Validators>) -> Problem {
        if self.required && !self.guards(false) {
            return required();
        }
        let now = now.into();
        match self.outcome(&now) {
            Outcome::Failed(field) => failed(&field, &now),
            // It was another state a moment ago.
            _ if self.is_conditional() => failed(&header::IF_MATCH, &now),
            Outcome::Proceed | Outcome::NotModified => Problem::conflict(
                "another request has changed the resource at this moment; try again",
            )
            .code("changed_meanwhile"),
        }
    }
}

impl Validators {
    /// The answer with `ETag` and `Last-Modified`, for a handler without
    /// [`Preconditions`]: that of a `POST` which has created something, for example. What is not a
    /// success passes untouched.
    pub fn describe(self, response: impl IntoResponse) -> Response {
        let response = response.into_response();
        match response.status().is_success() {
            true => self.rendered(response.headers()).set_on(response),
            false => response,
        }
    }

    fn rendered(mut self, headers: &HeaderMap) -> Self {
        let media_type = headers.get(CONTENT_TYPE);
        self.etag = self.etag.map(|etag| etag.rendered(media_type));
        self
    }

    fn set_on(&self, mut response: Response) -> Response {
        for (name, value) in self.fields() {
            response.headers_mut().insert(name, value);
        }
        response
    }

    fn fields(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let etag = self.etag.as_ref().map(ETag::to_header_value);
        let modified = self.modified.filter(|_| self.exists).map(told);
        let etag = etag.filter(|_| self.exists).map(|etag| (ETAG, etag));
        let modified = modified.map(|modified| (LAST_MODIFIED, modified));
        etag.into_iter().chain(modified)
    }
}

/// Never later than now (RFC 9110 §8.8.2.1).
fn told(modified: HttpDate) -> HeaderValue {
    let now = SystemTime::now();
    let told = match SystemTime::from(modified) > now {
        true => HttpDate::from(now),
        false => modified,
    };
    HeaderValue::try_from(told.to_string()).expect("a date is of visible ASCII")
}

/// 304 in the place of a success (RFC 9110 §15.4.5).
pub(super) fn not_modified(response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    let has_tag = parts.headers.contains_key(ETAG);
    let described: Vec<_> = parts
        .headers
        .keys()
        .filter(|name| describes_content(name) || (has_tag && *name == LAST_MODIFIED))
        .cloned()
        .collect();
    for name in described {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, Body::new(Nothing))
}

/// Whether a field is about the content, which a 304 does not have.
fn describes_content(name: &HeaderName) -> bool {
    let kept = [
        header::CONTENT_LOCATION,
        header::CONTENT_SECURITY_POLICY,
        header::CONTENT_SECURITY_POLICY_REPORT_ONLY,
    ];
    name.as_str().starts_with("content-") && !kept.contains(name)
}

/// 412, with the validators of the current state.
pub(super) fn failed(field: &HeaderName, now: &Validators) -> Problem {
    let words = words(field, now);
    let name = field_name(field);
    let problem = Problem::new(StatusCode::PRECONDITION_FAILED)
        .code("precondition_failed")
        .detail(format!("{name}: {words}"))
        .error(FieldError::header(name, words));
    let fields = now.fields();
    fields.fold(problem, |problem, (name, value)| {
        problem.header(name, value)
    })
}

fn words(field: &HeaderName, now: &Validators) -> &'static str {
    match *field {
        header::IF_MATCH if !now.exists => "there is no such resource now",
        header::IF_MATCH if now.etag.is_none() => "the resource has no entity tag to match",
        header::IF_MATCH => "the resource is in another state; read it again",
        header::IF_UNMODIFIED_SINCE => "the resource was changed after that; read it again",
        header::IF_NONE_MATCH => "the resource is there already, in a state that is named",
        _ => "the resource was not changed after that",
    }
}

/// 428 (RFC 6585 §3).
pub(super) fn required() -> Problem {
    let words = "is needed, with the ETag of the last GET, so that no other change is overwritten";
    Problem::new(StatusCode::PRECONDITION_REQUIRED)
        .code("precondition_required")
        .detail(format!("the header If-Match {words}"))
        .error(FieldError::header("If-Match", words))
}

/// A field's name as people write it.
pub(super) fn field_name(name: &HeaderName) -> &'static str {
    match *name {
        header::IF_MATCH => "If-Match",
        header::IF_NONE_MATCH => "If-None-Match",
        header::IF_MODIFIED_SINCE => "If-Modified-Since",
        _ => "If-Unmodified-Since",
    }
}
