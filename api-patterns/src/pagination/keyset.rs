//! What can be paged by keyset: the fields of a type, their columns and their default order.

use std::cmp::Ordering;

use super::key::{Key, KeyError, KeyReader, KeyValue, KeyWriter};
use super::order::Direction;
use crate::sql::Stored;

/// A type whose values are paged by the values of some of its fields.
///
/// Derived by [`#[derive(Keyset)]`](macro@super::Keyset), not written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no keyset to be paged by",
    note = "add `#[derive(Keyset)]` and `#[keyset(unique = id, default = \"-created_at\")]`"
)]
pub trait Keyset: Sized + 'static {
    /// The fields that an order can name.
    const FIELDS: &'static [Field<Self>];
    /// Indices of the fields that together tell two rows apart.
    const UNIQUE: &'static [usize];
    /// The order when the client names none: field and direction.
    const DEFAULT: &'static [(usize, Direction)];
}

/// Where NULLs stand in an order, whichever its direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values; the default.
    #[default]
    Last,
}

/// One field of a [`Keyset`]; made by the derive.
pub struct Field<T> {
    pub(super) name: &'static str,
    pub(super) column: &'static str,
    pub(super) nulls: Nulls,
    pub(super) sortable: bool,
    pub(super) nullable: bool,
    pub(super) write: fn(&T, &mut KeyWriter),
    pub(super) skip: fn(&mut KeyReader<'_>) -> Result<(), KeyError>,
    pub(super) value: fn(&mut KeyReader<'_>) -> Result<KeyValue, KeyError>,
    pub(super) is_null: fn(&T) -> bool,
    pub(super) stored: fn(&T) -> Stored,
    pub(super) compare: fn(&T, &T) -> Ordering,
    pub(super) compare_key: fn(&T, &mut KeyReader<'_>) -> Result<Ordering, KeyError>,
}

impl<T> std::fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Field")
            .field("name", &self.name)
            .field("column", &self.column)
            .field("nullable", &self.nullable)
            .finish_non_exhaustive()
    }
}

impl<T> Field<T> {
    /// The field that `A` reads, by its public name and its column in the result.
    pub const fn new<A: Access<T>>(name: &'static str, column: &'static str) -> Self {
        Self {
            name,
            column,
            nulls: Nulls::Last,
            sortable: false,
            nullable: A::Key::NULLABLE,
            write: |item, out| A::get(item).write(out),
            skip: A::Key::skip,
            value: |input| A::Key::read(input).map(|key| key.to_value()),
            is_null: |item| A::get(item).is_null(),
            stored: |item| A::get(item).stored(),
            compare: |one, other| A::get(one).compare(A::get(other)),
            compare_key: |item, input| Ok(A::get(item).compare(&A::Key::read(input)?)),
        }
    }

    /// Where its NULLs stand.
    #[must_use]
    pub const fn nulls(mut self, nulls: Nulls) -> Self {
        self.nulls = nulls;
        self
    }

    /// It is bound as another type than its own.
    #[must_use]
    pub const fn converted(mut self) -> Self {
        self.stored = |_| Stored::Any;
        self
    }

    /// Lets clients sort by it.
    #[must_use]
    pub const fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// Its name in `?sort=`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its column in the result of the query.
    pub const fn column(&self) -> &'static str {
        self.column
    }

    /// Whether clients may sort by it.
    pub const fn is_sortable(&self) -> bool {
        self.sortable
    }

    /// Whether it can be NULL.
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }
}

/// How a [`Field`] is read; made by the derive.
pub trait Access<T> {
    /// The type of the field.
    type Key: Key;

    /// The field of `item`.
    fn get(item: &T) -> &Self::Key;
}
