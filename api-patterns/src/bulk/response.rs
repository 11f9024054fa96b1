//! What became of the items, as a response.

use std::fmt::Display;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::choices::{Choices, Made, Style};
use super::outcome::{Cost, Done, Outcome};
use crate::prefer::PREFERENCE_APPLIED;
use crate::problem::Problem;

/// What became of each item: a response with the status 207 ([RFC 4918 §13]).
///
/// The classic body has what was made in the order of the request, and the failures with their
/// indexes; `created` is `updated` in the answer to a `PATCH` or `PUT`:
///
/// ```json
/// {"created": [{"id": 1}], "errors": [{"index": 1, "detail": "…", "status": 409, "problem": {}}]}
/// ```
///
/// With `?envelope=items` each item has its place:
///
/// ```json
/// {"results": [{"index": 0, "status": 201, "location": "/products/1", "etag": "\"1\"", "body": {"id": 1}},
///              {"index": 1, "status": 409, "problem": {}}]}
/// ```
///
/// A `problem` is what the item alone would have been answered with (RFC 9457). One with a 5xx is
/// masked and logged.
///
/// [RFC 4918 §13]: https://www.rfc-editor.org/rfc/rfc4918#section-13
#[derive(Debug)]
#[must_use = "a response does nothing unless it is returned"]
pub struct MultiStatus<R> {
    pub(super) outcomes: Result<Vec<Result<Done<R>, Problem>>, Problem>,
    pub(super) style: Style,
}

impl<R> From<Problem> for MultiStatus<R> {
    /// The request as a whole is refused.
    fn from(problem: Problem) -> Self {
        Self::refused(problem)
    }
}

impl<R> MultiStatus<R> {
    /// The outcomes of items that were run in another way, in the order of the request.
    pub fn of<E: Into<Problem>>(outcomes: impl IntoIterator<Item = Result<R, E>>) -> Self {
        let style = Choices::default().style;
        let outcomes = outcomes.into_iter().map(|outcome| match outcome {
            Ok(body) => Ok(Done::new(body, style.made)),
            Err(error) => Err(error.into()),
        });
        Self::new(outcomes.collect(), style)
    }

    pub(super) fn new(outcomes: Vec<Result<Done<R>, Problem>>, style: Style) -> Self {
        Self {
            outcomes: Ok(outcomes),
            style,
        }
    }

    pub(super) fn refused(problem: Problem) -> Self {
        Self {
            outcomes: Err(problem),
            style: Choices::default().style,
        }
    }

    fn each<U>(self, change: impl FnMut(Done<R>) -> Done<U>) -> MultiStatus<U> {
        let mut change = change;
        let change = |outcome: Result<_, _>| outcome.map(&mut change);
        let outcomes = self.outcomes;
        MultiStatus {
            outcomes: outcomes.map(|outcomes| outcomes.into_iter().map(change).collect()),
            style: self.style,
        }
    }

    /// The same with other bodies: what a client sees in the place of what was made.
    pub fn map<U>(self, mut body: impl FnMut(R) -> U) -> MultiStatus<U> {
        self.each(|done| done.map(&mut body))
    }

    /// Tells where each item is: `location` in its envelope.
    pub fn located<L: Display>(self, location: impl Fn(&R) -> L) -> Self {
        self.each(|mut done| {
            done.location = Some(location(&done.body).to_string());
            done
        })
    }

    /// Tells the entity tag of each item: `etag` in its envelope.
    pub fn tagged<L: Display>(self, etag: impl Fn(&R) -> L) -> Self {
        self.each(|mut done| {
            done.etag = Some(etag(&done.body).to_string());
            done
        })
    }

    /// Answers with the status of the items where they all have the same one, and with 207
    /// otherwise. Default: 207 always, or what
    /// [`BulkSettings::uniform_status`](super::BulkSettings::uniform_status) says.
    pub fn uniform_status(mut self) -> Self {
        self.style.uniform = true;
        self
    }

    /// The outcomes in the order of the request.
    ///
    /// # Errors
    /// The problem of the request as a whole.
    pub fn into_outcomes(self) -> Result<Vec<Result<R, Problem>>, Problem> {
        let bodies = |outcome: Result<Done<R>, _>| outcome.map(|done| done.body);
        let outcomes = self.outcomes?;
        Ok(outcomes.into_iter().map(bodies).collect())
    }

    /// How many items succeeded.
    pub fn succeeded(&self) -> usize {
        self.outcomes()
            .iter()
            .filter(|outcome| outcome.is_ok())
            .count()
    }

    /// The failures with their indexes.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Problem)> + Clone {
        let outcomes = self.outcomes().iter().enumerate();
        outcomes.filter_map(|(index, outcome)| Some((index, outcome.as_ref().err()?)))
    }

    pub(super) fn outcomes(&self) -> &[Result<Done<R>, Problem>] {
        self.outcomes.as_deref().unwrap_or_default()
    }

    /// The status of all items, where it is one.
    fn uniform(&self) -> Option<StatusCode> {
        let mut statuses = self.outcomes().iter().map(|outcome| match outcome {
            Ok(done) => done.status(),
            Err(problem) => problem.status(),
        });
        let first = statuses.next()?;
        statuses.all(|status| status == first).then_some(first)
    }
}

