//! Filters over values in memory, with the semantics of SQL.

use std::cmp::Ordering;

use super::condition::Operand;
use super::{Condition, Filter, Filters, Op};

impl<T: Filter> Filters<T> {
    /// Whether the filters let `item` through.
    ///
    /// As in SQL, NULL matches no comparison, `ne` included. Text is compared byte by byte, which
    /// is what a binary collation does; `like` and the search fold ASCII letters only. A NaN matches
    /// no comparison, while PostgreSQL takes it for the greatest number.
    pub fn matches(&self, item: &T) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.matches(item))
            && self
                .words
                .iter()
                .all(|word| occurs_in_some_column(item, word))
    }
}

impl<T: Filter> Condition<T> {
    fn matches(&self, item: &T) -> bool {
        match &self.operand {
            Operand::Values(values) => values.iter().any(|value| {
                item.compare(value)
                    .is_some_and(|ordering| holds(self.op, ordering))
            }),
            Operand::Text(text) => item
                .text(self.field)
                .is_some_and(|field| contains(field, text)),
            Operand::Null(null) => item.is_null(self.field) == *null,
        }
    }
}

fn holds(op: Op, ordering: Ordering) -> bool {
    match op {
        Op::Eq | Op::In => ordering.is_eq(),
        Op::Ne => ordering.is_ne(),
        Op::Lt => ordering.is_lt(),
        Op::Lte => ordering.is_le(),
        Op::Gt => ordering.is_gt(),
        Op::Gte => ordering.is_ge(),
        // These two have no values to compare.
        Op::Like | Op::IsNull => false,
    }
}

fn occurs_in_some_column<T: Filter>(item: &T, word: &str) -> bool {
    let columns = T::search().map_or(0, |search| search.columns().len());
    (0..columns)
        .filter_map(|column| item.search_text(column))
        .any(|text| contains(text, word))
}

fn contains(text: &str, part: &str) -> bool {
    text.to_ascii_lowercase()
        .contains(&part.to_ascii_lowercase())
}
