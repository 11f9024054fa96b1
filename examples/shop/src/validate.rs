//! Checks that several models share. Each notes what is wrong and goes on.

use std::fmt::Display;
use std::ops::RangeInclusive;

use api_patterns::problem::FieldErrors;

/// Text of so many characters, without NUL, which PostgreSQL cannot store.
pub(crate) fn text(
    errors: &mut FieldErrors,
    name: &str,
    text: &str,
    length: RangeInclusive<usize>,
) {
    let (shortest, longest) = (length.start(), length.end());
    let detail = format!("must be {shortest} to {longest} characters long");
    errors.check(name, length.contains(&text.chars().count()), detail);
    errors.check(
        name,
        !text.contains('\0'),
        "must not contain the character U+0000",
    );
}

/// Text that says something: neither empty nor white space alone.
pub(crate) fn name(errors: &mut FieldErrors, name: &str, value: &str, longest: usize) {
    text(errors, name, value, 1..=longest);
    let blank = !value.is_empty() && value.trim().is_empty();
    errors.check(name, !blank, "must be more than white space");
}

/// A number within bounds.
pub(crate) fn range<N: PartialOrd + Display>(
    errors: &mut FieldErrors,
    name: &str,
    number: N,
    bounds: RangeInclusive<N>,
) {
    let detail = format!("must be from {} to {}", bounds.start(), bounds.end());
    errors.check(name, bounds.contains(&number), detail);
}
