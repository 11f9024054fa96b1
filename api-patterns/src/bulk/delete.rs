//! Many things deleted by their ids.

use std::collections::HashSet;
use std::hash::Hash;

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::choices::Choices;
use super::config::Mode;
use super::extract::read;
use super::items::Items;
use super::outcome::Done;
use super::response::{Failures, MultiStatus, answer};
use super::split::split;
use crate::problem::{Json, Problem};

/// 1 to `MAX` ids in a body `{"ids": […]}`, each of which is to be deleted.
///
/// An id that is given several times counts once. What was not there is told, and is no failure: the
/// end is the one that was wanted. It is one where the client has asked that the ids stand or fall
/// together, or to stop after some failures. What a client chooses and what is refused is as
/// with [`Bulk`](super::Bulk); an id of the wrong type fails alone.
///
/// # Example
/// ```
/// use api_patterns::bulk::{BulkDelete, Deleted};
/// use api_patterns::problem::Problem;
///
/// async fn delete(ids: BulkDelete<i64>) -> Deleted<i64> {
///     ids.run(async |id| Ok::<_, Problem>(id < 10)).await
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(delete));
/// ```
#[derive(Debug)]
pub struct BulkDelete<I, const MAX: usize = 100> {
    pub(super) items: Items<I>,
    pub(super) ids: Ids<I>,
}

/// The ids of a request, by place.
#[derive(Debug)]
pub(super) struct Ids<I> {
    given: Vec<Given<I>>,
}

#[derive(Clone, Debug)]
enum Given<I> {
    Id(I),
    NoId,
    Again,
}

impl<I, S, const MAX: usize> FromRequest<S> for BulkDelete<I, MAX>
where
    I: DeserializeOwned + Clone + Eq + Hash,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (body, choices) = read(request).await?;
        let ids = split(&body, "ids", MAX)?.into_iter();
        let ids = ids.map(|id| Json::<I>::from_bytes(id).map(|Json(id)| id));
        Ok(Self::read(ids, choices))
    }
}

impl<I: Clone + Eq + Hash, const MAX: usize> BulkDelete<I, MAX> {
    /// Ids with the choices of a client that has made none.
    pub fn new(ids: impl IntoIterator<Item = I>) -> Self {
        Self::read(ids.into_iter().map(Ok), Choices::default())
    }

    fn read(ids: impl Iterator<Item = Result<I, Problem>>, choices: Choices) -> Self {
        let mut items = Items::read(ids, choices);
        let mut given = vec![Given::NoId; items.len()];
        let mut seen = HashSet::new();
        for (place, id) in items.iter() {
            given[place] = match seen.insert(id) {
                true => Given::Id(id.clone()),
                false => Given::Again,
            };
        }
        drop(seen);
        let mut seen = HashSet::new();
        items.drop_unless(|id| seen.insert(id.clone()));
        let ids = Ids { given };
        Self { items, ids }
    }
}

impl<I, const MAX: usize> BulkDelete<I, MAX> {
    /// How many ids the request has, those included that are no ids or given again.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Never true for the ids of a request, which has one at least.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The ids, each once.
    pub fn iter(&self) -> impl Iterator<Item = &I> {
        self.items.iter().map(|(_, id)| id)
    }

    /// How many ids [`run`](Self::run) deletes at a time. Default: 1.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    pub fn concurrency(mut self, ids: usize) -> Self {
        self.items = self.items.concurrency(ids);
        self
    }

    /// Makes the ids stand or fall together. A client that has asked for something else by a
    /// parameter is answered with a 400; a preference is passed over.
    #[must_use]
    pub fn atomic(mut self) -> Self {
        self.items = self.items.atomic();
        self
    }

    /// Refuses ids before any is tried, as those that the caller may not delete.
    #[must_use]
    pub fn check<E: Into<Problem>>(mut self, check: impl Fn(&I) -> Result<(), E>) -> Self {
        self.items = self.items.check(check);
        self
    }

    /// Deletes each, whatever becomes of the others; `delete` tells whether there was such a thing.
    ///
    /// As there is no transaction, `?mode=atomic` is answered with a 400.
    pub async fn run<E, F, Fut>(self, delete: F) -> Deleted<I>
    where
        F: Fn(I) -> Fut,
        Fut: Future<Output = Result<bool, E>>,
        E: Into<Problem>,
    {
        let missing = self.missing();
        let delete = |id| {
            let deleted = delete(id);
            async move { missing.judge(deleted.await.map_err(Into::into)?) }
        };
        Deleted::new(self.ids, self.items.run(delete).await)
    }

    pub(super) fn missing(&self) -> Missing {
        match self.items.mode() == Mode::Atomic || self.items.stop_after().is_some() {
            true => Missing::Fails,
            false => Missing::IsTold,
        }
    }
}

/// What it is that something was not there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Missing {
    IsTold,
    Fails,
}

impl Missing {
    pub(super) fn judge(self, there: bool) -> Result<bool, Problem> {
        match self {
            Self::Fails if !there => Err(missing().source(NotThere)),
            _ => Ok(there),
        }
    }
}

/// Tells a thing that was not there from other failures.
#[derive(Debug, thiserror::Error)]
#[error("there was no such thing to delete")]
struct NotThere;

fn missing() -> Problem {
    Problem::not_found("there is no such thing").code("not_found")
}

