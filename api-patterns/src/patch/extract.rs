//! The body of a PATCH request.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;

use super::document;
use super::json::JsonPatch;
use super::merge::MergePatch;
use super::response::{ACCEPT_PATCH, AcceptPatch};
use super::schema::Patch;
use crate::problem::{Json, Problem, Validate, essence};

/// The body of a `PATCH` request ([RFC 5789]): an extractor that takes a merge patch or a JSON
/// Patch, as its `Content-Type` says, and rejects with a [`Problem`](struct@Problem).
///
/// | `Content-Type` | body |
/// | --- | --- |
/// | `application/merge-patch+json` | [`MergePatch`] (RFC 7396) |
/// | `application/json-patch+json` | [`JsonPatch`] (RFC 6902) |
/// | `application/json` | [`MergePatch`], with `#[patch(accept_json)]` |
///
/// # Errors
/// * 415 `unsupported_media_type` for any other type, with `Accept-Patch` (RFC 5789 §3.1);
/// * 413 when the body is longer than axum's `DefaultBodyLimit` allows;
/// * 400 `malformed_json`; 400 `empty_patch` for `{}` and `[]`;
/// * 422 `invalid_body` for repeated names, and with all errors that need no current value.
///
/// # Example
#[cfg_attr(feature = "macros", doc = "```")]
#[cfg_attr(not(feature = "macros"), doc = "```ignore")]
/// use api_patterns::patch::{Patch, PatchRequest};
/// use api_patterns::problem::{Json, Problem};
///
/// #[derive(serde::Serialize, Patch)]
/// struct Settings { theme: String, page_size: u8 }
///
/// async fn change(patch: PatchRequest<Settings>) -> Result<Json<Settings>, Problem> {
///     let mut settings = Settings { theme: "dark".to_owned(), page_size: 20 };
///     patch.changes(&settings)?.apply_to(&mut settings);
///     Ok(Json(settings))
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::patch(change));
///
/// let body = br#"{"page_size": 300, "color": "red"}"#;
/// let problem = PatchRequest::<Settings>::from_bytes("application/merge-patch+json", body).unwrap_err();
/// let errors: Vec<_> = problem.get_errors().iter().map(|error| error.get_place()).collect();
/// assert_eq!(errors, ["/color", "/page_size"]);
/// ```
///
/// [RFC 5789]: https://www.rfc-editor.org/rfc/rfc5789
#[non_exhaustive]
pub enum PatchRequest<T> {
    /// The new values of some members.
    Merge(MergePatch<T>),
    /// Operations in order.
    Json(JsonPatch<T>),
}

#[derive(Clone, Copy)]
enum Form {
    Merge,
    Json,
}

impl<T: Patch> PatchRequest<T> {
    /// The media types it takes, as in `Accept-Patch`.
    pub const ACCEPT: &'static str = match T::ACCEPTS_JSON {
        true => "application/merge-patch+json, application/json-patch+json, application/json",
        false => "application/merge-patch+json, application/json-patch+json",
    };

    /// Reads a body as the extractor does; `content_type` may have parameters.
    ///
    /// # Errors
    /// As the extractor, but for the length of the body.
    pub fn from_bytes(content_type: &str, body: &[u8]) -> Result<Self, Problem> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        Self::read(Self::form(&essence.to_ascii_lowercase())?, body)
    }

    /// What the patch changes of `current`: only fields whose value becomes another one.
    ///
    /// # Errors
    /// As [`MergePatch::changes`] and [`JsonPatch::changes`].
    pub fn changes(&self, current: &T) -> Result<T::Changes, Problem> {
        match self {
            Self::Merge(patch) => patch.changes(current),
            Self::Json(patch) => patch.changes(current),
        }
    }

    fn form(essence: &str) -> Result<Form, Problem> {
        match essence {
            "application/merge-patch+json" => Ok(Form::Merge),
            "application/json-patch+json" => Ok(Form::Json),
            "application/json" if T::ACCEPTS_JSON => Ok(Form::Merge),
            _ => Err(unsupported::<T>()),
        }
    }

    fn read(form: Form, body: &[u8]) -> Result<Self, Problem> {
        match form {
            Form::Merge => {
                let Json(patch) = Json::<MergePatch<T>>::from_bytes(body)?;
                checked(patch.is_empty(), patch).map(Self::Merge)
            }
            Form::Json => {
                let Json(patch) = Json::<JsonPatch<T>>::from_bytes(body)?;
                checked(patch.is_empty(), patch).map(Self::Json)
            }
        }
    }
}

/// As a whole, an empty patch is a mistake of its own.
fn checked<P: Validate>(is_empty: bool, patch: P) -> Result<P, Problem> {
    match is_empty {
        true => Err(document::empty()),
        false => patch.validated(),
    }
}

fn unsupported<T: Patch>() -> Problem {
    let accepted = PatchRequest::<T>::ACCEPT;
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        .code("unsupported_media_type")
        .detail(format!(
            "expected a patch with a `Content-Type` of {accepted}"
        ))
        .header(ACCEPT_PATCH, AcceptPatch::of::<T>().to_header_value())
}

impl<T, S> FromRequest<S> for PatchRequest<T>
where
    T: Patch,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let form = Self::form(&essence(request.headers()).unwrap_or_default())?;
        Self::read(form, &Bytes::from_request(request, state).await?)
    }
}

impl<T> Clone for PatchRequest<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Merge(patch) => Self::Merge(patch.clone()),
            Self::Json(patch) => Self::Json(patch.clone()),
        }
    }
}

impl<T> std::fmt::Debug for PatchRequest<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Merge(patch) => patch.fmt(f),
            Self::Json(patch) => patch.fmt(f),
        }
    }
}
