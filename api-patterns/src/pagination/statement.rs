//! The SQL of a page.
//!
//! The query of the application becomes a derived table named `page`; databases merge it into the
//! outer statement. Around it goes one of these forms, by the shape of the order and the database:
//!
//! * **no cursor**: `ORDER BY … LIMIT n`;
//! * **row values**, on PostgreSQL while directions are equal: `(a, id) < ($1, $2)`, one index
//!   range. (SQLite searches by the first column of a row value only, MariaDB not at all.)
//! * **one arm for each prefix of the key**, everywhere else: `a = ? AND id < ?`, then `a < ?`,
//!   joined by `UNION ALL`. Each arm is one index range, in any mix of directions and with NULLs
//!   as arms of their own. SQLite merges the arms row by row and stops at the limit; PostgreSQL
//!   and MariaDB get the limit in each arm, since their planners might otherwise sort it all.
//!
//! The textbook `a < ? OR (a = ? AND id < ?)` is never used here: PostgreSQL reads everything
//! before the page for it.

use std::fmt::{Display, Write as _};

use super::extract::PageRequest;
use super::key::{KeyError, KeyReader, KeyValue};
use super::keyset::{Keyset, Nulls};
use super::order::{Direction, Term};
use crate::sql::Dialect;

/// Where a statement is written to.
pub(super) trait Sink {
    fn sql(&mut self, text: impl Display);
    /// The query of the application.
    fn select(&mut self);
    /// A bound value: the key of `field` at `key`.
    fn key(&mut self, field: usize, key: KeyReader<'_>) -> Result<(), KeyError>;

    /// A bound value that the planner shall not look at.
    fn opaque_key(&mut self, field: usize, key: KeyReader<'_>) -> Result<(), KeyError> {
        self.key(field, key)
    }
}

/// What one arm asks of a term of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Condition {
    Equal(usize),
    IsNull(usize),
    IsNotNull(usize),
    /// Past the key; or at it, where the flag says so.
    Past(usize, bool),
    /// The terms from here to the end, as one row value.
    RowPast(usize, bool),
}

impl Condition {
    fn term(self) -> usize {
        match self {
            Self::Equal(term) | Self::IsNull(term) | Self::IsNotNull(term) => term,
            Self::Past(term, _) | Self::RowPast(term, _) => term,
        }
    }
}

type Arm = Vec<Condition>;

/// A page's statement in the making.
pub(super) struct Plan<'a, T> {
    dialect: Dialect,
    terms: Vec<Term>,
    keys: Option<Vec<KeyReader<'a>>>,
    inclusive: bool,
    rows: usize,
    item: std::marker::PhantomData<fn(&T)>,
}

impl<'a, T: Keyset> Plan<'a, T> {
    pub(super) fn new(page: &'a PageRequest<T>, dialect: Dialect) -> Result<Self, KeyError> {
        let flags = page.flags();
        let keys = page
            .position
            .as_ref()
            .map(|position| page.scan.keys(position));
        Ok(Self {
            dialect,
            terms: page.scan.order.scan(flags.backward),
            keys: keys.transpose()?,
            inclusive: flags.inclusive,
            rows: page.limit + 1,
            item: std::marker::PhantomData,
        })
    }

    pub(super) fn write(&self, out: &mut impl Sink) -> Result<(), KeyError> {
        let arms = self.arms();
        match (arms.as_slice(), self.dialect) {
            ([arm], _) => self.bounded_arm(arm, out)?,
            (_, Dialect::Sqlite) => {
                self.union(&arms, out, Self::arm)?;
                self.order_by("", None, out);
            }
            (_, Dialect::Postgres) => {
                self.union(&arms, out, Self::bracketed_arm)?;
                self.order_by("", None, out);
            }
            (_, Dialect::MySql) => {
                out.sql("SELECT * FROM (");
                self.union(&arms, out, Self::bracketed_arm)?;
                out.sql(") AS page");
                self.order_by("page.", None, out);
            }
        }
        if arms.len() > 1 {
            self.limit(out);
        }
        Ok(())
    }

    /// The runs of rows after the cursor, nearest first.
    fn arms(&self) -> Vec<Arm> {
        match &self.keys {
            None => self.first_page(),
            Some(keys) => self.after(keys),
        }
    }

