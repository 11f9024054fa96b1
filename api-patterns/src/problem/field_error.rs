//! One entry of a problem's `errors` member.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// What is wrong with one place of a request: an entry of the `errors` member of a
/// [`Problem`](struct@super::Problem).
///
/// # Example
/// ```
/// use api_patterns::problem::FieldError;
///
/// let error = FieldError::pointer("/items/0/name", "must not be empty").code("empty");
/// assert_eq!(
///     serde_json::to_value(&error).unwrap(),
///     serde_json::json!({
///         "pointer": "/items/0/name", "detail": "must not be empty", "code": "empty",
///     }),
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    place: Place,
    detail: Cow<'static, str>,
    code: Option<Cow<'static, str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Pointer(Cow<'static, str>),
    Parameter(Cow<'static, str>),
    Header(Cow<'static, str>),
}

impl FieldError {
    /// An error in the body, at a JSON pointer ([RFC 6901]); `""` is the whole body.
    ///
    /// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
    pub fn pointer(
        pointer: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Place::Pointer(pointer.into()), detail.into())
    }

    /// An error in a parameter of the query, the path or a form.
    pub fn parameter(
        name: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Place::Parameter(name.into()), detail.into())
    }

    /// An error in a header field of the request.
    pub fn header(
        name: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Place::Header(name.into()), detail.into())
    }

    fn new(place: Place, detail: Cow<'static, str>) -> Self {
        Self {
            place,
            detail,
            code: None,
        }
    }

    /// A stable, machine-readable name of the mistake. Default: none.
    #[must_use]
    pub fn code(mut self, code: impl Into<Cow<'static, str>>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same error at another JSON pointer.
    #[cfg(feature = "patch")]
    pub(crate) fn moved_to(mut self, pointer: String) -> Self {
        self.place = Place::Pointer(pointer.into());
        self
    }

    /// The same error in other words.
    #[cfg(feature = "patch")]
    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The JSON pointer, the parameter's name or the header's name.
    pub fn get_place(&self) -> &str {
        self.place.named().1
    }

    /// What is wrong, in words.
    pub fn get_detail(&self) -> &str {
        &self.detail
    }

    /// The machine-readable name of the mistake.
    pub fn get_code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

impl Place {
    fn named(&self) -> (&'static str, &str) {
        match self {
            Self::Pointer(pointer) => ("pointer", pointer),
            Self::Parameter(name) => ("parameter", name),
            Self::Header(name) => ("header", name),
        }
    }
}

impl Serialize for FieldError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, place) = self.place.named();
        let members = 2 + usize::from(self.code.is_some());
        let mut error = serializer.serialize_struct("FieldError", members)?;
        error.serialize_field(name, place)?;
        error.serialize_field("detail", &self.detail)?;
        if let Some(code) = &self.code {
            error.serialize_field("code", code)?;
        }
        error.end()
    }
}
