//! From the query string to typed conditions.

use std::sync::Arc;

use super::condition::Operand;
use super::invalid::{Invalid, Invalids};
use super::list::split_list;
use super::{Condition, FieldSpec, Filter, Filters, Op};
use crate::problem::Problem;
use crate::query::{QueryString, shorten};

/// Most conditions of one request.
pub(super) const MAX_CONDITIONS: usize = 20;
/// Most values of one `in` list.
pub(super) const MAX_VALUES: usize = 100;
/// Most values of all `in` lists of a request: each is bound once per part of a keyset statement,
/// and SQLite takes 32,766 in one statement.
pub(super) const MAX_LISTED: usize = 200;
/// Most words of a search: each is looked for in every search column.
pub(super) const MAX_WORDS: usize = 10;
/// Longest value, in bytes.
pub(super) const MAX_BYTES: usize = 1024;

/// What paging and sorting read from the same query string. The derive refuses these names.
const PAGING: [&str; 11] = [
    "cursor",
    "limit",
    "sort",
    "include_total",
    "page",
    "page_size",
    "offset",
    "first",
    "after",
    "last",
    "before",
];

/// Reads every parameter, so that all mistakes are reported at once.
pub(super) fn parse<T: Filter>(query: &QueryString<'_>) -> Result<Filters<T>, Problem> {
    let mut filters = Filters::default();
    let mut seen = Vec::new();
    let mut invalids = Invalids::default();
    for (name, text) in query.iter().filter(|(name, _)| !is_skipped::<T>(name)) {
        let parsed = target::<T>(name)
            .and_then(|target| claim(target, &mut seen))
            .and_then(|target| apply(target, text, &mut filters));
        if let Err(invalid) = parsed {
            invalids.add(name, invalid);
        }
    }
    invalids.into_result().map(|()| filters)
}

fn is_skipped<T: Filter>(name: &str) -> bool {
    PAGING.contains(&name) || T::ignored().contains(&name)
}

/// What a parameter name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Search,
    Field(usize, Op),
}

fn target<T: Filter>(name: &str) -> Result<Target, Invalid> {
    if T::search().is_some_and(|search| search.param() == name) {
        return Ok(Target::Search);
    }
    let (field_name, op_name) = match name.split_once('[') {
        Some((field, rest)) => (field, rest.strip_suffix(']')),
        None => (name, Some(Op::Eq.as_str())),
    };
    let found = T::fields()
        .iter()
        .position(|field| field.name() == field_name);
    let (Some(index), Some(op_name)) = (found, op_name) else {
        return Err(unknown_filter::<T>());
    };
    let operators = T::fields()[index].operators();
    match Op::from_name(op_name).filter(|op| operators.contains(op)) {
        Some(op) => Ok(Target::Field(index, op)),
        None => Err(operator_not_allowed(&T::fields()[index], op_name)),
    }
}

fn unknown_filter<T: Filter>() -> Invalid {
    let names = T::fields().iter().map(FieldSpec::name);
    let names = names.chain(T::search().map(|search| search.param()));
    Invalid::new(
        "unknown_filter",
        format!("unknown filter; allowed: {}", quoted(names)),
    )
}

fn operator_not_allowed(field: &FieldSpec, op_name: &str) -> Invalid {
    let allowed = field.operators().iter().map(|op| op.as_str());
    Invalid::new(
        "operator_not_allowed",
        format!(
            "`{}` cannot be filtered with the operator `{}`; allowed: {}",
            field.name(),
            shorten(op_name),
            quoted(allowed)
        ),
    )
}

fn quoted(names: impl Iterator<Item = &'static str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Two spellings of one condition, `id=1` and `id[eq]=1`, are duplicates as well.
fn claim(target: Target, seen: &mut Vec<Target>) -> Result<Target, Invalid> {
    if seen.contains(&target) {
        return Err(Invalid::new("duplicate_parameter", "given more than once"));
    }
    seen.push(target);
    Ok(target)
}

fn apply<T: Filter>(target: Target, text: &str, filters: &mut Filters<T>) -> Result<(), Invalid> {
    match target {
        Target::Search => filters.words = words(text)?,
        Target::Field(field, op) => {
            let condition = condition(field, op, text)?;
            if filters.conditions.len() == MAX_CONDITIONS {
                return Err(Invalid::new(
                    "too_many_filters",
                    format!("more than {MAX_CONDITIONS} filters"),
                ));
            }
            check_listed(&condition, &filters.conditions)?;
            filters.conditions.push(condition);
        }
    }
    Ok(())
}

fn check_listed<T: Filter>(
    condition: &Condition<T>,
    earlier: &[Condition<T>],
) -> Result<(), Invalid> {
    let lists = earlier.iter().chain([condition]);
    let lists = lists.filter(|condition| condition.op == Op::In);
    let listed: usize = lists.map(|condition| condition.texts.len()).sum();
    if condition.op == Op::In && listed > MAX_LISTED {
        return Err(Invalid::new(
            "too_many_values",
            format!("all lists together have at most {MAX_LISTED} values"),
        ));
    }
    Ok(())
}

fn words(text: &str) -> Result<Vec<String>, Invalid> {
    check_text(text)?;
    let words: Vec<_> = text
        .split_whitespace()
        .map(str::to_owned)
        .take(MAX_WORDS + 1)
        .collect();
    if words.len() > MAX_WORDS {
        return Err(Invalid::new(
            "too_many_words",
            format!("a search has at most {MAX_WORDS} words"),
        ));
    }
    Ok(words)
}

fn condition<T: Filter>(field: usize, op: Op, text: &str) -> Result<Condition<T>, Invalid> {
    let texts = match op {
        Op::In => split_list(text, MAX_VALUES)?,
        _ => vec![text.to_owned()],
    };
    texts.iter().try_for_each(|text| check_text(text))?;
    let operand = match op {
        Op::Like => Operand::Text(text.to_owned()),
        Op::IsNull => Operand::Null(
            text.parse()
                .map_err(|_| wrong_type(text, "`true` or `false`"))?,
        ),
        _ => Operand::Values(values::<T>(field, &texts)?),
    };
    Ok(Condition {
        field,
        op,
        texts,
        operand,
    })
}

fn values<T: Filter>(field: usize, texts: &[String]) -> Result<Arc<[T::Value]>, Invalid> {
    let parse = |text: &String| {
        T::parse_value(field, text).ok_or_else(|| wrong_type(text, T::fields()[field].type_name()))
    };
    texts.iter().map(parse).collect()
}

fn wrong_type(text: &str, expected: &str) -> Invalid {
    Invalid::new(
        "invalid_value",
        format!("`{}` is not valid; expected: {expected}", shorten(text)),
    )
}

fn check_text(text: &str) -> Result<(), Invalid> {
    if text.len() > MAX_BYTES {
        let detail = format!(
            "a value has {} bytes; at most {MAX_BYTES} are allowed",
            text.len()
        );
        return Err(Invalid::new("value_too_long", detail));
    }
    // PostgreSQL cannot store it, so nothing could match.
    if text.contains('\0') {
        return Err(Invalid::new(
            "invalid_value",
            "a value cannot contain the NUL character",
        ));
    }
    Ok(())
}
