//! The extractor of lines.

use std::marker::PhantomData;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use futures_util::Stream;
use http_body::Body as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
#[cfg(feature = "__sqlx")]
use sqlx::Pool;

use super::answer::{Cut, LineStatus, answers};
use super::source::Source;
use crate::bulk::choices::Choices;
use crate::bulk::config::Settings;
use crate::bulk::extract::too_large;
use crate::bulk::items::Items;
use crate::bulk::response::MultiStatus;
use crate::problem::{Problem, Validate, media};
#[cfg(feature = "__sqlx")]
use crate::sql::SqlDatabase;

/// Most lines that are read before their items are run.
const BATCH: usize = 100;

/// Items without end, one on each line of a body `application/x-ndjson`.
///
/// Lines are read, run and answered as they arrive, so that a million of them take no more memory than a
/// hundred. A line that is no item, or longer than [`max_line_bytes`](crate::bulk::BulkSettings::max_line_bytes),
/// fails alone. Empty lines are no items.
///
/// The answer is a 207 with one envelope on each line, in the order of the request, and a summary on the last:
///
/// ```json
/// {"index":0,"status":201,"body":{"id":1}}
/// {"index":1,"status":422,"problem":{}}
/// {"summary":{"items":2,"succeeded":1,"failed":1}}
/// ```
///
/// With `Prefer: return=minimal` there are envelopes of failures alone. An answer that ends early has a `problem`
/// in its summary, and its body is cut off half a second after it, so that no client takes it for a whole one, and
/// each has the time to read it: where the request's body breaks off or is longer than [`max_stream_bytes`](crate::bulk::BulkSettings::max_stream_bytes), and where
/// the database fails. What was answered before stays done.
///
/// A client chooses `?stop_after=N` and `Prefer: return=minimal` as with [`Bulk`](crate::bulk::Bulk).
///
/// # Errors
/// A [`Problem`](struct@Problem) before any line is read: 415 without such a `Content-Type`, 413 where the declared length is
/// too great, 400 for query parameters that are not known or not possible, as `?mode=atomic`.
///
/// # Example
/// ```
/// use api_patterns::bulk::BulkLines;
/// use api_patterns::problem::{FieldErrors, Problem, Validate};
/// use axum::response::IntoResponse;
///
/// #[derive(serde::Deserialize)]
/// struct Reading { celsius: f64 }
///
/// impl Validate for Reading {
///     fn validate(&self, errors: &mut FieldErrors) {
///         errors.check("celsius", self.celsius > -273.15, "must be above absolute zero");
///     }
/// }
///
/// async fn import(lines: BulkLines<Reading>) -> impl IntoResponse {
///     lines.run(async |reading| Ok::<_, Problem>(reading.celsius * 1.8 + 32.0))
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::post(import));
/// ```
#[derive(Debug)]
pub struct BulkLines<T> {
    source: Source,
    choices: Choices,
    batch: Option<usize>,
    concurrency: usize,
    item: PhantomData<fn() -> T>,
}

impl<T, S: Sync> FromRequest<S> for BulkLines<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let settings = Settings::of(&parts);
        let choices = Choices::of_lines(&parts, &settings)?;
        let essence = media::essence(&parts.headers).unwrap_or_default();
        if !matches!(
            &*essence,
            "application/x-ndjson" | "application/ndjson" | "application/jsonl"
        ) {
            return Err(media::unsupported("application/x-ndjson"));
        }
        if body.size_hint().lower() > settings.max_stream {
            return Err(too_large());
        }
        Ok(Self {
            source: Source::new(body, settings.max_line, settings.max_stream),
            choices,
            batch: None,
            concurrency: 1,
            item: PhantomData,
        })
    }
}

