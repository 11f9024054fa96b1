//! The bodies of answers: one that is read for its hash and then sent as it was, and that of a 304.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use sha2::{Digest as _, Sha256};

use super::ETag;

/// A response whose body is being read.
pub(super) struct Reading {
    response: Response,
    read: VecDeque<Frame<Bytes>>,
    hash: Sha256,
    /// Bytes that it has said to have.
    said: u64,
    /// Bytes that may still come.
    room: u64,
}

impl Reading {
    pub(super) fn new(response: Response, max_size: u64) -> Self {
        Self {
            said: response.body().size_hint().lower(),
            response,
            read: VecDeque::new(),
            hash: Sha256::new(),
            room: max_size,
        }
    }

    /// The response as it was, and its tag; none where the body fails, or is longer than it said.
    pub(super) fn poll_hash(&mut self, cx: &mut Context<'_>) -> Poll<(Option<ETag>, Response)> {
        let (end, is_whole) = loop {
            match ready!(Pin::new(self.response.body_mut()).poll_frame(cx)) {
                None => break (None, true),
                Some(Err(error)) => break (Some(Err(error)), false),
                Some(Ok(frame)) => {
                    if !self.add(&frame) {
                        break (Some(Ok(frame)), false);
                    }
                    self.read.push_back(frame);
                }
            }
        };
        let hash = std::mem::take(&mut self.hash);
        let etag = is_whole.then(|| ETag::of_hash(hash));
        Poll::Ready((etag, self.restored(end)))
    }

    /// False where there is no room for it.
    fn add(&mut self, frame: &Frame<Bytes>) -> bool {
        let data = frame.data_ref().map_or(&[][..], |data| data);
        let room = self.room.checked_sub(data.len() as u64);
        self.hash.update(data);
        self.room = room.unwrap_or_default();
        room.is_some()
    }

    fn restored(&mut self, end: Option<Result<Frame<Bytes>, axum::Error>>) -> Response {
        let response = std::mem::take(&mut self.response);
        let mut read = std::mem::take(&mut self.read);
        if end.is_none() && read.len() <= 1 && read.iter().all(Frame::is_data) {
            let data = read.pop_front().and_then(|frame| frame.into_data().ok());
            return response.map(|_| data.map_or_else(Body::empty, Body::from));
        }
        let left = self.said;
        response.map(|rest| {
            Body::new(Restored {
                read,
                end,
                rest,
                left,
            })
        })
    }
}

/// What was read, what came last, and what was not read.
struct Restored {
    read: VecDeque<Frame<Bytes>>,
    end: Option<Result<Frame<Bytes>, axum::Error>>,
    rest: Body,
    /// Of the bytes that the body has said to have: where it breaks off, its length must not seem
    /// to be what came.
    left: u64,
}

impl http_body::Body for Restored {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let next = match self.read.pop_front() {
            Some(frame) => Some(Ok(frame)),
            None => self.end.take(),
        };
        let frame = match next {
            Some(frame) => Some(frame),
            None => ready!(Pin::new(&mut self.rest).poll_frame(cx)),
        };
        if let Some(Ok(frame)) = &frame {
            let sent = frame.data_ref().map_or(0, |data| data.len() as u64);
            self.left = self.left.saturating_sub(sent);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.end.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The body of a 304. It does not tell its length: axum would make a `Content-Length` of it, which
/// in a 304 is the length of the content that the client has (RFC 9110 §8.6).
pub(super) struct Nothing;

impl http_body::Body for Nothing {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }
}
