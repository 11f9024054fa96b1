//! [`ETagLayer`]: tags for representations whose handler has made none.

use std::task::{Context, Poll};

use axum::BoxError;
use bytes::Bytes;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::future::{Asked, ResponseFuture};

/// Gives the answers to `GET` and `HEAD` a tag of their content, and answers 304 to a client that
/// has it already.
///
/// * A 200 without an `ETag`, whose body is of known size and not longer than
///   [`max_size`](Self::max_size), is hashed: [`ETag::of`](super::ETag::of).
///   Then the [preconditions](super::Preconditions) of the request decide: 304, 412, or the answer
///   as it is. Malformed ones are ignored here; to refuse them is the extractor's.
/// * A 200 that has an `ETag` keeps it, whatever its body is, and becomes a 304 where
///   `If-None-Match` has that tag. What fits `If-Match` its handler knows.
/// * Everything else passes untouched: other methods and statuses, streams, long bodies, and what
///   has `Cache-Control: no-store`.
///
/// It saves bytes and not work, since the answer is made before it is hashed; where there is a
/// version, [`Preconditions::respond`](super::Preconditions::respond) knows as much without. A body
/// is sent on when all of it is there. See the [module docs](super) for an example.
///
/// The answer to a `HEAD` gets no tag where its body is gone already, as it is around a `Router`.
#[derive(Clone, Copy, Debug)]
pub struct ETagLayer {
    settings: Settings,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub(super) strong: bool,
    pub(super) max_size: u64,
}

impl ETagLayer {
    /// Weak tags for bodies up to 1 MiB.
    pub fn new() -> Self {
        Self {
            settings: Settings {
                strong: false,
                max_size: 1024 * 1024,
            },
        }
    }

    /// Makes strong tags, which ranges need. Default: weak ones, since what comes after the layer,
    /// compression for example, may still change the bytes.
    #[must_use]
    pub fn strong(mut self) -> Self {
        self.settings.strong = true;
        self
    }

    /// Longest body that is hashed, in bytes. Default: 1 MiB.
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.settings.max_size = bytes;
        self
    }
}

impl Default for ETagLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for ETagLayer {
    type Service = ETagService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ETagService {
            inner,
            settings: self.settings,
        }
    }
}

/// The service of [`ETagLayer`].
///
/// See the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct ETagService<S> {
    inner: S,
    settings: Settings,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ETagService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: http_body::Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = axum::response::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let asked = Asked::new(&request, self.settings);
        ResponseFuture::new(self.inner.call(request), asked)
    }
}
