//! The future of [`ProblemLayer`](super::ProblemLayer).

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body::Body as _;
use pin_project_lite::pin_project;

use super::convert::{MAX_TEXT, Plan, Seen};

pin_project! {
    /// The future of [`ProblemService`](super::ProblemService).
    pub struct ResponseFuture<F> {
        seen: Seen,
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Inner { #[pin] future: F },
        // Boxed: few responses come here, and all others should not pay for its size.
        Text { reading: Box<Reading> },
    }
}

struct Reading {
    parts: http::response::Parts,
    body: Body,
    text: Vec<u8>,
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, seen: Seen) -> Self {
        Self {
            seen,
            state: State::Inner { future },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<http::Response<B>, E>>,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let reading = match this.state.as_mut().project() {
                StateProj::Inner { future } => {
                    let response = ready!(future.poll(cx))?.map(Body::new);
                    match this.seen.plan(&response) {
                        Plan::Pass => return Poll::Ready(Ok(response)),
                        Plan::Render(document) => {
                            return Poll::Ready(Ok(this.seen.render(&document, response)));
                        }
                        Plan::Read => Box::new(Reading::new(response)),
                    }
                }
                StateProj::Text { reading } => {
                    let text = ready!(reading.poll_text(cx));
                    return Poll::Ready(Ok(this.seen.convert(reading.take_parts(), &text)));
                }
            };
            this.state.set(State::Text { reading });
        }
    }
}

impl Reading {
    fn new(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            parts,
            body,
            text: Vec::new(),
        }
    }

    /// The whole text; what was read so far where the body fails or breaks its promise of length.
    fn poll_text(&mut self, cx: &mut Context<'_>) -> Poll<Vec<u8>> {
        while self.text.len() <= MAX_TEXT {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        let room = MAX_TEXT.saturating_sub(self.text.len());
                        self.text.extend_from_slice(&data[..data.len().min(room)]);
                    }
                }
                Some(Err(_)) | None => break,
            }
        }
        Poll::Ready(std::mem::take(&mut self.text))
    }

    fn take_parts(&mut self) -> http::response::Parts {
        std::mem::replace(&mut self.parts, Response::new(()).into_parts().0)
    }
}
