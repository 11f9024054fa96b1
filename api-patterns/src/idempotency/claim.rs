//! A reservation that is not forgotten, whatever becomes of the request.

use std::time::Duration;

use http::Extensions;

use super::future::Lasting;
use super::{Answer, Claim, Effects, Store};
use crate::storage::StoreError;

/// A reservation with the work that is done under it. Dropped, it is released.
pub(super) struct Claimed<S: Store> {
    store: S,
    claim: Claim,
    /// Taken at the end.
    work: Option<S::Work>,
    extensions: Extensions,
}

impl<S: Store> Claimed<S> {
    pub(super) fn new(store: S, claim: Claim) -> Self {
        let mut extensions = Extensions::new();
        let work = Some(store.begin(&mut extensions));
        Self {
            store,
            claim,
            work,
            extensions,
        }
    }

    /// What the handler needs to take part in the work.
    pub(super) fn take_extensions(&mut self) -> Extensions {
        std::mem::take(&mut self.extensions)
    }

    /// Renews the reservation at each third of the lease; ends when it is lost.
    pub(super) fn renewal(&self, lease: Duration) -> impl Future<Output = ()> + Send + use<S> {
        let (store, claim) = (self.store.clone(), self.claim);
        async move {
            let mut pause = lease / 3;
            loop {
                tokio::time::sleep(pause).await;
                pause = match store.renew(&claim, lease).await {
                    Ok(true) => lease / 3,
                    Ok(false) => return,
                    Err(error) => {
                        tracing::warn!(%error, "the lease of an idempotency key was not renewed");
                        lease / 12
                    }
                };
            }
        }
    }

    pub(super) async fn complete(
        mut self,
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        let (store, claim) = (self.store.clone(), self.claim);
        let begin = || store.begin(&mut Extensions::new());
        let mut work = self.work.take().unwrap_or_else(begin);
        for _ in 1..ATTEMPTS {
            let ended = store.complete(&claim, work, effects, answer, keep).await;
            match ended {
                // Without work of the store there is nothing that could be done twice.
                Err(error) if !S::TAKES_PART && error.is_temporary() => work = begin(),
                ended => return ended,
            }
            tokio::time::sleep(PAUSE).await;
        }
        store.complete(&claim, work, effects, answer, keep).await
    }

    pub(super) async fn release(mut self) {
        if let Some(released) = self.released() {
            released.await;
        }
    }

    fn released(&mut self) -> Option<Lasting<()>> {
        let (store, claim, work) = (self.store.clone(), self.claim, self.work.take()?);
        Some(Lasting::new(async move {
            if let Err(error) = store.release(&claim, work).await {
                tracing::warn!(%error, "an idempotency key was not released before its lease ends");
            }
        }))
    }
}

/// How often an answer is offered to a store that cannot be reached.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(50);

impl<S: Store> Drop for Claimed<S> {
    fn drop(&mut self) {
        drop(self.released());
    }
}
