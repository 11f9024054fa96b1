//! A reservation that lasts as long as its response is written.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use http_body::Frame;
use tokio::task::JoinHandle;

use super::future::{Boxed, Lasting};

type End = Box<dyn FnOnce() -> Boxed<Result<(), BoxError>> + Send>;

/// A body that does its work while it is sent, with what becomes of its request at its end.
pub(super) struct HeldBody {
    body: Body,
    /// Until then; dropped, it frees the key.
    end: Option<End>,
    ending: Option<Lasting<Result<(), BoxError>>>,
    /// In a task, as nobody polls a body whose client is slow.
    renewal: JoinHandle<()>,
}

impl HeldBody {
    /// `renewal` ends when the reservation is lost.
    pub(super) fn new(
        body: Body,
        renewal: impl Future<Output = ()> + Send + 'static,
        end: End,
    ) -> Self {
        Self {
            body,
            end: Some(end),
            ending: None,
            renewal: tokio::spawn(renewal),
        }
    }

    fn cut(
        &mut self,
        error: impl Into<BoxError>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.body = Body::empty();
        self.end = None;
        Poll::Ready(Some(Err(axum::Error::new(error))))
    }
}

impl http_body::Body for HeldBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        loop {
            if let Some(ending) = &mut this.ending {
                let ended = ready!(Pin::new(ending).poll(cx));
                this.ending = None;
                return match ended {
                    Ok(()) => Poll::Ready(None),
                    Err(error) => this.cut(error),
                };
            }
            if this.end.is_none() {
                return Poll::Ready(None);
            }
            if Pin::new(&mut this.renewal).poll(cx).is_ready() {
                return this.cut("another copy of this request has taken its place");
            }
            match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => return Poll::Ready(Some(Ok(frame))),
                Some(Err(error)) => return this.cut(error),
                None => {
                    // It may hold on to the transaction of the request.
                    this.body = Body::empty();
                    this.renewal.abort();
                    this.ending = this.end.take().map(|end| Lasting::new(end()));
                }
            }
        }
    }
}

impl Drop for HeldBody {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}
