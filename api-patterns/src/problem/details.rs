//! The [`Problem`](struct@Problem) type: what is wrong, and how much of it the client may read.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use axum::BoxError;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Serialize, Serializer};

use super::FieldError;
use super::document::Document;

/// An answer that is not a success: problem details by [RFC 9457].
///
/// It is an error (`?` works with it), a response (`application/problem+json`), and it can be
/// serialized as part of a larger answer. The client sees `type` (only when set), `title`
/// (by default the reason phrase of the status), `status`, `detail`, `instance`, `code`,
/// `errors` and extension members.
///
/// A problem with a 5xx status **and** a source is masked: the client reads a general sentence
/// instead of `detail` and `errors`, while the log gets the detail and the whole chain of
/// sources, once, when the problem is turned into a response.
///
/// # Example
/// ```
/// use api_patterns::problem::Problem;
/// use axum::{extract::Path, http::StatusCode};
///
/// async fn product(Path(id): Path<u64>) -> Result<String, Problem> {
///     match id {
///         1 => Ok("lamp".into()),
///         _ => Err(Problem::not_found(format!("there is no product {id}"))
///             .code("product_not_found")
///             .extension("id", id)),
///     }
/// }
///
/// let problem = Problem::new(StatusCode::CONFLICT).code("sku_taken");
/// assert_eq!(
///     serde_json::to_value(&problem).unwrap(),
///     serde_json::json!({
///         "type": "about:blank",
///         "title": "Conflict",
///         "status": 409,
///         "code": "sku_taken",
///     }),
/// );
/// ```
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
pub struct Problem {
    // Boxed so that `Result<T, Problem>` stays as small as `T` allows.
    inner: Box<Inner>,
}

struct Inner {
    document: Document,
    /// Stands in for a masked detail.
    public_detail: Option<Cow<'static, str>>,
    headers: HeaderMap,
    source: Option<BoxError>,
}

/// Constructors.
impl Problem {
    /// A problem of this status; its title is the reason phrase.
    ///
    /// A status outside 400..=599 is not a problem's and becomes 500.
    pub fn new(status: StatusCode) -> Self {
        let failed = status.is_client_error() || status.is_server_error();
        let status = if failed {
            status
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Self {
            inner: Box::new(Inner {
                document: Document::new(status),
                public_detail: None,
                headers: HeaderMap::new(),
                source: None,
            }),
        }
    }

    /// 400: the request cannot be understood.
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST).detail(detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND).detail(detail)
    }

    /// 409: the request does not fit the state of things.
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT).detail(detail)
    }

    /// 422: well-formed, but its values are not acceptable.
    pub fn unprocessable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY).detail(detail)
    }

    /// 503: not now. Without a [`source`](Self::source) the client reads the detail.
    pub fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE).detail(detail)
    }

    /// 500: our fault. The client learns nothing about `source`; the log does.
    pub fn internal(source: impl Into<BoxError>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR).source(source)
    }
}

/// Setters.
impl Problem {
    /// A stable, machine-readable name of the problem, by habit in `snake_case`. Default: none.
    #[must_use]
    pub fn code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.inner.document.code = Some(code.into());
        self
    }

    /// The name of this type of problem, the same at each occurrence.
    /// Default: the reason phrase of the status.
    #[must_use]
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.inner.document.title = Some(title.into());
        self
    }

    /// The URI that identifies the type of problem. Default: `about:blank`.
    #[must_use]
    pub fn type_uri(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.inner.document.type_uri = Some(uri.into());
        self
    }

    /// What is wrong this time, in words that help the client. Default: none.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.inner.document.detail = Some(detail.into());
        self
    }

    /// What the client reads in place of a masked detail. Default: a general sentence.
    #[must_use]
    pub fn public_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.inner.public_detail = Some(detail.into());
        self
    }

    /// The URI of this occurrence. Default: left out;
    /// see [`ProblemLayer::instance_from_path`](super::ProblemLayer::instance_from_path).
    #[must_use]
    pub fn instance(mut self, uri: impl Into<Cow<'static, str>>) -> Self {
        self.inner.document.instance = Some(uri.into());
        self
    }

    /// Adds an entry to the `errors` member.
    #[must_use]
    pub fn error(mut self, error: FieldError) -> Self {
        self.inner.document.errors.push(error);
        self
    }

    /// Adds entries to the `errors` member.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.inner.document.errors.extend(errors);
        self
    }

    /// Sets an extension member.
    ///
    /// The names of the other members (`type`, `title`, `status`, `detail`, `instance`, `code`,
    /// `errors`) are reserved: such a member, and one that cannot be serialized, is left out and
    /// logged as a warning, since an answer about a failure must not fail itself.
    #[must_use]
    pub fn extension(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        match serde_json::to_value(value) {
            Ok(_) if Document::is_reserved(&name) => {
                tracing::warn!(
                    member = name,
                    "extension member of a problem has a reserved name"
                );
            }
            Ok(value) => {
                self.inner.document.extensions.insert(name, value);
            }
            Err(error) => {
                tracing::warn!(member = name, %error, "extension member of a problem left out");
            }
        }
        self
    }

    /// Adds a header field to the response, such as `Retry-After`.
    ///
    /// A name or value that HTTP does not allow is left out and logged as a warning.
    /// `Content-Type` and `Content-Length` belong to the problem and are left out too.
    #[must_use]
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        match (name.try_into(), value.try_into()) {
            (Ok(name), Ok(value)) if !is_own_header(&name) => {
                self.inner.headers.append(name, value);
            }
            _ => tracing::warn!("header field of a problem left out"),
        }
        self
    }

    /// The error behind this problem. With a 5xx status it masks the detail.
    #[must_use]
    pub fn source(mut self, source: impl Into<BoxError>) -> Self {
        self.inner.source = Some(source.into());
        self
    }
}

