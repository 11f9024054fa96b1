//! The order of one request: the client's fields from the whitelist, made total by the unique ones.

use super::keyset::{Field, Keyset, Nulls};
use crate::problem::Problem;
use crate::query::{invalid_parameter, shorten};

/// Most fields that a client may sort by at once: each adds an arm to the statement.
pub(super) const MAX_TERMS: usize = 5;

/// Up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Small values first.
    Asc,
    /// Large values first.
    Desc,
}

impl Direction {
    pub(super) fn reversed(self) -> Self {
        match self {
            Self::Asc => Self::Desc,
            Self::Desc => Self::Asc,
        }
    }
}

/// One field of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) field: usize,
    pub(super) direction: Direction,
    pub(super) nulls: Nulls,
}

impl Term {
    pub(super) fn reversed(self) -> Self {
        Self {
            field: self.field,
            direction: self.direction.reversed(),
            nulls: match self.nulls {
                Nulls::First => Nulls::Last,
                Nulls::Last => Nulls::First,
            },
        }
    }
}

/// A total order: no two rows are equal in it, because the unique fields are part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) terms: Vec<Term>,
}

impl Order {
    /// The order of the client, or the default one.
    ///
    /// # Errors
    /// A 400 problem that names the allowed fields.
    pub(super) fn of<T: Keyset>(sort: Option<&str>) -> Result<Self, Problem> {
        match sort {
            None => Ok(Self::default_of::<T>()),
            Some(sort) => {
                Self::parse::<T>(sort).map_err(|detail| invalid_parameter("sort", detail))
            }
        }
    }

    /// The order when the client names none.
    fn default_of<T: Keyset>() -> Self {
        Self::complete::<T>(T::DEFAULT.iter().copied())
    }

    /// The order of `?sort=-price_cents,name`.
    ///
    /// # Errors
    /// A sentence that names what is wrong and which fields are allowed.
    fn parse<T: Keyset>(sort: &str) -> Result<Self, String> {
        let mut terms: Vec<(usize, Direction)> = Vec::new();
        for part in sort.split(',') {
            if terms.len() == MAX_TERMS {
                return Err(format!("more than {MAX_TERMS} fields"));
            }
            let (name, direction) = match part.strip_prefix('-') {
                Some(name) => (name, Direction::Desc),
                None => (part, Direction::Asc),
            };
            let field = T::FIELDS
                .iter()
                .position(|field| field.sortable && field.name == name)
                .ok_or_else(|| unknown::<T>(name))?;
            if terms.iter().any(|(seen, _)| *seen == field) {
                return Err(format!("`{name}` is named twice"));
            }
            terms.push((field, direction));
        }
        Ok(Self::complete::<T>(terms))
    }

    /// Appends the unique fields that are missing, in the direction of the first term. Terms
    /// after the last unique field cannot matter and are left out.
    fn complete<T: Keyset>(terms: impl IntoIterator<Item = (usize, Direction)>) -> Self {
        let mut named: Vec<(usize, Direction)> = terms.into_iter().collect();
        let appended = named
            .first()
            .map_or(Direction::Asc, |(_, direction)| *direction);
        for &field in T::UNIQUE {
            if named.iter().all(|(seen, _)| *seen != field) {
                named.push((field, appended));
            }
        }
        let is_unique = |(field, _): &(usize, Direction)| T::UNIQUE.contains(field);
        let end = named.iter().rposition(is_unique).map_or(0, |last| last + 1);
        let mut missing = T::UNIQUE.len();
        let total = named.iter().take_while(|term| {
            let wanted = missing > 0;
            missing -= usize::from(wanted && is_unique(term));
            wanted
        });
        let terms = total
            .take(end)
            .map(|&(field, direction)| Term {
                field,
                direction,
                nulls: T::FIELDS[field].nulls,
            })
            .collect();
        Self { terms }
    }

    /// The terms in the direction in which rows are read.
    pub(super) fn scan(&self, backward: bool) -> Vec<Term> {
        let flip = |term: &Term| if backward { term.reversed() } else { *term };
        self.terms.iter().map(flip).collect()
    }

    /// The order in words that do not change between releases.
    pub(super) fn describe<T: Keyset>(&self) -> String {
        let mut text = String::new();
        for term in &self.terms {
            let direction = if term.direction == Direction::Asc {
                '+'
            } else {
                '-'
            };
            let nulls = if term.nulls == Nulls::First { '<' } else { '>' };
            text.push(direction);
            text.push(nulls);
            text.push_str(T::FIELDS[term.field].name);
        }
        text
    }
}

fn unknown<T: Keyset>(name: &str) -> String {
    let allowed: Vec<_> = T::FIELDS
        .iter()
        .filter(|field| field.sortable)
        .map(Field::name)
        .collect();
    match (allowed.is_empty(), name.is_empty()) {
        (true, _) => "this collection has one order and cannot be sorted".to_owned(),
        (_, true) => format!(
            "an empty field name; allowed are {}, each with an optional `-` before it",
            allowed.join(", ")
        ),
        _ => format!(
            "cannot sort by `{}`; allowed are {}, each with an optional `-` before it",
            shorten(name),
            allowed.join(", ")
        ),
    }
}
