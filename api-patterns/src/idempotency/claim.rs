//! A reservation that is not forgotten, whatever becomes of the request.

use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::future::Lasting;
use super::{Answer, Claim, Effects, Fingerprint, Reservation, Store};
use crate::storage::StoreError;

/// A reservation with the work that is done under it. Dropped, it is released.
pub(super) struct Claimed<S: Store> {
    store: S,
    /// Locked while it is about to change.
    claim: Arc<Mutex<Claim>>,
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
            claim: Arc::new(Mutex::new(claim)),
            work,
            extensions,
        }
    }

    /// What the handler needs to take part in the work.
    pub(super) fn take_extensions(&mut self) -> Extensions {
        std::mem::take(&mut self.extensions)
    }

    /// Whether something was done in the store's work, and so is undone where it is not recorded.
    pub(super) fn takes_part(&self) -> bool {
        self.work.as_ref().is_some_and(S::has_begun)
    }

    /// Renews the reservation at each third of the lease; ends when somebody else has it.
    pub(super) fn renewal(
        &self,
        fingerprint: Fingerprint,
        lease: Duration,
    ) -> impl Future<Output = ()> + Send + use<S> {
        let (store, shared) = (self.store.clone(), self.claim.clone());
        async move {
            let mut pause = lease / 3;
            loop {
                tokio::time::sleep(pause).await;
                let claim = shared.clone().lock_owned().await;
                let renewed = match store.renew(&claim, lease).await {
                    Ok(false) => again(store.clone(), claim, fingerprint, lease).await,
                    renewed => renewed,
                };
                pause = match renewed {
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
        let store = self.store.clone();
        let took_part = self.takes_part();
        let claim = *self.claim.lock().await;
        let begin = || store.begin(&mut Extensions::new());
        let mut attempts = 1;
        loop {
            let work = self.work.take().unwrap_or_else(begin);
            let ended = store.complete(&claim, work, effects, answer, keep).await;
            match &ended {
                // What was done is undone, or is done with its record: it does no harm to let go.
                Err(_) if took_part => {
                    self.work = Some(begin());
                    self.release().await;
                    return ended;
                }
                // Without work of the store there is nothing that could be done twice.
                Err(error) if error.is_temporary() && attempts < ATTEMPTS => attempts += 1,
                _ => return ended,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn release(mut self) {
        if let Some(released) = self.released() {
            released.await;
        }
    }

    fn released(&mut self) -> Option<Lasting<()>> {
        let (store, claim, work) = (self.store.clone(), self.claim.clone(), self.work.take()?);
        Some(Lasting::new(async move {
            let claim = *claim.lock().await;
            if let Err(error) = store.release(&claim, work).await {
                tracing::warn!(%error, "an idempotency key was not released before its lease ends");
            }
        }))
    }
}

/// Reserves a record anew that is gone, as after a pause in which the lease ran out, where nobody
/// has done so meanwhile. It is not given up in the middle, when nobody would know the fence.
fn again<S: Store>(
    store: S,
    mut claim: OwnedMutexGuard<Claim>,
    fingerprint: Fingerprint,
    lease: Duration,
) -> Lasting<Result<bool, StoreError>> {
    Lasting::new(async move {
        match store.reserve(&claim.key, &fingerprint, lease).await? {
            Reservation::Reserved(fence) => {
                claim.fence = fence;
                Ok(true)
            }
            _ => Ok(false),
        }
    })
}

/// How often an answer is offered to a store that cannot be reached.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(50);

impl<S: Store> Drop for Claimed<S> {
    fn drop(&mut self) {
        drop(self.released());
    }
}