    // Where NULLs of the leading column stand elsewhere than the database puts them by itself,
    // its index does not serve the whole order; it serves the values and the NULLs apart.
    fn first_page(&self) -> Vec<Arm> {
        let lead = self.terms[0];
        if !self.nullable(0) || self.dialect == Dialect::Sqlite || self.is_native(lead) {
            return vec![Vec::new()];
        }
        let (values, nulls) = (vec![Condition::IsNotNull(0)], vec![Condition::IsNull(0)]);
        match lead.nulls {
            Nulls::Last => vec![values, nulls],
            Nulls::First => vec![nulls, values],
        }
    }

    fn after(&self, keys: &[KeyReader<'_>]) -> Vec<Arm> {
        let row = self.row_value_from(keys);
        let mut arms = Vec::new();
        for term in (0..=row.unwrap_or(keys.len() - 1)).rev() {
            let prefix = || -> Arm {
                let equal = |term| match self.key_is_null(term, keys) {
                    true => Condition::IsNull(term),
                    false => Condition::Equal(term),
                };
                (0..term).map(equal).collect()
            };
            let mut push = |condition| {
                let mut arm = prefix();
                arm.push(condition);
                arms.push(arm);
            };
            let inclusive = self.inclusive && (row == Some(term) || term + 1 == keys.len());
            let past = match row {
                Some(start) if start == term => Condition::RowPast(term, inclusive),
                _ => Condition::Past(term, inclusive),
            };
            match (
                self.nullable(term),
                self.terms[term].nulls,
                self.key_is_null(term, keys),
            ) {
                (false, ..) | (true, Nulls::First, false) => push(past),
                (true, Nulls::Last, false) => {
                    push(past);
                    push(Condition::IsNull(term));
                }
                (true, Nulls::First, true) => push(Condition::IsNotNull(term)),
                (true, Nulls::Last, true) => {}
            }
        }
        arms
    }

    /// The first of the last terms that fit one row value: of one direction, and with a NULL
    /// possible in the first of them at most.
    fn row_value_from(&self, keys: &[KeyReader<'_>]) -> Option<usize> {
        if self.dialect != Dialect::Postgres {
            return None;
        }
        let mut start = self.terms.len() - 1;
        while start > 0
            && !self.nullable(start)
            && self.terms[start - 1].direction == self.terms[start].direction
            && !self.key_is_null(start - 1, keys)
        {
            start -= 1;
        }
        (start + 1 < self.terms.len()).then_some(start)
    }

    fn union<S: Sink>(
        &self,
        arms: &[Arm],
        out: &mut S,
        write: fn(&Self, &Arm, &mut S) -> Result<(), KeyError>,
    ) -> Result<(), KeyError> {
        for (nth, arm) in arms.iter().enumerate() {
            if nth > 0 {
                out.sql(" UNION ALL ");
            }
            write(self, arm, out)?;
        }
        Ok(())
    }

    fn bracketed_arm<S: Sink>(&self, arm: &Arm, out: &mut S) -> Result<(), KeyError> {
        out.sql("(");
        self.bounded_arm(arm, out)?;
        out.sql(")");
        Ok(())
    }

    fn bounded_arm<S: Sink>(&self, arm: &Arm, out: &mut S) -> Result<(), KeyError> {
        self.arm(arm, out)?;
        self.order_by("page.", Some(arm), out);
        self.limit(out);
        Ok(())
    }

    fn arm<S: Sink>(&self, arm: &Arm, out: &mut S) -> Result<(), KeyError> {
        out.sql("SELECT * FROM (");
        out.select();
        out.sql(") AS page");
        for (nth, condition) in arm.iter().enumerate() {
            out.sql(if nth == 0 { " WHERE " } else { " AND " });
            self.condition(*condition, out)?;
        }
        Ok(())
    }

    fn condition(&self, condition: Condition, out: &mut impl Sink) -> Result<(), KeyError> {
        match condition {
            Condition::Equal(term) => {
                self.column(term, out);
                out.sql(" = ");
                self.bind(term, out)
            }
            Condition::Past(term, inclusive) => {
                self.column(term, out);
                out.sql(self.operator(term, inclusive));
                out.opaque_key(self.terms[term].field, self.key(term)?)
            }
            Condition::IsNull(term) => {
                self.column(term, out);
                out.sql(" IS NULL");
                Ok(())
            }
            Condition::IsNotNull(term) => {
                self.column(term, out);
                out.sql(" IS NOT NULL");
                Ok(())
            }
            Condition::RowPast(start, inclusive) => self.row_value(start, inclusive, out),
        }
    }

    fn row_value(
        &self,
        start: usize,
        inclusive: bool,
        out: &mut impl Sink,
    ) -> Result<(), KeyError> {
        let separator = |term| if term == start { "(" } else { ", " };
        for term in start..self.terms.len() {
            out.sql(separator(term));
            self.column(term, out);
        }
        out.sql(")");
        out.sql(self.operator(start, inclusive));
        for term in start..self.terms.len() {
            out.sql(separator(term));
            out.opaque_key(self.terms[term].field, self.key(term)?)?;
        }
        out.sql(")");
        Ok(())
    }

    fn operator(&self, term: usize, inclusive: bool) -> &'static str {
        match (self.terms[term].direction, inclusive) {
            (Direction::Asc, false) => " > ",
            (Direction::Asc, true) => " >= ",
            (Direction::Desc, false) => " < ",
            (Direction::Desc, true) => " <= ",
        }
    }

    fn column(&self, term: usize, out: &mut impl Sink) {
        out.sql("page.");
        out.sql(self.dialect.quote(T::FIELDS[self.terms[term].field].column));
    }

    fn bind(&self, term: usize, out: &mut impl Sink) -> Result<(), KeyError> {
        out.key(self.terms[term].field, self.key(term)?)
    }

    fn key(&self, term: usize) -> Result<KeyReader<'a>, KeyError> {
        let keys = self.keys.as_ref().and_then(|keys| keys.get(term));
        keys.copied().ok_or(KeyError::new())
    }

