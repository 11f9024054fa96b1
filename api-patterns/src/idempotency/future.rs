//! The future of [`IdempotencyService`](super::IdempotencyService), and the work that goes on
//! without its client.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tracing::{Instrument as _, Span};

pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pin_project! {
    /// The future of [`IdempotencyService`](super::IdempotencyService).
    pub struct ResponseFuture<F, E> {
        #[pin]
        state: State<F, E>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, E> {
        Untouched { #[pin] future: F },
        // Boxed, as the futures of stores have no names, and so that all others do not pay for it.
        Covered { future: Boxed<Result<Response, E>> },
    }
}

impl<F, E> ResponseFuture<F, E> {
    pub(super) fn untouched(future: F) -> Self {
        Self {
            state: State::Untouched { future },
        }
    }

    pub(super) fn covered(future: Boxed<Result<Response, E>>) -> Self {
        Self {
            state: State::Covered { future },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, E>
where
    F: Future<Output = Result<http::Response<B>, E>>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Untouched { future } => {
                Poll::Ready(Ok(ready!(future.poll(cx))?.map(Body::new)))
            }
            StateProj::Covered { future } => future.as_mut().poll(cx),
        }
    }
}

/// A future that goes on in a task of its own when it is dropped before its end.
///
/// While it is not dropped it runs where it stands: what the layers outside have set up for the
/// time of a poll, such as the span of a request, holds for it.
pub(super) struct Lasting<T: Send + 'static> {
    future: Option<Boxed<T>>,
    span: Span,
}

impl<T: Send + 'static> Lasting<T> {
    pub(super) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            future: Some(Box::pin(future)),
            span: Span::current(),
        }
    }
}

impl<T: Send + 'static> Future for Lasting<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // Taken out, since one that panics must not go on.
        let mut future = self.future.take().expect("not polled after its end");
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() {
            self.future = Some(future);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Lasting<T> {
    fn drop(&mut self) {
        // Without a runtime everything is at its end, and leases run out.
        if let (Some(future), Ok(runtime)) = (self.future.take(), Handle::try_current()) {
            runtime.spawn(future.instrument(self.span.clone()));
        }
    }
}
