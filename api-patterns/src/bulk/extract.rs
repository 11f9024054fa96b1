//! The items of a request, from its body.

use axum::RequestExt as _;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

use super::choices::Choices;
use super::config::Settings;
use super::items::Items;
use super::split::split;
use crate::problem::{Json, Problem, Validate, media};

/// 1 to `MAX` items in a body `{"items": […]}`.
///
/// Each item is deserialized and validated on its own: one of the wrong type has its own problem,
/// with JSON pointers into itself, and its siblings are run.
///
/// | a client chooses by | |
/// | --- | --- |
/// | `?mode=partial`, `?mode=atomic` | whether items stand or fall together |
/// | `?stop_after=N` | that after N failures the rest is not tried, each a 424, also what could not have been read |
/// | `?envelope=items` | `{"results": […]}`, one envelope per item, in place of the classic body |
/// | `Prefer: return=minimal` | an answer with failures alone |
/// | `Prefer: handling=strict`, `handling=lenient` | the mode, where no parameter chooses it (RFC 7240 §4.4) |
///
/// What was followed of `Prefer` is told by `Preference-Applied`. `stop_after` is for items on their own: where they stand or
/// fall together by default, a client asks for `mode=partial` too.
///
/// # Errors
/// A [`Problem`](struct@Problem) for the request as a whole, before any item is read:
///
/// * 400 for a query parameter that is unknown, given twice, has an unknown value, or does not go with the others;
/// * 415 without a JSON `Content-Type`, and with that of a patch;
/// * 413 when the body is longer than [`max_bytes`](super::BulkSettings::max_bytes) or axum's `DefaultBodyLimit` allows: before
///   anything is read, where the client declares the length;
/// * 400 when it is not JSON;
/// * 422 when it is not `{"items": […]}` alone, with 1 to `MAX` items.
#[derive(Debug)]
pub struct Bulk<T, const MAX: usize = 100>(pub Items<T>);

impl<T, S, const MAX: usize> FromRequest<S> for Bulk<T, MAX>
where
    T: DeserializeOwned + Validate,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (body, choices) = read(request).await?;
        let items = split(&body, "items", MAX)?.into_iter();
        let items = items.map(|item| item_of(item));
        Ok(Self(Items::read(items, choices)))
    }
}

/// An item on its own.
pub(super) fn item_of<T: DeserializeOwned + Validate>(json: &[u8]) -> Result<T, Problem> {
    let Json(item) = Json::<T>::from_bytes(json)?;
    item.validated()
}

/// The body and what the client chose; the choices are checked first.
pub(super) async fn read(request: Request) -> Result<(Bytes, Choices), Problem> {
    let (parts, body) = request.into_parts();
    let settings = Settings::of(&parts);
    let choices = Choices::read(&parts, &settings)?;
    if !media::is_json(&parts.headers) || is_patch(&parts.headers) {
        return Err(media::unsupported("application/json"));
    }
    let declared = body.size_hint().lower();
    let body = match settings.max_bytes {
        Some(most) => Body::new(Limited::new(body, most)),
        None => Request::from_parts(parts, body).into_limited_body(),
    };
    // A limited body promises no more than its limit.
    if body.size_hint().upper().is_some_and(|most| declared > most) {
        return Err(too_large());
    }
    let body = body.collect().await.map_err(unreadable)?;
    Ok((body.to_bytes(), choices))
}

/// Whether the body would be one patch, as RFC 6902 and RFC 7396 name theirs: a list of items is none. Other names
/// for JSON, as those of versions of an API, are taken.
fn is_patch(headers: &HeaderMap) -> bool {
    media::essence(headers).is_some_and(|essence| essence.ends_with("patch+json"))
}

pub(super) fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE)
        .code("payload_too_large")
        .detail("the body is longer than this route allows")
}

fn unreadable(error: axum::Error) -> Problem {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return too_large();
        }
        cause = error.source();
    }
    Problem::bad_request("the body broke off").code("incomplete_body")
}