/// What became of the ids: a response with the status 207, or with that of all of them where
/// [`uniform_status`](super::BulkSettings::uniform_status) is chosen: 200 where all are deleted.
///
/// ```json
/// {"deleted_count": 2, "not_found_ids": [7]}
/// ```
///
/// and `errors`, as in [`MultiStatus`], where there are any. With `?envelope=items` each id has an
/// envelope, whose status is 204, 404, or that of its problem.
#[derive(Debug)]
#[must_use = "a response does nothing unless it is returned"]
pub struct Deleted<I> {
    ids: Ids<I>,
    answer: MultiStatus<bool>,
}

impl<I> Deleted<I> {
    pub(super) fn new(ids: Ids<I>, mut answer: MultiStatus<bool>) -> Self {
        let not_there = |problem: &Problem| {
            let source = problem.get_source();
            source.is_some_and(|source| source.is::<NotThere>())
        };
        let made = answer.style.made;
        for outcome in answer.outcomes.iter_mut().flatten() {
            if outcome.as_ref().is_err_and(not_there) {
                *outcome = Ok(Done::new(false, made));
            }
        }
        Self { ids, answer }
    }

    /// The status of all ids, where it is one: what is gone is told in a body, so it is a 200.
    fn uniform(&self) -> Option<StatusCode> {
        let outcomes = self.ids.given.iter().zip(self.answer.outcomes());
        let once = outcomes.filter(|(given, _)| !matches!(given, Given::Again));
        let mut statuses = once.map(|(_, outcome)| match outcome {
            Ok(done) if done.body => StatusCode::OK,
            Ok(_) => StatusCode::NOT_FOUND,
            Err(problem) => problem.status(),
        });
        let first = statuses.next()?;
        statuses.all(|status| status == first).then_some(first)
    }

    /// How many were there, and are deleted.
    pub fn deleted_count(&self) -> usize {
        self.found().filter(|(_, found)| *found).count()
    }

    /// The ids of what was not there.
    pub fn not_found_ids(&self) -> impl Iterator<Item = &I> {
        self.found().filter(|(_, found)| !*found).map(|(id, _)| id)
    }

    /// The failures with the indexes of their ids.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Problem)> + Clone {
        let again = |place: &usize| matches!(self.ids.given[*place], Given::Again);
        self.answer
            .failures()
            .filter(move |(place, _)| !again(place))
    }

    fn found(&self) -> impl Iterator<Item = (&I, bool)> {
        let outcomes = self.ids.given.iter().zip(self.answer.outcomes());
        outcomes.filter_map(|(given, outcome)| match (given, outcome) {
            (Given::Id(id), Ok(done)) => Some((id, done.body)),
            _ => None,
        })
    }
}

impl<I: Serialize> IntoResponse for Deleted<I> {
    /// An id that cannot be serialized is a masked 500.
    fn into_response(self) -> Response {
        if let Err(problem) = self.answer.outcomes {
            return problem.into_response();
        }
        for (_, problem) in self.failures() {
            problem.log();
        }
        let style = &self.answer.style;
        let json = match style.envelope {
            true => serde_json::to_vec(&Results(&self)),
            false => serde_json::to_vec(&Classic(&self)),
        };
        let ids = self.ids.given.len();
        let uniform = style.uniform.then(|| self.uniform()).flatten();
        let status = uniform.unwrap_or(StatusCode::MULTI_STATUS);
        match json {
            Ok(json) => answer(status, json, style, ids),
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

struct Classic<'a, I>(&'a Deleted<I>);

impl<I: Serialize> Serialize for Classic<'_, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(deleted) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("deleted_count", &deleted.deleted_count())?;
        map.serialize_entry("not_found_ids", &NotFound(deleted))?;
        if deleted.failures().next().is_some() {
            map.serialize_entry("errors", &Failures(deleted.failures()))?;
        }
        map.end()
    }
}

struct NotFound<'a, I>(&'a Deleted<I>);

impl<I: Serialize> Serialize for NotFound<'_, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.not_found_ids())
    }
}

struct Results<'a, I>(&'a Deleted<I>);

impl<I> Serialize for Results<'_, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("results", &Envelopes(self.0))?;
        map.end()
    }
}

struct Envelopes<'a, I>(&'a Deleted<I>);

impl<I> Serialize for Envelopes<'_, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Deleted { ids, answer } = self.0;
        let minimal = answer.style.minimal;
        let outcomes = ids.given.iter().zip(answer.outcomes()).enumerate();
        let envelopes = outcomes.filter_map(|(index, (given, outcome))| match (given, outcome) {
            (Given::Again, _) => None,
            (_, Ok(done)) if done.body && minimal => None,
            (_, outcome) => Some(Envelope { index, outcome }),
        });
        serializer.collect_seq(envelopes)
    }
}

struct Envelope<'a> {
    index: usize,
    outcome: &'a Result<Done<bool>, Problem>,
}

impl Serialize for Envelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let missing = missing();
        let (status, problem) = match self.outcome {
            Ok(done) if done.body => (StatusCode::NO_CONTENT, None),
            Ok(_) => (missing.status(), Some(&missing)),
            Err(problem) => (problem.status(), Some(problem)),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("index", &self.index)?;
        map.serialize_entry("status", &status.as_u16())?;
        if let Some(problem) = problem {
            map.serialize_entry("problem", problem)?;
        }
        map.end()
    }
}
