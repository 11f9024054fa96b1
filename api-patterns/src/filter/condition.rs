//! The conditions of one request.

use std::fmt;
use std::sync::Arc;

use super::{FieldSpec, Filter, Op};

/// The filters of one request: all of its conditions must hold.
///
/// An [extractor](super#example); `Default` is no filter at all.
pub struct Filters<T: Filter> {
    pub(super) conditions: Vec<Condition<T>>,
    pub(super) words: Vec<String>,
}

impl<T: Filter> Filters<T> {
    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty() && self.words.is_empty()
    }

    /// The conditions, in the order of the client, for those who write their own statements.
    pub fn conditions(&self) -> &[Condition<T>] {
        &self.conditions
    }

    /// The words of the text search: each must occur in at least one of
    /// [`Filter::search`]'s columns. Empty without a search.
    pub fn search_words(&self) -> &[String] {
        &self.words
    }
}

impl<T: Filter> Default for Filters<T> {
    fn default() -> Self {
        Self {
            conditions: Vec::new(),
            words: Vec::new(),
        }
    }
}

impl<T: Filter> Clone for Filters<T> {
    fn clone(&self) -> Self {
        Self {
            conditions: self.conditions.clone(),
            words: self.words.clone(),
        }
    }
}

impl<T: Filter> fmt::Debug for Filters<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filters")
            .field("conditions", &self.conditions)
            .field("search_words", &self.words)
            .finish()
    }
}

/// One condition: a field, an operator, and what the field is compared with.
pub struct Condition<T: Filter> {
    pub(super) field: usize,
    pub(super) op: Op,
    pub(super) texts: Vec<String>,
    pub(super) operand: Operand<T::Value>,
}

/// The right side of a condition, parsed.
pub(super) enum Operand<V> {
    /// Of `eq ne lt lte gt gte` one, of `in` several.
    Values(Arc<[V]>),
    /// Of `like`: the text that must occur.
    Text(String),
    /// Of `is_null`.
    Null(bool),
}

impl<T: Filter> Condition<T> {
    /// The field and its column.
    pub fn field(&self) -> &'static FieldSpec {
        // The index was found by a search of the same list.
        &T::fields()[self.field]
    }

    /// The operator.
    pub fn op(&self) -> Op {
        self.op
    }

    /// What the client sent, decoded, checked against the type of the field, and for [`Op::In`]
    /// split into its values.
    pub fn values(&self) -> &[String] {
        &self.texts
    }
}

// By hand: a value need not be `Clone`, being shared.
impl<V> Clone for Operand<V> {
    fn clone(&self) -> Self {
        match self {
            Self::Values(values) => Self::Values(Arc::clone(values)),
            Self::Text(text) => Self::Text(text.clone()),
            Self::Null(null) => Self::Null(*null),
        }
    }
}

impl<T: Filter> Clone for Condition<T> {
    fn clone(&self) -> Self {
        Self {
            field: self.field,
            op: self.op,
            texts: self.texts.clone(),
            operand: self.operand.clone(),
        }
    }
}

impl<T: Filter> fmt::Debug for Condition<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition")
            .field("field", &self.field().name())
            .field("op", &self.op)
            .field("values", &self.texts)
            .finish()
    }
}