    fn order_by(&self, qualifier: &str, arm: Option<&Arm>, out: &mut impl Sink) {
        let mut separator = " ORDER BY ";
        for (nth, term) in self.terms.iter().enumerate() {
            if self.is_settled_null(nth, arm) {
                continue;
            }
            out.sql(separator);
            separator = ", ";
            let column = self.dialect.quote(T::FIELDS[term.field].column);
            let nulls = self.nulls_clause(nth, arm);
            if let (Some(nulls), Dialect::MySql) = (nulls, self.dialect) {
                let direction = if nulls == Nulls::Last { "ASC" } else { "DESC" };
                out.sql(format_args!("({qualifier}{column} IS NULL) {direction}, "));
            }
            let direction = if term.direction == Direction::Asc {
                "ASC"
            } else {
                "DESC"
            };
            out.sql(format_args!("{qualifier}{column} {direction}"));
            match (nulls, self.dialect) {
                (None, _) | (_, Dialect::MySql) => {}
                (Some(Nulls::First), _) => out.sql(" NULLS FIRST"),
                (Some(Nulls::Last), _) => out.sql(" NULLS LAST"),
            }
        }
    }

    // MariaDB sorts a run of NULLs again when their column stands in the ORDER BY; PostgreSQL
    // finds the index by it.
    fn is_settled_null(&self, nth: usize, arm: Option<&Arm>) -> bool {
        self.dialect == Dialect::MySql
            && arm.is_some_and(|arm| arm.contains(&Condition::IsNull(nth)))
    }

    /// The placement that has to be spelled out for a term of the ORDER BY of `arm`, or of the
    /// whole statement.
    ///
    /// An arm holds either values or NULLs of its leading column, so that a plain index on
    /// `(column, id)` serves it. For the further columns PostgreSQL always needs the same
    /// spelling, since its indexes are declared with it.
    fn nulls_clause(&self, nth: usize, arm: Option<&Arm>) -> Option<Nulls> {
        let term = self.terms[nth];
        let constrained =
            arm.is_some_and(|arm| arm.iter().any(|condition| condition.term() == nth));
        let settled = constrained && (nth == 0 || self.dialect == Dialect::MySql);
        let spelled = self.nullable(nth) && !settled && !self.is_native(term);
        spelled.then_some(term.nulls)
    }

    /// Whether the database puts NULLs where `term` wants them without being told: PostgreSQL
    /// holds NULL for larger than all values, the others for smaller.
    fn is_native(&self, term: Term) -> bool {
        let nulls_are_large = self.dialect == Dialect::Postgres;
        let first = (term.direction == Direction::Asc) != nulls_are_large;
        (term.nulls == Nulls::First) == first
    }

    fn nullable(&self, term: usize) -> bool {
        T::FIELDS[self.terms[term].field].nullable
    }

