//! The operators a field may be filtered with.

use std::fmt;

/// How a condition compares a column with what the client sent.
///
/// On the wire the operator stands in brackets: `price_cents[gte]=1000`. A name without brackets means [`Op::Eq`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Op {
    /// `eq`: equal.
    Eq,
    /// `ne`: not equal; NULL does not match.
    Ne,
    /// `lt`: less than.
    Lt,
    /// `lte`: less than or equal.
    Lte,
    /// `gt`: greater than.
    Gt,
    /// `gte`: greater than or equal.
    Gte,
    /// `in`: equal to one of a list of values.
    In,
    /// `like`: contains this text.
    Like,
    /// `is_null`: `true` for NULL, `false` for everything else.
    IsNull,
}

impl Op {
    const ALL: [Self; 9] = [
        Self::Eq,
        Self::Ne,
        Self::Lt,
        Self::Lte,
        Self::Gt,
        Self::Gte,
        Self::In,
        Self::Like,
        Self::IsNull,
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::In => "in",
            Self::Like => "like",
            Self::IsNull => "is_null",
        }
    }

    /// The operator with this name on the wire.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.as_str() == name)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Op;

    #[test]
    fn names_lead_back_to_their_operator() {
        for op in Op::ALL {
            assert_eq!(Op::from_name(op.as_str()), Some(op));
        }
        for name in ["", "EQ", "eq ", "between"] {
            assert_eq!(Op::from_name(name), None, "{name}");
        }
    }
}
