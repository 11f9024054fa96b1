//! The answers to lines, as they become known.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::source::Source;
use super::splitter::Line;
use crate::bulk::choices::{Choices, Style};
use crate::bulk::items::Items;
use crate::bulk::outcome::Done;
use crate::bulk::response::{Envelope, MultiStatus, describe};
use crate::problem::{Problem, Validate};

/// What becomes of each line: a response with the status 207 and a body `application/x-ndjson`;
/// see [`BulkLines`](super::BulkLines).
#[must_use = "no line is read until the response is sent"]
pub struct LineStatus<S> {
    answers: S,
    style: Style,
}

impl<S> fmt::Debug for LineStatus<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineStatus").finish_non_exhaustive()
    }
}

impl<S> LineStatus<S> {
    pub(super) fn new(answers: S, style: Style) -> Self {
        Self { answers, style }
    }
}

impl<S> IntoResponse for LineStatus<S>
where
    S: Stream<Item = Result<Bytes, Cut>> + Send + 'static,
{
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from_stream(self.answers));
        *response.status_mut() = StatusCode::MULTI_STATUS;
        let media_type = HeaderValue::from_static("application/x-ndjson");
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        describe(&mut response, &self.style);
        response
    }
}

/// The answer is cut off, because not all lines were answered.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer ends before all lines are answered")]
pub struct Cut;

/// How long answers have to leave before the body is cut off. Servers drop what they have not sent
/// when a body fails, and so do layers that compress.
const LINGER: Duration = Duration::from_millis(500);

/// Where the answers stand.
struct Progress<F> {
    source: Source,
    choices: Choices,
    batch: usize,
    run: F,
    counts: Counts,
    phase: Phase,
}

#[derive(Default)]
struct Counts {
    items: usize,
    failed: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    CutOff,
    Ended,
}

/// Runs the lines of a source in batches; each piece of the stream is what became of one.
pub(super) fn answers<T, R, F>(
    source: Source,
    choices: Choices,
    batch: usize,
    run: F,
) -> impl Stream<Item = Result<Bytes, Cut>>
where
    T: DeserializeOwned + Validate,
    R: Serialize,
    F: AsyncFnOnce(Items<T>) -> Result<MultiStatus<R>, Problem> + Clone,
{
    let progress = Progress {
        source,
        choices,
        batch,
        run,
        counts: Counts::default(),
        phase: Phase::Running,
    };
    stream::unfold(progress, async |mut progress| {
        let mut out = Vec::new();
        while progress.phase == Phase::Running && out.is_empty() {
            progress.step(&mut out).await;
        }
        if !out.is_empty() {
            return Some((Ok(Bytes::from(out)), progress));
        }
        if progress.phase == Phase::CutOff {
            progress.phase = Phase::Ended;
            progress.source.linger(LINGER).await;
            return Some((Err(Cut), progress));
        }
        None
    })
    // What compresses a body asks once more after its end.
    .fuse()
}

impl<F> Progress<F> {
    /// Answers what is at hand, or ends.
    async fn step<T, R>(&mut self, out: &mut Vec<u8>)
    where
        T: DeserializeOwned + Validate,
        R: Serialize,
        F: AsyncFnOnce(Items<T>) -> Result<MultiStatus<R>, Problem> + Clone,
    {
        let lines = match self.source.lines(self.batch).await {
            Ok(lines) if lines.is_empty() => return self.end(None, out),
            Ok(lines) => lines,
            Err(problem) => return self.end(Some(problem), out),
        };
        match self.run(&lines).await.and_then(|answer| answer.outcomes) {
            Ok(outcomes) => {
                for outcome in outcomes {
                    self.write(outcome, out);
                }
            }
            Err(problem) => self.end(Some(problem), out),
        }
    }

    async fn run<T, R>(&mut self, lines: &[Line]) -> Result<MultiStatus<R>, Problem>
    where
        T: DeserializeOwned + Validate,
        F: AsyncFnOnce(Items<T>) -> Result<MultiStatus<R>, Problem> + Clone,
    {
        let mut choices = self.choices.clone();
        let left = |most: NonZeroUsize| most.get().saturating_sub(self.counts.failed);
        let left = choices.stop_after.map(left);
        choices.stop_after = left.and_then(NonZeroUsize::new);
        let items = lines.iter().map(|line| self.source.item(line));
        let items = Items::read(items, choices);
        match left {
            Some(0) => Ok(items.skip()),
            _ => self.run.clone()(items).await,
        }
    }

    fn write<R: Serialize>(&mut self, outcome: Result<Done<R>, Problem>, out: &mut Vec<u8>) {
        let index = self.counts.items;
        self.counts.items += 1;
        let start = out.len();
        let problem = match outcome {
            Ok(_) if self.choices.style.minimal => return,
            Ok(done) => match write_line(
                &Envelope {
                    index,
                    outcome: Ok(&done),
                },
                out,
            ) {
                Ok(()) => return,
                Err(error) => Problem::internal(error),
            },
            Err(problem) => problem,
        };
        out.truncate(start);
        self.counts.failed += 1;
        problem.log();
        let outcome: Result<&Done<()>, _> = Err(&problem);
        // A problem always serializes.
        let _ = write_line(&Envelope { index, outcome }, out);
    }

    fn end(&mut self, problem: Option<Problem>, out: &mut Vec<u8>) {
        if let Some(problem) = &problem {
            problem.log();
        }
        self.phase = match problem {
            Some(_) => Phase::CutOff,
            None => Phase::Ended,
        };
        let summary = Summary {
            counts: &self.counts,
            problem,
        };
        let _ = write_line(&Last { summary }, out);
    }
}

fn write_line(line: &impl Serialize, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.push(b'\n');
    Ok(())
}

#[derive(Serialize)]
struct Last<'a> {
    summary: Summary<'a>,
}

struct Summary<'a> {
    counts: &'a Counts,
    problem: Option<Problem>,
}

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Counts { items, failed } = self.counts;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("items", items)?;
        map.serialize_entry("succeeded", &(items - failed))?;
        map.serialize_entry("failed", failed)?;
        if let Some(problem) = &self.problem {
            map.serialize_entry("problem", problem)?;
        }
        map.end()
    }
}
