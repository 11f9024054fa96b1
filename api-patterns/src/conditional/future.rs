//! The future of [`ETagLayer`](super::ETagLayer): which answers get a tag, and when.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body::Body as _;
use pin_project_lite::pin_project;

use super::body::Reading;
use super::layer::Settings;
use super::response::not_modified;
use super::verdict::Outcome;
use super::{ETag, Preconditions, Validators};

pin_project! {
    /// The future of [`ETagService`](super::ETagService).
    pub struct ResponseFuture<F> {
        asked: Option<Asked>,
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        Inner { #[pin] future: F },
        // Boxed: few futures come here, and all others should not pay for its size.
        Hashing { reading: Box<Reading> },
    }
}

/// What the layer remembers of a `GET` or `HEAD`.
pub(super) struct Asked {
    settings: Settings,
    is_head: bool,
    when: Preconditions,
}

/// What becomes of an answer.
enum Plan {
    Pass,
    /// It has a tag.
    Decide(ETag),
    /// Its content will be its tag.
    Hash,
}

impl Asked {
    /// `None` for other methods.
    pub(super) fn new<B>(request: &Request<B>, settings: Settings) -> Option<Self> {
        let method = request.method();
        let is_head = method == Method::HEAD;
        if method != Method::GET && !is_head {
            return None;
        }
        // Without its own, a request has no preconditions.
        let when = Preconditions::parse(method, request.headers())
            .or_else(|_| Preconditions::parse(method, &HeaderMap::new()))
            .ok()?;
        Some(Self {
            settings,
            is_head,
            when,
        })
    }

    fn plan(&self, response: &Response) -> Plan {
        if response.status() != StatusCode::OK {
            return Plan::Pass;
        }
        let headers = response.headers();
        if let Some(value) = headers.get(header::ETAG) {
            return ETag::from_header(value).map_or(Plan::Pass, Plan::Decide);
        }
        let size = response.body().size_hint().exact();
        let is_known = size.is_some_and(|size| size <= self.settings.max_size);
        match is_known && !self.is_stripped(headers, size) && may_be_stored(headers) {
            true => Plan::Hash,
            false => Plan::Pass,
        }
    }

    /// The body of a `HEAD` may be gone; only that of an empty answer is known then.
    fn is_stripped(&self, headers: &HeaderMap, size: Option<u64>) -> bool {
        let length = headers.get(header::CONTENT_LENGTH);
        self.is_head && size == Some(0) && length.is_none_or(|length| length != "0")
    }

    /// The answer to one whose tag is of its handler, who knows what else fits `If-Match`.
    fn decide(&self, etag: ETag, response: Response) -> Response {
        match self.when.outcome(&validators(etag, &response)) {
            Outcome::NotModified => not_modified(response),
            Outcome::Proceed | Outcome::Failed(_) => response,
        }
    }

    /// The answer to one whose tag is its hash.
    fn tag(&self, hash: ETag, response: Response) -> Response {
        let etag = match self.settings.strong {
            true => hash,
            false => hash.weakened(),
        };
        self.when.answer(validators(etag, &response), response)
    }
}

fn validators(etag: ETag, response: &Response) -> Validators {
    Validators {
        exists: true,
        etag: Some(etag),
        modified: super::extract::last_modified(response.headers()),
    }
}

/// Nobody asks again for what must not be stored.
fn may_be_stored(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::CACHE_CONTROL);
    let mut directives = lines
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    !directives.any(|directive| directive.trim_ascii().eq_ignore_ascii_case(b"no-store"))
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(future: F, asked: Option<Asked>) -> Self {
        Self {
            asked,
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
                    let Some(asked) = this.asked else {
                        return Poll::Ready(Ok(response));
                    };
                    match asked.plan(&response) {
                        Plan::Pass => return Poll::Ready(Ok(response)),
                        Plan::Decide(etag) => {
                            return Poll::Ready(Ok(asked.decide(etag, response)));
                        }
                        Plan::Hash => Box::new(Reading::new(response, asked.settings.max_size)),
                    }
                }
                StateProj::Hashing { reading } => {
                    let (hash, response) = ready!(reading.poll_hash(cx));
                    return Poll::Ready(Ok(match (hash, this.asked) {
                        (Some(hash), Some(asked)) => asked.tag(hash, response),
                        _ => response,
                    }));
                }
            };
            this.state.set(State::Hashing { reading });
        }
    }
}
