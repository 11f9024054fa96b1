//! The items of a request, and how they are run.

use std::collections::HashMap;
use std::hash::Hash;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::StatusCode;

use super::choices::Choices;
use super::config::Mode;
use super::response::MultiStatus;
use super::tally::Tally;
use crate::problem::Problem;

/// The items of one request: those that can be tried, and the problems of those that cannot.
///
/// [`run`](Self::run) tries each on its own. With one of the features `sqlite`, `postgres` and
/// `mysql`, `run_in` does so in one transaction, and `insert_in` many by one statement.
///
/// Each item has a place, its index in the request. An item that did not deserialize or validate
/// has its problem already and is never run.
#[derive(Debug)]
pub struct Items<T> {
    pub(super) items: Vec<T>,
    /// The place of each of them.
    pub(super) places: Vec<usize>,
    /// By place.
    pub(super) refused: Vec<(usize, Problem)>,
    /// How many the request has.
    len: usize,
    pub(super) choices: Choices,
    pub(super) concurrency: usize,
    #[cfg(feature = "__sqlx")]
    pub(super) chunk: usize,
    reordered: bool,
    /// What the client has chosen and this route does not do.
    impossible: Option<Problem>,
}

/// What becomes of items of one request with the same key; see [`Items::distinct_by`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Duplicates {
    /// All are run, in the order of the request.
    Allow,
    /// The first is run; each later one is a 409 that names the index of the first.
    RefuseLater,
    /// Each is a 409 that names the index of the first other one: nobody can tell which was meant.
    RefuseAll,
}

impl<T> FromIterator<Result<T, Problem>> for Items<T> {
    /// Items that were read elsewhere, from a file for example, with the choices of a client that
    /// has made none.
    fn from_iter<I: IntoIterator<Item = Result<T, Problem>>>(read: I) -> Self {
        Self::read(read, Choices::default())
    }
}

impl<T> Items<T> {
    /// Items with the choices of a client that has made none.
    pub fn new(items: impl IntoIterator<Item = T>) -> Self {
        items.into_iter().map(Ok).collect()
    }

    pub(super) fn read(
        read: impl IntoIterator<Item = Result<T, Problem>>,
        choices: Choices,
    ) -> Self {
        let (mut items, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (place, item) in read.into_iter().enumerate() {
            match item {
                Ok(item) => {
                    items.push(item);
                    places.push(place);
                }
                Err(problem) => refused.push((place, problem)),
            }
        }
        Self {
            len: items.len() + refused.len(),
            items,
            places,
            refused,
            choices,
            concurrency: 1,
            #[cfg(feature = "__sqlx")]
            chunk: super::sql::CHUNK,
            reordered: false,
            impossible: None,
        }
    }

    /// How many items the request has, those included that cannot be tried.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Never true for the items of a request, which has one at least.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items that can be tried, each with its index in the request.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.places.iter().copied().zip(&self.items)
    }

    /// Whether the items stand or fall together.
    pub fn mode(&self) -> Mode {
        self.choices.mode
    }

    /// Makes the items stand or fall together. A client that has asked for something else by a
    /// parameter is answered with a 400; a preference is passed over.
    #[must_use]
    pub fn atomic(mut self) -> Self {
        self.impossible = self.choices.always_atomic().err();
        self
    }

    /// # Errors
    /// A 400 where the client has chosen what this route does not do.
    pub(super) fn possible(&mut self) -> Result<(), Problem> {
        self.impossible.take().map_or(Ok(()), Err)
    }

    /// The number of failures after which no further item is tried.
    pub fn stop_after(&self) -> Option<usize> {
        self.choices.stop_after.map(usize::from)
    }