impl<T: DeserializeOwned + Validate> BulkLines<T> {
    /// Most lines that are read before their items are run: those that are at hand, which may be
    /// fewer. The items of a batch share a transaction. Default: 100 for `run_in`, 1,000 for
    /// `insert_in`.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    pub fn batch(mut self, lines: usize) -> Self {
        assert!(lines > 0, "a batch has at least one line");
        self.batch = Some(lines);
        self
    }

    /// How many items of a batch [`run`](Self::run) tries at a time. Default: 1.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    pub fn concurrency(mut self, items: usize) -> Self {
        assert!(items > 0, "at least one item is run at a time");
        self.concurrency = items;
        self
    }

    /// Tries each item, whatever becomes of the others.
    ///
    /// # Cancel safety
    /// When the client leaves, no further item is tried.
    pub fn run<R, E, F, Fut>(self, run: F) -> LineStatus<impl Stream<Item = Result<Bytes, Cut>>>
    where
        F: Fn(T) -> Fut + Clone,
        Fut: Future<Output = Result<R, E>>,
        E: Into<Problem>,
        R: Serialize,
    {
        let concurrency = self.concurrency;
        self.answer(BATCH, async move |items: Items<T>| {
            Ok(items.concurrency(concurrency).run(run).await)
        })
    }

    /// Hands over batches of lines as [`Items`], for handlers that tell where their items are, or
    /// that run them as those of a [`Bulk`](crate::bulk::Bulk). What `run` fails with ends the answer.
    /// A [`batch`](Self::batch) has 1,000 lines by default.
    ///
    /// # Cancel safety
    /// When the client leaves, the batch that is run is dropped, and no further item is tried.
    pub fn run_batches<R, F>(self, run: F) -> LineStatus<impl Stream<Item = Result<Bytes, Cut>>>
    where
        F: AsyncFnOnce(Items<T>) -> Result<MultiStatus<R>, Problem> + Clone,
        R: Serialize,
    {
        self.answer(1_000, run)
    }

    fn answer<R: Serialize>(
        self,
        batch: usize,
        run: impl AsyncFnOnce(Items<T>) -> Result<MultiStatus<R>, Problem> + Clone,
    ) -> LineStatus<impl Stream<Item = Result<Bytes, Cut>>> {
        let style = self.choices.style.clone();
        let batch = self.batch.unwrap_or(batch);
        LineStatus::new(answers(self.source, self.choices, batch, run), style)
    }
}

#[cfg(feature = "__sqlx")]
impl<T: DeserializeOwned + Validate> BulkLines<T> {
    /// Tries each item under a savepoint of its own, in one transaction for each
    /// [`batch`](Self::batch), as [`Items::run_in`] does. What a batch did is kept before it is
    /// answered.
    ///
    /// # Cancel safety
    /// When the client leaves, the batch that is run is undone, and no further item is tried.
    pub fn run_in<DB, R, E, F>(
        self,
        db: Pool<DB>,
        run: F,
    ) -> LineStatus<impl Stream<Item = Result<Bytes, Cut>>>
    where
        DB: SqlDatabase,
        F: AsyncFnOnce(&mut DB::Connection, T) -> Result<R, E> + Clone,
        E: Into<Problem>,
        R: Serialize,
    {
        self.answer(BATCH, async move |items: Items<T>| {
            items.run_in(&db, run).await
        })
    }

    /// Tries many items by one statement, in one transaction for each [`batch`](Self::batch), as
    /// [`Items::insert_in`] does. What a batch did is kept before it is answered.
    ///
    /// # Cancel safety
    /// When the client leaves, the batch that is run is undone, and no further item is tried.
    pub fn insert_in<DB, R, E, F>(
        self,
        db: Pool<DB>,
        insert: F,
    ) -> LineStatus<impl Stream<Item = Result<Bytes, Cut>>>
    where
        DB: SqlDatabase,
        F: AsyncFnOnce(&mut DB::Connection, &[T]) -> Result<Vec<R>, E> + Clone,
        E: Into<Problem>,
        R: Serialize,
    {
        self.answer(crate::bulk::sql::CHUNK, async move |items: Items<T>| {
            items.insert_in(&db, insert).await
        })
    }
}
