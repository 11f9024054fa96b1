//! Changes as the `SET` clause of an `UPDATE`.

use std::fmt;

use sqlx::{Encode, QueryBuilder, Type};

use crate::sql::SqlDatabase;

/// Changes that can be bound to a statement of `DB`.
///
/// `#[derive(Patch)]` implements it for every database that encodes the types of all fields that
/// may change.
#[diagnostic::on_unimplemented(
    message = "the changes `{Self}` cannot be bound to a statement of `{DB}`",
    note = "each field that may change needs a type that sqlx can encode for this database; \
            `#[patch(sql_as = ..)]` names another type to bind it as"
)]
pub trait BindPatch<DB: SqlDatabase> {
    /// Appends `column = value`, separated by commas.
    #[doc(hidden)]
    fn bind_set(&self, set: &mut SetClause<'_, DB>);
}

/// A `SET` clause that is being written; for generated code.
#[doc(hidden)]
pub struct SetClause<'q, DB: SqlDatabase> {
    query: &'q mut QueryBuilder<DB>,
    separator: &'static str,
}

impl<'q, DB: SqlDatabase> SetClause<'q, DB> {
    pub fn new(query: &'q mut QueryBuilder<DB>) -> Self {
        Self {
            query,
            separator: "",
        }
    }

    /// Appends one column.
    pub fn push<B>(&mut self, column: &'static str, value: B)
    where
        B: for<'e> Encode<'e, DB> + Type<DB>,
    {
        let name = DB::DIALECT.quote(column);
        let separator = std::mem::replace(&mut self.separator, ", ");
        self.query.push(format_args!("{separator}{name} = "));
        // `push_bind` panics where a value cannot be encoded.
        let mut probe = DB::Arguments::default();
        match sqlx::Arguments::add(&mut probe, &value) {
            Ok(()) => {
                self.query.push_bind(value);
            }
            Err(error) => {
                let sql_type = std::any::type_name::<B>();
                tracing::error!(column, sql_type, %error, "change that the database cannot hold");
                // No database takes this, so nothing is written in its place.
                self.query.push("(value cannot be encoded)");
            }
        }
    }
}

impl<DB: SqlDatabase> fmt::Debug for SetClause<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetClause").finish_non_exhaustive()
    }
}
