//! The operators of the library, as the derive spells them.

use proc_macro2::{Ident, Span};
use quote::format_ident;

/// An operator, and where the user named it.
#[derive(Clone)]
pub(super) struct Operator {
    pub(super) kind: Kind,
    pub(super) token: Ident,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    Like,
    IsNull,
}

impl Kind {
    pub(super) const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
        ("in", Self::In),
        ("like", Self::Like),
        ("is_null", Self::IsNull),
    ];

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| *kind)
    }

    /// The variant of the library's `Op`.
    pub(super) fn variant(self) -> Ident {
        let name = match self {
            Self::Eq => "Eq",
            Self::Ne => "Ne",
            Self::Lt => "Lt",
            Self::Lte => "Lte",
            Self::Gt => "Gt",
            Self::Gte => "Gte",
            Self::In => "In",
            Self::Like => "Like",
            Self::IsNull => "IsNull",
        };
        format_ident!("{name}", span = Span::call_site())
    }

    /// Whether its right side is a value of the field's type.
    pub(super) fn takes_values(self) -> bool {
        !matches!(self, Self::Like | Self::IsNull)
    }
}
