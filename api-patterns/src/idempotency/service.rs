//! The service of [`IdempotencyLayer`](super::IdempotencyLayer).

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::Request;
use http::request::Parts;
use tower_service::Service;

use super::config::{Settings, StoreFailure};
use super::exchange::{Exchange, Turn};
use super::future::{Lasting, ResponseFuture};
use super::{Effects, Fingerprint, IdempotencyKey, Store, body, refusal, replay, scope};
use crate::problem::Problem;

/// The service of [`IdempotencyLayer`](super::IdempotencyLayer).
///
/// See the [module docs](super) for an example.
#[derive(Clone)]
pub struct IdempotencyService<I, S> {
    inner: I,
    store: S,
    settings: Arc<Settings>,
}

impl<I, S> IdempotencyService<I, S> {
    pub(super) fn new(inner: I, store: S, settings: Arc<Settings>) -> Self {
        Self {
            inner,
            store,
            settings,
        }
    }
}

impl<I, S> fmt::Debug for IdempotencyService<I, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyService").finish_non_exhaustive()
    }
}

/// What becomes of a request of a covered method.
enum Course {
    Untouched,
    WithoutKey,
    WithKey(IdempotencyKey),
}

impl Settings {
    fn course(&self, parts: &Parts) -> Result<Course, Problem> {
        // A layer outside of this one has taken it.
        let is_taken = parts.extensions.get::<IdempotencyKey>().is_some();
        if is_taken || self.skips(parts) {
            return Ok(Course::Untouched);
        }
        match IdempotencyKey::from_headers(&parts.headers)? {
            Some(key) => Ok(Course::WithKey(key)),
            None if self.required => Err(refusal::missing()),
            None => Ok(Course::WithoutKey),
        }
    }
}

impl<I, S, ReqBody, ResBody> Service<Request<ReqBody>> for IdempotencyService<I, S>
where
    I: Service<Request<Body>, Response = http::Response<ResBody>> + Clone + Send + 'static,
    I::Future: Send,
    I::Error: Send + 'static,
    S: Store,
    ReqBody: http_body::Body<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
    ResBody: http_body::Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = I::Error;
    type Future = ResponseFuture<I::Future, I::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let request = request.map(Body::new);
        if !self.settings.covers(request.method()) {
            return ResponseFuture::untouched(self.inner.call(request));
        }
        let (parts, body) = request.into_parts();
        match self.settings.course(&parts) {
            Ok(Course::WithKey(key)) => {
                let ready = self.take_ready();
                ResponseFuture::covered(Box::pin(ready.with_key(key, parts, body)))
            }
            Ok(Course::WithoutKey) if S::TAKES_PART => {
                let request = Request::from_parts(parts, body);
                ResponseFuture::covered(Box::pin(self.take_ready().without_key(request)))
            }
            Ok(Course::WithoutKey | Course::Untouched) => {
                ResponseFuture::untouched(self.inner.call(Request::from_parts(parts, body)))
            }
            Err(problem) => ResponseFuture::covered(Box::pin(ready(Ok(problem.into_response())))),
        }
    }
}

impl<I, S> IdempotencyService<I, S> {
    /// What was polled until it was ready, leaving a copy that is not.
    fn take_ready(&mut self) -> Self
    where
        I: Clone,
        S: Clone,
    {
        let copy = self.clone();
        std::mem::replace(self, copy)
    }

    async fn with_key<B>(
        self,
        key: IdempotencyKey,
        mut parts: Parts,
        body: Body,
    ) -> Result<Response, I::Error>
    where
        I: Service<Request<Body>, Response = http::Response<B>> + Send + 'static,
        I::Future: Send,
        I::Error: Send + 'static,
        S: Store,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let settings = self.settings.clone();
        let content = match body::of_request(body, settings.max_request).await {
            Ok(content) => content,
            Err(problem) => return Ok(problem.into_response()),
        };
        let exchange = self.exchange(&key, &parts, &content.bytes);
        let turn = exchange.turn().await;
        parts.extensions.insert(key);
        let request = Request::from_parts(parts, content.into_body());
        match turn {
            Ok(Turn::Answered(response)) => Ok(response),
            Ok(Turn::Mine(claimed)) => {
                let run = exchange.run(self.inner, request, claimed);
                match settings.ends_with_client {
                    true => run.await,
                    false => Lasting::new(run).await,
                }
            }
            Err(error) if settings.failure == StoreFailure::Open => {
                tracing::error!(%error, "a request with an idempotency key runs without a record");
                self.without_key(request).await
            }
            Err(error) => Ok(refusal::store_failed(error, settings.retry_after).into_response()),
        }
    }

    fn exchange(&self, key: &IdempotencyKey, parts: &Parts, body: &[u8]) -> Exchange<S>
    where
        S: Clone,
    {
        let settings = &self.settings;
        Exchange {
            store: self.store.clone(),
            key: scope::key(&settings.principal_of(parts), parts, key),
            fingerprint: Fingerprint::of(parts, &settings.headers, body),
            settings: settings.clone(),
        }
    }

    /// Runs a request that has no record.
    async fn without_key<B>(self, mut request: Request<Body>) -> Result<Response, I::Error>
    where
        I: Service<Request<Body>, Response = http::Response<B>>,
        S: Store,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let Self {
            mut inner, store, ..
        } = self;
        let work = store.begin(request.extensions_mut());
        let answered = inner
            .call(request)
            .await
            .map(|response| response.map(Body::new));
        if !S::TAKES_PART {
            return answered;
        }
        let effects = match &answered {
            Ok(response) => replay::effects(response.status()),
            Err(_) => Effects::Undo,
        };
        // Its effect is not left in doubt by a client that leaves now.
        match Lasting::new(async move { store.end(work, effects).await }).await {
            Err(error) if effects == Effects::Keep => Ok(Problem::from(error).into_response()),
            ended => {
                if let Err(error) = ended {
                    tracing::warn!(%error, "the work of a request was not undone at once");
                }
                answered
            }
        }
    }
}
