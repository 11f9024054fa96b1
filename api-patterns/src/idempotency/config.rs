//! What [`IdempotencyLayer`](super::IdempotencyLayer) can be told.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderName, Method};

use super::{IdempotencyLayer, Principal};

/// What becomes of requests with a key while the store cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StoreFailure {
    /// They are refused: a 503 problem, `idempotency_unavailable`; where asking again is of no use,
    /// a 500.
    #[default]
    Closed,
    /// They are let through without a record, so that a copy may have its effect again.
    Open,
}

type Of<T> = Arc<dyn Fn(&Parts) -> T + Send + Sync>;

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) required: bool,
    methods: Vec<Method>,
    principal: Of<Principal>,
    skip: Option<Of<bool>>,
    pub(super) headers: Vec<HeaderName>,
    pub(super) lease: Duration,
    pub(super) keep: Duration,
    pub(super) wait: Duration,
    pub(super) retry_after: Duration,
    pub(super) max_request: usize,
    pub(super) max_response: usize,
    pub(super) stores_errors: bool,
    pub(super) ends_with_client: bool,
    pub(super) failure: StoreFailure,
}

const MEBIBYTE: usize = 1024 * 1024;

impl Default for Settings {
    fn default() -> Self {
        Self {
            required: false,
            methods: vec![Method::POST, Method::PATCH],
            principal: Arc::new(Principal::of_authorization),
            skip: None,
            headers: vec![CONTENT_TYPE],
            lease: Duration::from_secs(10),
            keep: Duration::from_secs(24 * 60 * 60),
            wait: Duration::ZERO,
            retry_after: Duration::from_secs(1),
            max_request: 2 * MEBIBYTE,
            max_response: MEBIBYTE,
            stores_errors: false,
            ends_with_client: false,
            failure: StoreFailure::Closed,
        }
    }
}

impl Settings {
    pub(super) fn covers(&self, method: &Method) -> bool {
        self.methods.contains(method)
    }

    pub(super) fn skips(&self, parts: &Parts) -> bool {
        self.skip.as_ref().is_some_and(|skip| skip(parts))
    }

    pub(super) fn principal_of(&self, parts: &Parts) -> Principal {
        (self.principal)(parts)
    }
}

/// Settings.
impl<S> IdempotencyLayer<S> {
    /// Refuses requests without a key: a 400 problem, `idempotency_key_missing`. Default: they
    /// pass, and are not protected.
    #[must_use]
    pub fn required(self) -> Self {
        self.set(|settings| settings.required = true)
    }

    /// The methods whose requests may have a key; all others pass untouched. Default: `POST` and
    /// `PATCH`, since the others are safe to repeat by themselves (RFC 9110 §9.2.2).
    #[must_use]
    pub fn methods(self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.set(|settings| settings.methods = methods.into_iter().collect())
    }

    /// Who sends a request; keys of one principal are nothing to another. Default: a digest of
    /// `Authorization`, so that two credentials never share a key.
    ///
    /// Set it where credentials change while a client retries (tokens that are renewed), where they
    /// are in a cookie, and where anonymous clients must not share keys. What it reads from the
    /// extensions has to be put there by a layer outside of this one.
    #[must_use]
    pub fn principal<F, P>(self, principal: F) -> Self
    where
        F: Fn(&Parts) -> P + Send + Sync + 'static,
        P: Into<Principal>,
    {
        self.set(|settings| settings.principal = Arc::new(move |parts| principal(parts).into()))
    }

    /// Requests that pass untouched, whatever their method. Default: none.
    #[must_use]
    pub fn skip(self, skip: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.skip = Some(Arc::new(skip)))
    }

    /// The header fields in which a copy has to agree with the first request, beside target and
    /// body. Default: `Content-Type`.
    #[must_use]
    pub fn fingerprint_headers(self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.set(|settings| settings.headers = names.into_iter().collect())
    }

    /// How long a reservation lasts without being renewed: the time after which a request may be
    /// repeated whose instance has died. It is renewed at each third of it while the handler runs.
    /// Default: 10 seconds; at least 10 milliseconds.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        self.set(|settings| settings.lease = lease.max(Duration::from_millis(10)))
    }

    /// How long an answer is kept; later the key is as good as new. Clients have to know it, so
    /// publish it with your API. Default: 24 hours; at least a second.
    #[must_use]
    pub fn keep(self, keep: Duration) -> Self {
        self.set(|settings| settings.keep = keep.max(Duration::from_secs(1)))
    }

    /// How long a copy waits for the answer of the first before it is told that this one is still
    /// at work. Default: not at all.
    ///
    /// Its body (up to [`max_request`](Self::max_request)) stays in memory while it waits.
    #[must_use]
    pub fn wait(self, wait: Duration) -> Self {
        self.set(|settings| settings.wait = wait)
    }

    /// What `Retry-After` tells a copy whose first is still at work, in whole seconds, rounded up,
    /// and at least 1. Default: 1 second.
    #[must_use]
    pub fn retry_after(self, time: Duration) -> Self {
        self.set(|settings| settings.retry_after = time)
    }

    /// The longest body of a request with a key, in bytes; a longer one is a 413 problem. Default:
    /// 2 MiB, as with axum's extractors.
    #[must_use]
    pub fn max_request(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_request = bytes)
    }

    /// The longest body of an answer that is kept, in bytes. Of a longer one it is only kept that
    /// it was there: see [the module docs](super#what-is-kept). Default: 1 MiB.
    #[must_use]
    pub fn max_response(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_response = bytes)
    }

    /// Keeps answers of 5xx too, as Stripe does: a request that has failed on our side is not run
    /// again under its key. Default: they are not kept.
    #[must_use]
    pub fn store_errors(self) -> Self {
        self.set(|settings| settings.stores_errors = true)
    }

    /// Drops the handler when its client leaves, and frees the key. Default: it goes on in a task
    /// of its own, and its answer is kept.
    ///
    /// By default, since a client that lost its connection is the one that will ask again, and what
    /// a handler has done up to some `await` cannot be told. Where the store undoes what a handler
    /// has done, as a database does with a transaction, it may as well be dropped.
    #[must_use]
    pub fn cancel_with_client(self) -> Self {
        self.set(|settings| settings.ends_with_client = true)
    }

    /// What becomes of requests with a key while the store cannot be asked. Default:
    /// [`StoreFailure::Closed`].
    #[must_use]
    pub fn when_store_fails(self, failure: StoreFailure) -> Self {
        self.set(|settings| settings.failure = failure)
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}
