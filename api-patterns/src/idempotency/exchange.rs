//! A request with a key, from its arrival to its answer.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::BoxError;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::Request;
use http_body::Body as _;
use tokio::time::Instant;
use tower_service::Service;

use super::claim::Claimed;
use super::config::Settings;
use super::future::{Boxed, Lasting};
use super::held::HeldBody;
use super::{Answer, Claim, Fingerprint, Key, Reservation, Store, body, refusal, replay};
use crate::storage::StoreError;

/// What a request is, to its store.
#[derive(Clone)]
pub(super) struct Exchange<S> {
    pub(super) store: S,
    pub(super) settings: Arc<Settings>,
    pub(super) key: Key,
    pub(super) fingerprint: Fingerprint,
}

/// What a copy is to do.
pub(super) enum Turn<S: Store> {
    /// To run.
    Mine(Claimed<S>),
    /// To say this.
    Answered(Response),
}

/// The first look after this time, then after twice as long each time.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl<S: Store> Exchange<S> {
    /// Reserves the record, or waits for its answer as long as the settings say.
    pub(super) async fn turn(&self) -> Result<Turn<S>, StoreError> {
        let settings = &self.settings;
        let arrived = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let left = match self.reserve().await? {
                Found::Mine(claimed) => return Ok(Turn::Mine(claimed)),
                Found::InFlight(left) => left,
                Found::Mismatch => return Ok(Turn::Answered(refusal::reused().into_response())),
                Found::Done(answer) => return Ok(Turn::Answered(replay::replay(answer))),
            };
            let patience = settings.wait.saturating_sub(arrived.elapsed());
            if patience.is_zero() {
                let refused = refusal::in_flight(settings.retry_after);
                return Ok(Turn::Answered(refused.into_response()));
            }
            let at_most = patience.min(pause).min(left).max(Duration::from_millis(1));
            self.store.changed(&self.key, at_most).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One look. Whoever leaves meanwhile leaves no reservation behind.
    fn reserve(&self) -> Lasting<Result<Found<S>, StoreError>> {
        let Self {
            store,
            settings,
            key,
            fingerprint,
        } = self.clone();
        Lasting::new(async move {
            let found = store.reserve(&key, &fingerprint, settings.lease).await?;
            Ok(match found {
                Reservation::Reserved(fence) => {
                    Found::Mine(Claimed::new(store, Claim { key, fence }))
                }
                Reservation::InFlight(left) => Found::InFlight(left),
                Reservation::Mismatch => Found::Mismatch,
                Reservation::Done(answer) => Found::Done(answer),
            })
        })
    }

    /// Runs the request and ends its reservation.
    pub(super) async fn run<I, B>(
        self,
        inner: I,
        mut request: Request<Body>,
        mut claimed: Claimed<S>,
    ) -> Result<Response, I::Error>
    where
        I: Service<Request<Body>, Response = http::Response<B>>,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        request.extensions_mut().extend(claimed.take_extensions());
        let Settings {
            lease,
            max_response,
            ..
        } = *self.settings;
        let handler = async move {
            let mut inner = inner;
            let response = inner.call(request).await?.map(Body::new);
            Ok(body::of_response(response, max_response).await)
        };
        match alongside(handler, claimed.renewal(self.fingerprint, lease)).await {
            Ended::Answered(Ok((response, body))) => {
                // The handler is done, so this is not dropped with it.
                Ok(Lasting::new(self.finish(claimed, response, body)).await)
            }
            Ended::Answered(Err(error)) => {
                claimed.release().await;
                Err(error)
            }
            Ended::Panicked(panic) => {
                claimed.release().await;
                resume_unwind(panic)
            }
            Ended::Lost => {
                claimed.release().await;
                Ok(self.lost(None).await)
            }
        }
    }

    async fn finish(
        self,
        claimed: Claimed<S>,
        response: Response,
        body: Option<Bytes>,
    ) -> Response {
        let settings = &self.settings;
        let Some(answer) = replay::kept(&response, body, settings.stores_errors) else {
            claimed.release().await;
            return response;
        };
        if response.body().size_hint().upper().is_none() {
            return self.hold(claimed, answer, response);
        }
        let effects = replay::effects(answer.status);
        let took_part = claimed.takes_part();
        match claimed.complete(effects, &answer, settings.keep).await {
            Ok(true) => response,
            Ok(false) if took_part => self.lost(None).await,
            Ok(false) => self.lost(Some((answer, response))).await,
            Err(error) if took_part => {
                // What was done may not have come to be; a copy will tell.
                refusal::store_failed(error, settings.retry_after).into_response()
            }
            Err(error) => {
                not_kept(&error);
                response
            }
        }
    }

    /// What a stream does is done when it has been sent.
    fn hold(self, claimed: Claimed<S>, answer: Answer, response: Response) -> Response {
        let Settings { lease, keep, .. } = *self.settings;
        let renewal = claimed.renewal(self.fingerprint, lease);
        let end = async move || {
            let effects = replay::effects(answer.status);
            let took_part = claimed.takes_part();
            match claimed.complete(effects, &answer, keep).await {
                Ok(true) => Ok(()),
                Ok(false) => Err("the reservation was lost before the end".into()),
                Err(error) if took_part => Err(error.into()),
                Err(error) => {
                    not_kept(&error);
                    Ok(())
                }
            }
        };
        let end = Box::new(move || Box::pin(end()) as Boxed<_>);
        response.map(|body| Body::new(HeldBody::new(body, renewal, end)))
    }

    /// What is said where the reservation was no longer ours: what somebody else has said, since a
    /// second answer could contradict it. `late` is what was done in no work of the store.
    async fn lost(&self, late: Option<(Answer, Response)>) -> Response {
        tracing::warn!(
            "the reservation of an idempotency key was lost before its request was done"
        );
        let found = self.reserve().await;
        match (found, late) {
            (Ok(Found::Done(answer)), _) => return replay::replay(answer),
            // Nobody else has run it, and what was done is not undone: so this is the answer.
            (Ok(Found::Mine(claimed)), Some((answer, response))) => {
                let effects = replay::effects(answer.status);
                let kept = claimed.complete(effects, &answer, self.settings.keep);
                if matches!(kept.await, Ok(true)) {
                    return response;
                }
            }
            (Ok(Found::Mine(claimed)), _) => claimed.release().await,
            _ => {}
        }
        refusal::lost(self.settings.retry_after).into_response()
    }
}

/// It has been done, and a client that is not told would ask for it again.
fn not_kept(error: &StoreError) {
    tracing::error!(%error, "the answer to a request with an idempotency key was not kept");
}

/// What a look at the record finds.
enum Found<S: Store> {
    Mine(Claimed<S>),
    InFlight(Duration),
    Mismatch,
    Done(Answer),
}

enum Ended<T> {
    Answered(T),
    Panicked(Box<dyn Any + Send>),
    Lost,
}

/// The handler's end, or that of the renewal if it comes first. Both are dropped by then.
async fn alongside<T>(
    handler: impl Future<Output = T>,
    renewal: impl Future<Output = ()>,
) -> Ended<T> {
    let (mut handler, mut renewal) = (pin!(handler), pin!(renewal));
    poll_fn(|cx| {
        // What panicked is dropped, and the panic goes on.
        let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        match polled {
            Ok(Poll::Ready(output)) => Poll::Ready(Ended::Answered(output)),
            Ok(Poll::Pending) => renewal.as_mut().poll(cx).map(|()| Ended::Lost),
            Err(panic) => Poll::Ready(Ended::Panicked(panic)),
        }
    })
    .await
}
