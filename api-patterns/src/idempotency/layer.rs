//! [`IdempotencyLayer`]: one effect for any number of copies of a request.

use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::config::Settings;
use super::{IdempotencyService, MemoryStore};

/// Runs a request with an `Idempotency-Key` once, and gives its answer to all copies of it.
///
/// See the [module docs](super) for an example, and for where it stands among other layers.
#[derive(Clone)]
pub struct IdempotencyLayer<S = MemoryStore> {
    store: S,
    pub(super) settings: Arc<Settings>,
}

impl<S> IdempotencyLayer<S> {
    /// Keeps its records in `store`.
    pub fn new(store: S) -> Self {
        Self {
            store,
            settings: Arc::default(),
        }
    }
}

impl<S> fmt::Debug for IdempotencyLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &*self.settings;
        f.debug_struct("IdempotencyLayer")
            .field("required", &settings.required)
            .field("lease", &settings.lease)
            .field("keep", &settings.keep)
            .field("wait", &settings.wait)
            .finish_non_exhaustive()
    }
}

impl<I, S: Clone> Layer<I> for IdempotencyLayer<S> {
    type Service = IdempotencyService<I, S>;

    fn layer(&self, inner: I) -> Self::Service {
        IdempotencyService::new(inner, self.store.clone(), self.settings.clone())
    }
}
