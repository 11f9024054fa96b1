//! A member of a patch.

use crate::problem::{FieldErrors, Validate};

/// What a patch says about one field: nothing, or its new value.
///
/// There is no third state for `null`: a field that may be null is a `Field<Option<T>>`, whose new
/// value may be `None`, and any other field cannot become null at all.
///
/// # Example
/// ```
/// use api_patterns::patch::Field;
///
/// let mut description = Some("red".to_owned());
/// Field::Absent.apply_to(&mut description);
/// assert_eq!(description.as_deref(), Some("red"));
/// Field::Value(None).apply_to(&mut description);
/// assert_eq!(description, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Field<T> {
    /// The field stays as it is.
    #[default]
    Absent,
    /// The field gets this value.
    Value(T),
}

impl<T> Field<T> {
    /// Whether the field stays as it is.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether there is a new value.
    pub const fn is_value(&self) -> bool {
        !self.is_absent()
    }

    /// Whether the field stays as it is, or its new value satisfies `holds`: for rules of a
    /// [`Validate`] implementation.
    pub fn is_absent_or(&self, holds: impl FnOnce(&T) -> bool) -> bool {
        self.value().is_none_or(holds)
    }

    /// The new value.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Absent => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The new value, taken out.
    pub fn into_value(self) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Value(value) => Some(value),
        }
    }

    /// A new value made of this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Value(value) => Field::Value(make(value)),
        }
    }

    /// Writes the new value, if there is one, to `target`.
    pub fn apply_to(self, target: &mut T) {
        if let Self::Value(value) = self {
            *target = value;
        }
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

/// A field that stays as it is has nothing to check.
impl<T: Validate> Validate for Field<T> {
    fn validate(&self, errors: &mut FieldErrors) {
        if let Self::Value(value) = self {
            value.validate(errors);
        }
    }
}
