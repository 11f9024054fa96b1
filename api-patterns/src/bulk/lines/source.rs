//! The lines of a body, as they arrive.

use std::time::Duration;

use axum::body::Body;
use futures_util::FutureExt as _;
use http::StatusCode;
use http_body::Frame;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;

use super::splitter::{Line, Splitter};
use crate::bulk::extract::{item_of, too_large};
use crate::problem::{Problem, Validate};

/// Most bytes of lines that are handed over together, but for the last of them.
const BATCH_BYTES: usize = 1 << 20;

/// A body, and what has arrived of it.
#[derive(Debug)]
pub(super) struct Source {
    body: Body,
    splitter: Splitter,
    /// How many bytes may still arrive.
    left: u64,
    ended: bool,
    /// Told when all lines before it are.
    broken: Option<Problem>,
    max_line: usize,
}

impl Source {
    pub(super) fn new(body: Body, max_line: usize, max_stream: u64) -> Self {
        Self {
            body,
            splitter: Splitter::new(max_line),
            left: max_stream,
            ended: false,
            broken: None,
            max_line,
        }
    }

    /// One line or more, up to `most`: those that are at hand, so that a client that waits for an
    /// answer gets one. None at the end of the body.
    ///
    /// # Errors
    /// The problem of the body, after all lines that came before it.
    pub(super) async fn lines(&mut self, most: usize) -> Result<Vec<Line>, Problem> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        while lines.len() < most && bytes < BATCH_BYTES {
            if let Some(line) = self.splitter.line() {
                bytes += line.len();
                lines.push(line);
                continue;
            }
            if let Some(problem) = self.broken.take() {
                return self.tell(problem, lines);
            }
            if self.ended {
                lines.extend(self.splitter.last());
                break;
            }
            let frame = match lines.is_empty() {
                true => self.body.frame().await,
                false => match self.body.frame().now_or_never() {
                    Some(frame) => frame,
                    None => break,
                },
            };
            if let Err(problem) = self.take(frame) {
                return self.tell(problem, lines);
            }
        }
        Ok(lines)
    }

    fn tell(&mut self, problem: Problem, lines: Vec<Line>) -> Result<Vec<Line>, Problem> {
        if lines.is_empty() {
            return Err(problem);
        }
        self.broken = Some(problem);
        Ok(lines)
    }

    fn take(
        &mut self,
        frame: Option<Result<Frame<bytes::Bytes>, axum::Error>>,
    ) -> Result<(), Problem> {
        let Some(frame) = frame else {
            self.ended = true;
            return Ok(());
        };
        let frame = frame.map_err(|error| {
            tracing::debug!(%error, "a body of lines broke off");
            self.ended = true;
            Problem::bad_request("the body broke off").code("incomplete_body")
        })?;
        if let Ok(bytes) = frame.into_data() {
            let left = self.left.checked_sub(bytes.len() as u64);
            self.left = left.ok_or_else(too_large)?;
            self.splitter.push(&bytes);
        }
        Ok(())
    }

    /// Waits, and passes over what arrives meanwhile: a client whose data is not read may be told
    /// that the connection is reset, and never see what was sent to it.
    pub(super) async fn linger(&mut self, time: Duration) {
        // A timer needs a runtime of tokio.
        if Handle::try_current().is_err() {
            return;
        }
        let passed_over = async {
            while !self.ended {
                self.ended = !matches!(self.body.frame().await, Some(Ok(_)));
            }
            std::future::pending::<()>().await;
        };
        // The time is always up.
        let _ = tokio::time::timeout(time, passed_over).await;
    }

    /// The item that a line is.
    pub(super) fn item<T: DeserializeOwned + Validate>(&self, line: &Line) -> Result<T, Problem> {
        match line {
            Line::Text(json) => item_of(json),
            Line::TooLong => Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
                .code("line_too_long")
                .detail(format!("the line is longer than {} bytes", self.max_line))),
        }
    }
}