    fn key_is_null(&self, term: usize, keys: &[KeyReader<'_>]) -> bool {
        self.nullable(term) && keys[term].next_is_null()
    }

    fn limit(&self, out: &mut impl Sink) {
        out.sql(format_args!(" LIMIT {}", self.rows));
    }
}

/// The ORDER BY of a numbered page.
#[cfg(feature = "__sqlx")]
pub(super) fn order_by<T: Keyset>(order: &super::order::Order, dialect: Dialect) -> String {
    let plan = Plan::<T> {
        dialect,
        terms: order.terms.clone(),
        keys: None,
        inclusive: false,
        rows: 0,
        item: std::marker::PhantomData,
    };
    let mut text = Text::<T>::new(dialect, "", 0);
    plan.order_by("page.", None, &mut text);
    text.statement.sql
}

/// The statement of a page, for any database client; see [`PageRequest::statement`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Statement {
    /// The text, with placeholders of the database.
    pub sql: String,
    /// What to bind, in the order of the placeholders.
    pub binds: Vec<Bind>,
}

/// One step of binding a [`Statement`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Bind {
    /// All values of the application's own query, once more. On PostgreSQL, where numbered
    /// placeholders can be used again, it comes once, first.
    Select,
    /// A key value.
    Key(KeyValue),
}

impl<T: Keyset> PageRequest<T> {
    /// The statement that reads the rows of this page, for those who do not use sqlx.
    ///
    /// `select` is the query to be paged, without `ORDER BY` and `LIMIT`, and `parameters` the
    /// number of placeholders in it. It appears in the statement once or several times. Give
    /// the rows, in the order in which they come, to [`page_of`](Self::page_of).
    ///
    /// # Example
    /// ```
    /// # use api_patterns::pagination::{Bind, Keyset, PageRequest, Pagination};
    /// use api_patterns::sql::Dialect;
    ///
    /// #[derive(Keyset)]
    /// #[keyset(unique = id, default = "-id")]
    /// struct Message { id: i64 }
    ///
    /// # let page = PageRequest::<Message>::start(&Pagination::plain(), None, 20)?;
    /// let statement = page.statement(Dialect::Postgres, "SELECT * FROM messages WHERE room = $1", 1);
    /// assert_eq!(
    ///     statement.sql,
    ///     "SELECT * FROM (SELECT * FROM messages WHERE room = $1) AS page \
    ///      ORDER BY page.\"id\" DESC LIMIT 21",
    /// );
    /// assert_eq!(statement.binds, [Bind::Select]);
    /// # Ok::<_, api_patterns::problem::Problem>(())
    /// ```
    pub fn statement(&self, dialect: Dialect, select: &str, parameters: usize) -> Statement {
        let mut text = Text::<T>::new(dialect, select, parameters);
        // The keys were checked when the cursor was opened, so all of them can be read.
        let written = Plan::new(self, dialect).and_then(|plan| plan.write(&mut text));
        debug_assert!(written.is_ok());
        text.statement
    }
}

struct Text<'a, T> {
    select: &'a str,
    /// Placeholders used so far, where they are numbered.
    parameters: Option<usize>,
    statement: Statement,
    item: std::marker::PhantomData<fn(&T)>,
}

impl<'a, T> Text<'a, T> {
    fn new(dialect: Dialect, select: &'a str, parameters: usize) -> Self {
        let numbered = dialect == Dialect::Postgres;
        let binds = if numbered {
            vec![Bind::Select]
        } else {
            Vec::new()
        };
        Self {
            select,
            parameters: numbered.then_some(parameters),
            statement: Statement {
                sql: String::new(),
                binds,
            },
            item: std::marker::PhantomData,
        }
    }
}

impl<T: Keyset> Sink for Text<'_, T> {
    fn sql(&mut self, text: impl Display) {
        let _ = write!(self.statement.sql, "{text}");
    }

    fn select(&mut self) {
        self.statement.sql.push_str(self.select);
        if self.parameters.is_none() {
            self.statement.binds.push(Bind::Select);
        }
    }

    fn key(&mut self, field: usize, mut key: KeyReader<'_>) -> Result<(), KeyError> {
        let value = (T::FIELDS[field].value)(&mut key)?;
        self.statement.binds.push(Bind::Key(value));
        match &mut self.parameters {
            None => self.statement.sql.push('?'),
            Some(number) => {
                *number += 1;
                let _ = write!(self.statement.sql, "${number}");
            }
        }
        Ok(())
    }
}