fn is_own_header(name: &HeaderName) -> bool {
    [header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name)
}

/// What was set, unmasked.
impl Problem {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.inner.document.status
    }

    /// The machine-readable name.
    pub fn get_code(&self) -> Option<&str> {
        self.inner.document.code.as_deref()
    }

    /// The title that was set.
    pub fn get_title(&self) -> Option<&str> {
        self.inner.document.title.as_deref()
    }

    /// The type URI that was set.
    pub fn get_type_uri(&self) -> Option<&str> {
        self.inner.document.type_uri.as_deref()
    }

    /// The detail, also where the client will not see it.
    pub fn get_detail(&self) -> Option<&str> {
        self.inner.document.detail.as_deref()
    }

    /// The instance URI.
    pub fn get_instance(&self) -> Option<&str> {
        self.inner.document.instance.as_deref()
    }

    /// The entries of the `errors` member.
    pub fn get_errors(&self) -> &[FieldError] {
        &self.inner.document.errors
    }

    /// An extension member.
    pub fn get_extension(&self, name: &str) -> Option<&serde_json::Value> {
        self.inner.document.extensions.get(name)
    }

    /// The header fields that the response will have beside its own.
    pub fn get_headers(&self) -> &HeaderMap {
        &self.inner.headers
    }

    /// The error behind this problem, to be downcast or walked.
    pub fn get_source(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.inner.source.as_deref()
    }

    /// Whether the client reads a general sentence instead of `detail` and `errors`.
    pub fn is_masked(&self) -> bool {
        self.status().is_server_error() && self.inner.source.is_some()
    }
}

impl Problem {
    /// The detail as the client may read it; the title where there is none.
    #[cfg(feature = "bulk")]
    pub(crate) fn shown_detail(&self) -> Cow<'_, str> {
        let Inner {
            document,
            public_detail,
            ..
        } = &*self.inner;
        let detail = match self.is_masked() {
            true => document.masked(public_detail.clone()).detail,
            false => document.detail.clone(),
        };
        detail.unwrap_or_else(|| Cow::Borrowed(document.title()))
    }

    /// What the client may read, and the header fields.
    pub(super) fn into_public(self) -> (Document, HeaderMap) {
        let masked = self.is_masked();
        let Inner {
            document,
            public_detail,
            headers,
            ..
        } = *self.inner;
        (
            if masked {
                document.masked(public_detail)
            } else {
                document
            },
            headers,
        )
    }
}

impl Serialize for Problem {
    /// What the client may read.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document = &self.inner.document;
        if self.is_masked() {
            document
                .masked(self.inner.public_detail.clone())
                .serialize(serializer)
        } else {
            document.serialize(serializer)
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            document,
            public_detail,
            headers,
            source,
        } = &*self.inner;
        let mut debug = f.debug_struct("Problem");
        document.debug_into(&mut debug);
        if let Some(detail) = public_detail {
            debug.field("public_detail", detail);
        }
        if !headers.is_empty() {
            debug.field("headers", headers);
        }
        if let Some(source) = source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = &self.inner.document;
        f.write_str(
            document
                .detail
                .as_deref()
                .unwrap_or_else(|| document.title()),
        )
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}
