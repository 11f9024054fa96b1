//! Filters as SQL: column names come from the derive, everything of the client is bound.

use sqlx::{Encode, QueryBuilder, Type};

use super::condition::Operand;
use super::{Condition, Filter, Filters, Op};
use crate::sql::{Dialect, SqlDatabase};

/// A [`Filter`] whose values can be bound to statements of `DB`.
///
/// `#[derive(Filter)]` implements it for every database that encodes the types of all
/// filterable fields.
#[diagnostic::on_unimplemented(
    message = "the filter values of `{Self}` cannot be bound to a statement of `{DB}`",
    note = "each filterable field needs a type that sqlx can encode for this database; \
            `#[filter(sql_as = ..)]` names another type to bind it as"
)]
pub trait BindFilter<DB: SqlDatabase>: Filter {
    /// Binds a value with the type of its field.
    #[doc(hidden)]
    fn bind_value(value: &Self::Value, query: &mut QueryBuilder<DB>);

    /// Binds a `LIKE` pattern.
    #[doc(hidden)]
    fn bind_text(text: String, query: &mut QueryBuilder<DB>);
}

/// Binds `value`, or writes `NULL` where it cannot be encoded; for generated code.
#[doc(hidden)]
pub fn bind_filter_value<DB, B>(value: B, query: &mut QueryBuilder<DB>)
where
    DB: SqlDatabase,
    B: for<'q> Encode<'q, DB> + Type<DB>,
{
    // `push_bind` panics where a value cannot be encoded.
    let mut probe = DB::Arguments::default();
    match sqlx::Arguments::add(&mut probe, &value) {
        Ok(()) => {
            query.push_bind(value);
        }
        Err(error) => {
            let sql_type = std::any::type_name::<B>();
            tracing::error!(sql_type, %error, "filter value that the database cannot hold");
            query.push("NULL");
        }
    }
}

impl<T: Filter> Filters<T> {
    /// Appends ` AND …` for each condition to a statement that has a `WHERE` clause.
    ///
    /// `AND` binds tighter than `OR`: put a clause that has an `OR` in parentheses.
    pub fn push_and<DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: SqlDatabase,
        T: BindFilter<DB>,
    {
        self.push_joined(" AND ", query);
    }

    /// Appends ` WHERE …` to a statement that has no such clause; nothing where there is no filter.
    pub fn push_where<DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: SqlDatabase,
        T: BindFilter<DB>,
    {
        self.push_joined(" WHERE ", query);
    }

    fn push_joined<DB>(&self, first: &str, query: &mut QueryBuilder<DB>)
    where
        DB: SqlDatabase,
        T: BindFilter<DB>,
    {
        let mut keyword = first;
        for condition in &self.conditions {
            query.push(keyword);
            condition.push(query);
            keyword = " AND ";
        }
        for word in &self.words {
            query.push(keyword);
            push_word::<T, DB>(word, query);
            keyword = " AND ";
        }
    }
}

impl<T: Filter> Condition<T> {
    fn push<DB>(&self, query: &mut QueryBuilder<DB>)
    where
        DB: SqlDatabase,
        T: BindFilter<DB>,
    {
        let column = self.field().column();
        match &self.operand {
            Operand::Text(text) => push_like::<T, DB>(column, text, query),
            Operand::Null(null) => {
                let test = if *null { "IS NULL" } else { "IS NOT NULL" };
                query.push(format_args!("{} {test}", DB::DIALECT.quote(column)));
            }
            Operand::Values(values) => {
                query.push(format_args!(
                    "{} {} ",
                    DB::DIALECT.quote(column),
                    symbol(self.op)
                ));
                push_values::<T, DB>(self.op, values, query);
            }
        }
    }
}

fn symbol(op: Op) -> &'static str {
    match op {
        Op::Eq => "=",
        Op::Ne => "<>",
        Op::Lt => "<",
        Op::Lte => "<=",
        Op::Gt => ">",
        Op::Gte => ">=",
        Op::In => "IN",
        Op::Like => "LIKE",
        Op::IsNull => "IS NULL",
    }
}

fn push_values<T, DB>(op: Op, values: &[T::Value], query: &mut QueryBuilder<DB>)
where
    DB: SqlDatabase,
    T: BindFilter<DB>,
{
    let listed = op == Op::In;
    if listed {
        query.push("(");
    }
    for (nth, value) in values.iter().enumerate() {
        if nth > 0 {
            query.push(", ");
        }
        T::bind_value(value, query);
    }
    if listed {
        query.push(")");
    }
}

fn push_word<T, DB>(word: &str, query: &mut QueryBuilder<DB>)
where
    DB: SqlDatabase,
    T: BindFilter<DB>,
{
    let columns = T::search().map_or::<&[&str], _>(&[], |search| search.columns());
    query.push("(");
    for (nth, column) in columns.iter().enumerate() {
        if nth > 0 {
            query.push(" OR ");
        }
        push_like::<T, DB>(column, word, query);
    }
    query.push(")");
}

fn push_like<T, DB>(column: &str, text: &str, query: &mut QueryBuilder<DB>)
where
    DB: SqlDatabase,
    T: BindFilter<DB>,
{
    let column = DB::DIALECT.quote(column);
    let (before, after) = match DB::DIALECT {
        // `ILIKE` and not `LOWER(..)`, because a trigram index of the plain column serves it.
        Dialect::Postgres => (format!("{column} ILIKE "), ""),
        // Folds ASCII letters by itself.
        Dialect::Sqlite => (format!("{column} LIKE "), ""),
        // Whether `LIKE` folds depends on the collation there.
        Dialect::MySql => (format!("LOWER({column}) LIKE LOWER("), ")"),
    };
    query.push(before);
    T::bind_text(contains_pattern(text), query);
    // Not a backslash: MySQL reads one inside a literal as an escape, depending on its mode.
    query.push(after).push(" ESCAPE '!'");
}

fn contains_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::contains_pattern;

    #[test]
    fn wildcards_of_the_client_are_escaped() {
        let table = [
            ("", "%%"),
            ("plain", "%plain%"),
            ("100%", "%100!%%"),
            ("a_b", "%a!_b%"),
            ("hey!", "%hey!!%"),
            ("back\\slash", "%back\\slash%"),
        ];
        for (text, pattern) in table {
            assert_eq!(contains_pattern(text), pattern);
        }
    }
}
