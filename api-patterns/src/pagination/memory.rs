//! Pages of rows in memory, with the semantics of SQL.

use std::cmp::Ordering;

use super::extract::PageRequest;
use super::key::KeyReader;
use super::keyset::{Keyset, Nulls};
use super::order::{Direction, Order, Term};
use super::page::{CursorPage, Total};
use super::token::CursorError;
use super::{Totals, extract};
use crate::problem::Problem;

impl<T: Keyset> PageRequest<T> {
    /// The page of `rows`, which may come in any order.
    ///
    /// Sorts as SQL does, text by its bytes. Reads all rows for each page: for tests and for
    /// collections that are small.
    ///
    /// # Example
    /// ```
    /// use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
    /// use api_patterns::problem::Problem;
    ///
    /// #[derive(Clone, Keyset)]
    /// #[keyset(unique = code, default = "name", sortable(name))]
    /// struct Country { code: String, name: String }
    ///
    /// async fn list(page: PageRequest<Country>) -> Result<CursorPage<Country>, Problem> {
    ///     page.select(countries())
    /// }
    /// # fn countries() -> Vec<Country> { vec![] }
    /// ```
    ///
    /// # Errors
    /// An internal problem when the keys of a row are longer than a cursor may be.
    pub fn select(self, rows: impl IntoIterator<Item = T>) -> Result<CursorPage<T>, Problem> {
        let mut rows: Vec<T> = rows.into_iter().collect();
        let total = self.totals.map(|totals| count(rows.len() as u64, totals));
        let flags = self.flags();
        let terms = self.scan.order.scan(flags.backward);
        if let Some(position) = &self.position {
            let malformed = |_| extract::refused("cursor", CursorError::Malformed);
            let keys = self.scan.keys(position).map_err(malformed)?;
            rows.retain(|row| match compare_key(&terms, row, &keys) {
                Ordering::Less => false,
                Ordering::Equal => flags.inclusive,
                Ordering::Greater => true,
            });
        }
        sort(&Order { terms }, &mut rows);
        rows.truncate(self.limit + 1);
        self.page_of(rows, total)
    }
}

/// Sorts rows as a page does.
pub(super) fn sort<T: Keyset>(order: &Order, rows: &mut [T]) {
    rows.sort_by(|one, other| compare(&order.terms, one, other));
}

/// The number of rows that are at hand, as far as `totals` tells it.
pub(super) fn count(rows: u64, totals: Totals) -> Total {
    match totals {
        Totals::Capped(most) if rows > most => Total::AtLeast(most),
        _ => Total::Exact(rows),
    }
}

fn compare<T: Keyset>(terms: &[Term], one: &T, other: &T) -> Ordering {
    let by = |term: &Term| {
        let field = &T::FIELDS[term.field];
        match ((field.is_null)(one), (field.is_null)(other)) {
            (false, false) => directed(term.direction, (field.compare)(one, other)),
            (one, other) => nulls(term.nulls, one, other),
        }
    };
    terms
        .iter()
        .map(by)
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare_key<T: Keyset>(terms: &[Term], row: &T, keys: &[KeyReader<'_>]) -> Ordering {
    let by = |(term, key): (&Term, &KeyReader<'_>)| {
        let field = &T::FIELDS[term.field];
        let key_is_null = field.nullable && key.next_is_null();
        match ((field.is_null)(row), key_is_null) {
            (false, false) => {
                let order = (field.compare_key)(row, &mut key.clone());
                // The cursor was checked when it was opened.
                directed(term.direction, order.unwrap_or(Ordering::Less))
            }
            (row, key) => nulls(term.nulls, row, key),
        }
    };
    terms
        .iter()
        .zip(keys)
        .map(by)
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn directed(direction: Direction, order: Ordering) -> Ordering {
    match direction {
        Direction::Asc => order,
        Direction::Desc => order.reverse(),
    }
}

fn nulls(nulls: Nulls, one: bool, other: bool) -> Ordering {
    match nulls {
        Nulls::First => other.cmp(&one),
        Nulls::Last => one.cmp(&other),
    }
}
