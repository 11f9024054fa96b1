//! The future of [`LinksLayer`](super::LinksLayer), and the body that it leaves.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::view::{self, View};

pin_project! {
    /// The future of [`LinksService`](super::LinksService).
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        view: Arc<View>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(inner: F, view: Arc<View>) -> Self {
        Self { inner, view }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<axum::response::Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _guard = view::enter(this.view);
        let mut response = ready!(this.inner.poll(cx))?.map(Body::new);
        // `(StatusCode::ACCEPTED, Linked(…))` would make a success of a refusal.
        if let Some(Refused(status)) = response.extensions_mut().remove()
            && response
                .headers()
                .get(CONTENT_TYPE)
                .is_some_and(|kind| kind == PROBLEM)
        {
            *response.status_mut() = status;
        }
        // What a stream writes is written as what stands at once.
        let stands = response.body().size_hint().exact().is_some();
        Poll::Ready(Ok(match stands {
            true => response,
            false => response.map(|body| Body::new(Viewed::new(body, this.view.clone()))),
        }))
    }
}

/// What a refusal is, unless somebody on the way has put something else in its place.
const PROBLEM: &str = "application/problem+json";

/// The status of a response that could not be what its handler wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused(pub(super) StatusCode);

pin_project! {
    /// A body that is written while it is sent, under the view of its request.
    struct Viewed {
        #[pin]
        body: Body,
        view: Arc<View>,
    }
}

impl Viewed {
    fn new(body: Body, view: Arc<View>) -> Self {
        Self { body, view }
    }
}

impl http_body::Body for Viewed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let _guard = view::enter(this.view);
        this.body.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