    /// How many items [`run`](Self::run) tries at a time. Default: 1, which tries them in the order of the
    /// request.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    pub fn concurrency(mut self, items: usize) -> Self {
        assert!(items > 0, "at least one item is run at a time");
        self.concurrency = items;
        self
    }

    /// Refuses items before any is tried, as when they refer to what does not exist.
    #[must_use]
    pub fn check<E: Into<Problem>>(mut self, check: impl Fn(&T) -> Result<(), E>) -> Self {
        self.refuse(|_, item| check(item).err().map(Into::into));
        self
    }

    /// Sees to it that items with the same key do not meet unnoticed. Two items that change one
    /// thing are mostly a mistake of the client, and their order is not told by a set.
    #[must_use]
    pub fn distinct_by<K: Eq + Hash>(
        mut self,
        key: impl Fn(&T) -> K,
        duplicates: Duplicates,
    ) -> Self {
        if duplicates == Duplicates::Allow {
            return self;
        }
        let mut seen: HashMap<K, (usize, Option<usize>)> = HashMap::new();
        for (place, item) in self.places.iter().zip(&self.items) {
            let known = seen.entry(key(item)).or_insert((*place, None));
            if known.0 != *place {
                known.1.get_or_insert(*place);
            }
        }
        self.refuse(|place, item| match seen.get(&key(item)) {
            Some((first, _)) if *first != place => Some(duplicate(*first)),
            Some((_, Some(second))) if duplicates == Duplicates::RefuseAll => {
                Some(duplicate(*second))
            }
            _ => None,
        });
        self
    }

    /// Tries the items in the order of a key; the answer keeps the order of the request.
    ///
    /// Two requests that write the same rows in different orders wait for each other, and the
    /// database has to end one of them. In one order they queue. Items with equal keys keep their
    /// order, and failures are counted in the order of the keys.
    #[must_use]
    pub fn ordered_by<K: Ord>(mut self, key: impl Fn(&T) -> K) -> Self {
        let mut pairs: Vec<_> = self.places.into_iter().zip(self.items).collect();
        pairs.sort_by_cached_key(|(_, item)| key(item));
        (self.places, self.items) = pairs.into_iter().unzip();
        self.reordered = true;
        self
    }

    /// Takes out items whose places then have no outcome of their own.
    pub(super) fn drop_unless(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let pairs = std::mem::take(&mut self.places).into_iter();
        let pairs = pairs.zip(std::mem::take(&mut self.items));
        (self.places, self.items) = pairs.filter(|(_, item)| keep(item)).unzip();
    }

    fn refuse(&mut self, refused: impl Fn(usize, &T) -> Option<Problem>) {
        let items = std::mem::take(&mut self.items);
        let places = std::mem::take(&mut self.places);
        for (place, item) in places.into_iter().zip(items) {
            match refused(place, &item) {
                Some(problem) => self.refused.push((place, problem)),
                None => {
                    self.items.push(item);
                    self.places.push(place);
                }
            }
        }
        self.refused.sort_by_key(|(place, _)| *place);
    }

    /// Tries each item, whatever becomes of the others, and answers in the order of the request.
    ///
    /// As there is no transaction, `?mode=atomic` is answered with a 400.
    ///
    /// # Example
    /// ```
    /// use api_patterns::bulk::{Bulk, MultiStatus};
    /// use api_patterns::problem::{FieldErrors, Problem, Validate};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Word(String);
    ///
    /// impl Validate for Word {
    ///     fn validate(&self, _: &mut FieldErrors) {}
    /// }
    ///
    /// async fn shout(word: Word) -> Result<String, Problem> { Ok(word.0.to_uppercase()) }
    ///
    /// async fn shout_all(Bulk(words): Bulk<Word>) -> MultiStatus<String> {
    ///     words.concurrency(8).run(shout).await
    /// }
    /// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(shout_all));
    /// ```
    ///
    /// # Cancel safety
    /// What was tried stays done when the future is dropped.
    pub async fn run<R, E, F, Fut>(mut self, run: F) -> MultiStatus<R>
    where
        F: Fn(T) -> Fut,
        Fut: Future<Output = Result<R, E>>,
        E: Into<Problem>,
    {
        if let Err(problem) = self.choices.without_transaction() {
            return MultiStatus::refused(problem);
        }
        let concurrency = self.concurrency;
        let (items, places, mut tally) = self.begin();
        let mut waiting = places.into_iter().zip(items);
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < concurrency {
                let next = waiting.next();
                let Some((place, item)) = next.filter(|(place, _)| tally.may_run(*place)) else {
                    break;
                };
                let outcome = run(item);
                running.push(async move { (place, outcome.await) });
            }
            let Some((place, outcome)) = running.next().await else {
                return tally.finish();
            };
            tally.put(place, outcome.map_err(Into::into));
        }
    }

    /// Has the items tried by something that the library does not know, such as another client of a
    /// database or a service elsewhere. What a client chose and which items were refused is
    /// minded as in the other ways to run them.
    ///
    /// `run` takes the items and returns the outcome of each, in their order. It is called on a clone
    /// of itself: once, but once for each item where the client has chosen `stop_after`. If the mode is
    /// [`Atomic`](Mode::Atomic), `run` undoes everything when an item fails; the
    /// others are then 424. Where an item is refused before, it is not called.
    ///
    /// # Example
    /// ```
    /// use api_patterns::bulk::{Bulk, Mode, MultiStatus};
    /// use api_patterns::problem::{FieldErrors, Problem, Validate};
    /// # mod warehouse {
    /// #     use api_patterns::problem::Problem;
    /// #     pub async fn store<T>(tags: Vec<T>, _: bool) -> Result<Vec<Result<usize, Problem>>, Problem> {
    /// #         Ok((0..tags.len()).map(Ok).collect())
    /// #     }
    /// # }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct NewTag { name: String }
    ///
    /// impl Validate for NewTag {
    ///     fn validate(&self, _: &mut FieldErrors) {}
    /// }
    ///
    /// async fn create(Bulk(tags): Bulk<NewTag>) -> Result<MultiStatus<usize>, Problem> {
    ///     let store = async |tags, mode| warehouse::store(tags, mode == Mode::Atomic).await;
    ///     tags.answer(store).await
    /// }
    /// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(create));
    /// ```
    ///
    /// # Errors
    /// A 400 for choices that the route does not have, what `run` fails with as a whole, and an
    /// internal problem when it returns another number of outcomes than it was given items.
    ///
    /// # Cancel safety
    /// That of `run`.
    pub async fn answer<R, E, F>(mut self, run: F) -> Result<MultiStatus<R>, Problem>
    where
        F: AsyncFnOnce(Vec<T>, Mode) -> Result<Vec<Result<R, E>>, Problem> + Clone,
        E: Into<Problem>,
    {
        self.possible()?;
        let mode = self.choices.mode;
        let most = self.choices.stop_after.map_or(usize::MAX, |_| 1);
        let (items, places, mut tally) = self.begin();
        if mode == Mode::Atomic && tally.has_refused() {
            return Ok(tally.finish());
        }
        let mut items = items.into_iter();
        for places in places.chunks(most) {
            if !tally.may_run(places[0]) {
                break;
            }
            let items = items.by_ref().take(places.len()).collect();
            let outcomes = run.clone()(items, mode).await?;
            complete(outcomes.len(), places.len())?;
            for (place, outcome) in places.iter().zip(outcomes) {
                tally.put(*place, outcome.map_err(Into::into));
            }
        }
        if mode == Mode::Atomic && tally.has_failed() {
            tally.undo();
        }
        Ok(tally.finish())
    }

    /// None of the items is tried, and what was refused beforehand is not told.
    pub(super) fn skip<R>(mut self) -> MultiStatus<R> {
        self.refused.clear();
        self.begin().2.finish()
    }

    /// The items that can be tried, their places, and what is known of the others.
    pub(super) fn begin<R>(self) -> (Vec<T>, Vec<usize>, Tally<R>) {
        let mut tally = Tally::new(self.len, self.refused, &self.choices);
        if self.reordered {
            tally.count_refused();
        }
        (self.items, self.places, tally)
    }
}

/// # Errors
/// A 500 where outcomes are missing, or there are too many.
pub(super) fn complete(outcomes: usize, items: usize) -> Result<(), Problem> {
    match outcomes == items {
        true => Ok(()),
        false => Err(Problem::internal(format!(
            "what was to run {items} bulk items told of {outcomes}"
        ))),
    }
}

fn duplicate(other: usize) -> Problem {
    Problem::new(StatusCode::CONFLICT)
        .code("duplicate_item")
        .detail(format!(
            "the item at index {other} of this request is about the same"
        ))
        .extension("duplicate_of", other)
}
