//! What of a struct may be filtered.

use std::cmp::Ordering;

use super::Op;

/// A struct whose derive says which fields a client may filter by, and how.
///
/// Implemented by `#[derive(Filter)]`, see the [module docs](super). What is hidden here is for generated code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says nothing about how it may be filtered",
    label = "not a `Filter`",
    note = "add `#[derive(Filter)]` to it and `#[filter(eq, ..)]` to its fields"
)]
pub trait Filter: Sized {
    /// A value of one of the fields, with its type.
    #[doc(hidden)]
    type Value: Send + Sync + 'static;

    /// The fields that may be filtered, in the order of the struct.
    fn fields() -> &'static [FieldSpec];

    /// The text search, if there is one.
    fn search() -> Option<&'static SearchSpec>;

    /// The names of all query parameters: `price_cents`, `price_cents[gte]`, `q`.
    fn parameters() -> Vec<String> {
        let fields = Self::fields().iter().flat_map(FieldSpec::parameters);
        let search = Self::search().map(|search| search.param().to_owned());
        fields.chain(search).collect()
    }

    /// Query parameters that are left to other extractors, besides the paging ones.
    fn ignored() -> &'static [&'static str];

    /// `None` where `text` is not a value of the field with this index.
    #[doc(hidden)]
    fn parse_value(field: usize, text: &str) -> Option<Self::Value>;

    /// The field that `value` belongs to, compared with it; `None` where SQL says NULL.
    #[doc(hidden)]
    fn compare(&self, value: &Self::Value) -> Option<Ordering>;

    /// Whether the field with this index is NULL.
    #[doc(hidden)]
    fn is_null(&self, field: usize) -> bool;

    /// The text of the field with this index, where it may be filtered by `like`.
    #[doc(hidden)]
    fn text(&self, field: usize) -> Option<&str>;

    /// The text of the search column with this index.
    #[doc(hidden)]
    fn search_text(&self, column: usize) -> Option<&str>;
}

/// What a client may do with one field: enough to document the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    name: &'static str,
    column: &'static str,
    operators: &'static [Op],
    type_name: &'static str,
    nullable: bool,
}

impl FieldSpec {
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        column: &'static str,
        operators: &'static [Op],
        type_name: &'static str,
        nullable: bool,
    ) -> Self {
        Self {
            name,
            column,
            operators,
            type_name,
            nullable,
        }
    }

    /// The name in the query string.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The column, unquoted; a dot separates its qualifier.
    pub const fn column(&self) -> &'static str {
        self.column
    }

    /// The operators allowed, in the order of the derive.
    pub const fn operators(&self) -> &'static [Op] {
        self.operators
    }

    /// The names of its query parameters, in the order of the derive: `name`, `name[ne]`.
    pub fn parameters(&self) -> impl Iterator<Item = String> {
        self.operators.iter().map(|operator| match operator {
            Op::Eq => self.name.to_owned(),
            other => format!("{}[{}]", self.name, other.as_str()),
        })
    }

    /// [`FilterValue::TYPE_NAME`](super::FilterValue::TYPE_NAME) of its type.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// Whether the field is an `Option`.
    pub const fn nullable(&self) -> bool {
        self.nullable
    }
}

/// The text search of a [`Filter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchSpec {
    param: &'static str,
    columns: &'static [&'static str],
}

impl SearchSpec {
    #[doc(hidden)]
    pub const fn new(param: &'static str, columns: &'static [&'static str]) -> Self {
        Self { param, columns }
    }

    /// The name in the query string.
    pub const fn param(&self) -> &'static str {
        self.param
    }

    /// The columns that are searched, unquoted.
    pub const fn columns(&self) -> &'static [&'static str] {
        self.columns
    }
}
