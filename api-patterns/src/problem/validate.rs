//! Validation of values that deserialize, all violations at once.

use std::borrow::Cow;
use std::fmt::Display;

use http::StatusCode;

use super::diagnose::MAX_ERRORS;
use super::extract::summary;
use super::pointer::push_segment;
use super::{FieldError, Problem};

/// A value that knows which of its values are acceptable.
///
/// With [`Valid`](super::Valid) an extractor validates; anywhere else [`validated`] does.
/// `Vec`, slices, `Option` and `Box` of such a value are implemented, each element at its index.
///
/// # Example
/// ```
/// use api_patterns::problem::{FieldErrors, Validate};
///
/// struct Order { lines: Vec<Line> }
/// struct Line { quantity: u32 }
///
/// impl Validate for Order {
///     fn validate(&self, errors: &mut FieldErrors) {
///         errors.check("lines", !self.lines.is_empty(), "must not be empty");
///         errors.nested("lines", &self.lines);
///     }
/// }
///
/// impl Validate for Line {
///     fn validate(&self, errors: &mut FieldErrors) {
///         errors.check("quantity", self.quantity > 0, "must be 1 or more");
///     }
/// }
///
/// let order = Order { lines: vec![Line { quantity: 1 }, Line { quantity: 0 }] };
/// let problem = order.validated().map(|_| ()).unwrap_err();
/// assert_eq!(problem.get_errors()[0].get_place(), "/lines/1/quantity");
/// ```
///
/// [`validated`]: Self::validated
pub trait Validate {
    /// Adds everything that is not acceptable to `errors`.
    fn validate(&self, errors: &mut FieldErrors);

    /// The value itself, if it is acceptable.
    ///
    /// # Errors
    /// A 422 problem with all violations at their JSON pointers.
    fn validated(self) -> Result<Self, Problem>
    where
        Self: Sized,
    {
        let mut errors = FieldErrors::in_the(Place::Body);
        self.validate(&mut errors);
        errors
            .into_result(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body")
            .map(|()| self)
    }
}

/// The violations that a [`Validate`] found, each at its place. The first 32 are kept.
#[derive(Debug)]
pub struct FieldErrors {
    place: Place,
    path: Vec<String>,
    found: Vec<FieldError>,
    more: usize,
}

/// Where the validated value came from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Body,
    Parameters,
}

impl FieldErrors {
    pub(super) fn in_the(place: Place) -> Self {
        Self {
            place,
            path: Vec::new(),
            found: Vec::new(),
            more: 0,
        }
    }

    /// Adds a violation of the member `name`, unless `holds`.
    pub fn check(&mut self, name: impl Display, holds: bool, detail: impl Into<Cow<'static, str>>) {
        if !holds {
            self.add(name, detail);
        }
    }

    /// Adds a violation of the member or the index `name`.
    pub fn add(&mut self, name: impl Display, detail: impl Into<Cow<'static, str>>) {
        self.at(name, |errors| errors.here(detail));
    }

    /// Adds a violation of the member or the index `name`, with a machine-readable name.
    pub fn add_with_code(
        &mut self,
        name: impl Display,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) {
        self.at(name, |errors| errors.push(detail.into(), Some(code.into())));
    }

    /// Adds a violation of the value itself, as when two members do not fit together.
    pub fn here(&mut self, detail: impl Into<Cow<'static, str>>) {
        self.push(detail.into(), None);
    }

    /// Validates what is under the member or the index `name`.
    pub fn nested<T: Validate + ?Sized>(&mut self, name: impl Display, value: &T) {
        self.at(name, |errors| value.validate(errors));
    }

    /// Runs `validate` under the member or the index `name`.
    pub fn at(&mut self, name: impl Display, validate: impl FnOnce(&mut Self)) {
        self.path.push(name.to_string());
        validate(self);
        self.path.pop();
    }

    /// Adds errors at pointers that begin here, and the number of those that are not listed.
    #[cfg(feature = "patch")]
    pub(crate) fn extend(&mut self, errors: impl IntoIterator<Item = FieldError>, more: usize) {
        self.more += more;
        for error in errors {
            if self.found.len() == MAX_ERRORS {
                self.more += 1;
                continue;
            }
            let pointer = self.pointer() + error.get_place();
            self.found.push(error.moved_to(pointer));
        }
    }

    /// Whether nothing was violated so far.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    fn push(&mut self, detail: Cow<'static, str>, code: Option<Cow<'static, str>>) {
        if self.found.len() == MAX_ERRORS {
            self.more += 1;
            return;
        }
        let error = match self.place {
            Place::Body => FieldError::pointer(self.pointer(), detail),
            Place::Parameters => FieldError::parameter(self.path.join("."), detail),
        };
        self.found.push(match code {
            Some(code) => error.code(code),
            None => error,
        });
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for segment in &self.path {
            push_segment(&mut pointer, segment);
        }
        pointer
    }

    pub(super) fn into_result(self, status: StatusCode, code: &'static str) -> Result<(), Problem> {
        match summary(&self.found, self.more) {
            None => Ok(()),
            Some(detail) => Err(Problem::new(status)
                .code(code)
                .detail(detail)
                .errors(self.found)),
        }
    }
}

/// A 422 problem with these errors of a body and the number of those that are not listed; none
/// without errors.
#[cfg(feature = "patch")]
pub(crate) fn refuse(
    errors: impl IntoIterator<Item = FieldError>,
    more: usize,
) -> Result<(), Problem> {
    let mut found = FieldErrors::in_the(Place::Body);
    found.extend(errors, more);
    found.into_result(StatusCode::UNPROCESSABLE_ENTITY, "invalid_body")
}

impl<T: Validate> Validate for [T] {
    fn validate(&self, errors: &mut FieldErrors) {
        for (index, value) in self.iter().enumerate() {
            errors.nested(index, value);
        }
    }
}

impl<T: Validate> Validate for Vec<T> {
    fn validate(&self, errors: &mut FieldErrors) {
        self.as_slice().validate(errors);
    }
}

impl<T: Validate> Validate for Option<T> {
    fn validate(&self, errors: &mut FieldErrors) {
        if let Some(value) = self {
            value.validate(errors);
        }
    }
}

impl<T: Validate + ?Sized> Validate for Box<T> {
    fn validate(&self, errors: &mut FieldErrors) {
        (**self).validate(errors);
    }
}