impl<R> MultiStatus<Outcome<R>> {
    /// The answer to upserts: each item is created or updated, as its outcome says. The classic
    /// body then has `created` and `updated`.
    pub fn upserts(self) -> MultiStatus<R> {
        let mut answer = self.each(|done| {
            let (made, body) = match done.body {
                Outcome::Created(body) => (Made::Created, body),
                Outcome::Updated(body) => (Made::Updated, body),
            };
            Done {
                body,
                made,
                location: done.location,
                etag: done.etag,
            }
        });
        answer.style.upsert = true;
        answer
    }
}

impl<R: Serialize> IntoResponse for MultiStatus<R> {
    /// A body that cannot be serialized is a masked 500.
    fn into_response(self) -> Response {
        if let Err(problem) = self.outcomes {
            return problem.into_response();
        }
        for (_, problem) in self.failures() {
            problem.log();
        }
        let json = match self.style.envelope {
            true => serde_json::to_vec(&Results(&self)),
            false => serde_json::to_vec(&Classic(&self)),
        };
        let uniform = self.style.uniform.then(|| self.uniform()).flatten();
        let status = uniform.unwrap_or(StatusCode::MULTI_STATUS);
        match json {
            Ok(json) => answer(status, json, &self.style, self.outcomes().len()),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

/// A JSON response with what all answers to bulk requests have.
pub(super) fn answer(status: StatusCode, json: Vec<u8>, style: &Style, items: usize) -> Response {
    let media_type = HeaderValue::from_static("application/json");
    let mut response = (status, [(header::CONTENT_TYPE, media_type)], json).into_response();
    describe(&mut response, style);
    response.extensions_mut().insert(Cost::of(items));
    response
}

/// Tells which preferences were followed.
pub(super) fn describe(response: &mut Response, style: &Style) {
    let applied = match (style.minimal, style.handling) {
        (true, Some("strict")) => "return=minimal, handling=strict",
        (true, Some(_)) => "return=minimal, handling=lenient",
        (true, None) => "return=minimal",
        (false, Some("strict")) => "handling=strict",
        (false, Some(_)) => "handling=lenient",
        (false, None) => return,
    };
    let applied = HeaderValue::from_static(applied);
    response.headers_mut().insert(PREFERENCE_APPLIED, applied);
}

/// The classic body.
struct Classic<'a, R>(&'a MultiStatus<R>);

impl<R: Serialize> Serialize for Classic<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(answer) = self;
        let style = &answer.style;
        let mut map = serializer.serialize_map(None)?;
        for (made, name) in [(Made::Created, "created"), (Made::Updated, "updated")] {
            if !style.minimal && (style.upsert || style.made == made) {
                map.serialize_entry(name, &Bodies(answer, made))?;
            }
        }
        map.serialize_entry("errors", &Failures(answer.failures()))?;
        map.end()
    }
}

/// The bodies of what was made in one way.
struct Bodies<'a, R>(&'a MultiStatus<R>, Made);

impl<R: Serialize> Serialize for Bodies<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(answer, made) = self;
        let done = answer.outcomes().iter().flatten();
        serializer.collect_seq(
            done.filter(|done| done.made == *made)
                .map(|done| &done.body),
        )
    }
}

/// Failures with their indexes, as entries of `errors`.
pub(super) struct Failures<I>(pub(super) I);

impl<'a, I: Iterator<Item = (usize, &'a Problem)> + Clone> Serialize for Failures<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self
            .0
            .clone()
            .map(|(index, problem)| Failure { index, problem });
        serializer.collect_seq(entries)
    }
}

struct Failure<'a> {
    index: usize,
    problem: &'a Problem,
}

impl Serialize for Failure<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("index", &self.index)?;
        map.serialize_entry("detail", &self.problem.shown_detail())?;
        map.serialize_entry("status", &self.problem.status().as_u16())?;
        map.serialize_entry("problem", self.problem)?;
        map.end()
    }
}

/// One envelope per item.
struct Results<'a, R>(&'a MultiStatus<R>);

impl<R: Serialize> Serialize for Results<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("results", &Envelopes(self.0))?;
        map.end()
    }
}

struct Envelopes<'a, R>(&'a MultiStatus<R>);

impl<R: Serialize> Serialize for Envelopes<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(answer) = self;
        let mut seq = serializer.serialize_seq(None)?;
        for (index, outcome) in answer.outcomes().iter().enumerate() {
            if outcome.is_err() || !answer.style.minimal {
                let outcome = outcome.as_ref();
                seq.serialize_element(&Envelope { index, outcome })?;
            }
        }
        seq.end()
    }
}

/// What became of one item.
pub(super) struct Envelope<'a, R> {
    pub(super) index: usize,
    pub(super) outcome: Result<&'a Done<R>, &'a Problem>,
}

impl<R: Serialize> Serialize for Envelope<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("index", &self.index)?;
        match self.outcome {
            Ok(done) => {
                map.serialize_entry("status", &done.status().as_u16())?;
                let texts = [("location", &done.location), ("etag", &done.etag)];
                for (name, text) in texts {
                    if let Some(text) = text {
                        map.serialize_entry(name, text)?;
                    }
                }
                map.serialize_entry("body", &done.body)?;
            }
            Err(problem) => {
                map.serialize_entry("status", &problem.status().as_u16())?;
                map.serialize_entry("problem", problem)?;
            }
        }
        map.end()
    }
}
