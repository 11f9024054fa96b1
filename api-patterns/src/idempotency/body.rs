//! Bodies that are read as a whole, within bounds.

use std::error::Error as StdError;
use std::future::ready;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::HeaderMap;
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};

use super::refusal;
use crate::problem::Problem;

/// All that was in a body.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) bytes: Bytes,
    trailers: Option<HeaderMap>,
}

impl Content {
    async fn read(body: Body, most: usize) -> Result<Self, axum::BoxError> {
        let collected = Limited::new(body, most).collect().await?;
        Ok(Self {
            trailers: collected.trailers().cloned(),
            bytes: collected.to_bytes(),
        })
    }

    pub(super) fn into_body(self) -> Body {
        match self.trailers {
            None => Body::from(self.bytes),
            Some(trailers) => {
                let trailers = ready(Some(Ok(trailers)));
                Body::new(Full::new(self.bytes).with_trailers(trailers))
            }
        }
    }
}

/// The body of a request.
pub(super) async fn of_request(body: Body, most: usize) -> Result<Content, Problem> {
    if body.size_hint().lower() > most as u64 {
        return Err(refusal::too_long(most));
    }
    let content = Content::read(body, most).await;
    content.map_err(|error| match is_too_long(&*error) {
        true => refusal::too_long(most),
        false => refusal::incomplete(),
    })
}

/// Also where another layer has set a lower limit.
fn is_too_long(error: &(dyn StdError + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_long)
}

/// A response, and a copy of its body where that can be kept: where it is known beforehand to be no
/// longer than `most`. What is written while it is sent is not waited for.
///
/// A body that fails leaves a masked 500.
pub(super) async fn of_response(response: Response, most: usize) -> (Response, Option<Bytes>) {
    let longest = response.body().size_hint().upper();
    if longest.is_none_or(|longest| longest > most as u64) {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    match Content::read(body, most).await {
        Ok(content) => {
            let bytes = content.bytes.clone();
            (
                Response::from_parts(parts, content.into_body()),
                Some(bytes),
            )
        }
        Err(error) => (Problem::internal(error).into_response(), None),
    }
}
