//! What can be patched: the trait that `#[derive(Patch)]` implements.

use serde::Serialize;

use super::read::Asked;
use crate::problem::FieldError;

/// A resource that clients can change in part; implemented by `#[derive(Patch)]`.
///
/// Its JSON, as [`Serialize`] writes it, is the document that a patch is about.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be patched",
    label = "this type does not implement `Patch`",
    note = "`#[derive(Patch)]` implements it for a struct with named fields"
)]
pub trait Patch: Serialize + Sized {
    /// What a patch changes: one [`Field`](super::Field) for each field that may change.
    type Changes: Default;

    /// Whether a body of `application/json` is taken as a merge patch.
    const ACCEPTS_JSON: bool;

    /// The members of the document, in the order of the struct.
    fn members() -> &'static [MemberSpec];

    /// Reads a new value of a member and keeps it where it differs from the current one.
    #[doc(hidden)]
    fn read(
        member: usize,
        asked: &Asked<'_, Self>,
        changes: &mut Self::Changes,
    ) -> Result<(), Vec<FieldError>>;
}

/// A member of a document that can be patched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberSpec {
    name: &'static str,
    access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Immutable,
    Value,
    Nullable,
}

impl MemberSpec {
    /// A member that clients cannot change.
    pub const fn immutable(name: &'static str) -> Self {
        Self {
            name,
            access: Access::Immutable,
        }
    }

    /// A member that always has a value.
    pub const fn value(name: &'static str) -> Self {
        Self {
            name,
            access: Access::Value,
        }
    }

    /// A member that may be null.
    pub const fn nullable(name: &'static str) -> Self {
        Self {
            name,
            access: Access::Nullable,
        }
    }

    /// Its name in JSON.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether clients may change it.
    pub const fn is_mutable(&self) -> bool {
        !matches!(self.access, Access::Immutable)
    }

    /// Whether clients may set it to null.
    pub const fn is_nullable(&self) -> bool {
        matches!(self.access, Access::Nullable)
    }
}

/// The index of the member of this name.
pub(super) fn find<T: Patch>(name: &str) -> Option<(usize, MemberSpec)> {
    let mut members = T::members().iter().copied().enumerate();
    members.find(|(_, member)| member.name == name)
}

/// Why a member cannot be changed at all.
pub(super) fn refusal<T: Patch>(is_known: bool) -> FieldError {
    let (code, what) = match is_known {
        true => ("immutable", "cannot be changed"),
        false => ("unknown", "is not known here"),
    };
    let names = T::members().iter().filter(|member| member.is_mutable());
    let names: Vec<_> = names.map(|member| format!("`{}`", member.name)).collect();
    FieldError::pointer("", format!("{what}; what can be is {}", names.join(", "))).code(code)
}

/// A member without which the document cannot be.
pub(super) fn not_nullable() -> FieldError {
    FieldError::pointer("", "cannot be null").code("not_nullable")
}
