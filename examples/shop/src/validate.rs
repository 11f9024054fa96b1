//! Checks of what clients send. Every mistake of a body is collected before it is refused.

use std::ops::RangeInclusive;

use api_patterns::problem::{FieldError, Problem};

/// What a client sends to have something made.
pub(crate) trait Validate {
    /// Notes everything that is wrong.
    fn validate(&self, checks: &mut Checks);
}

/// The mistakes found so far.
pub(crate) struct Checks {
    base: String,
    errors: Vec<FieldError>,
}

/// Checks one value; `base` is the JSON pointer to it in the body.
///
/// # Errors
/// A 422 problem with everything that is wrong.
pub(crate) fn check(value: &impl Validate, base: &str) -> Result<(), Problem> {
    let mut checks = Checks { base: base.to_owned(), errors: Vec::new() };
    value.validate(&mut checks);
    if checks.errors.is_empty() { Ok(()) } else { Err(invalid(checks.errors)) }
}

/// The 422 problem of a body whose JSON is well-formed and whose values are not allowed.
pub(crate) fn invalid(errors: Vec<FieldError>) -> Problem {
    Problem::unprocessable("the body has values that are not allowed")
        .code("invalid_body")
        .errors(errors)
}

impl Checks {
    /// Notes that the member `name` must be `allowed`.
    pub(crate) fn fail(&mut self, name: &str, allowed: impl std::fmt::Display) {
        let pointer = format!("{}/{name}", self.base);
        self.errors.push(FieldError::pointer(pointer, format!("must be {allowed}")));
    }

    /// Text of so many characters, without NUL, which PostgreSQL cannot store.
    pub(crate) fn text(&mut self, name: &str, text: &str, length: RangeInclusive<usize>) {
        let (shortest, longest) = (length.start(), length.end());
        // Bytes first: counting the characters of a text that is far too long is wasted work.
        if text.len() > longest * 4 || !length.contains(&text.chars().count()) {
            self.fail(name, format_args!("{shortest} to {longest} characters long"));
        }
        if text.contains('\0') {
            self.fail(name, "free of the character U+0000");
        }
    }

    /// As [`text`](Self::text), and not only white space.
    pub(crate) fn name(&mut self, name: &str, text: &str, longest: usize) {
        self.text(name, text, 1..=longest);
        if !text.is_empty() && text.trim().is_empty() {
            self.fail(name, "more than white space");
        }
    }

    /// A number within bounds.
    pub(crate) fn range<N: PartialOrd + std::fmt::Display>(&mut self, name: &str, number: N, bounds: RangeInclusive<N>) {
        if !bounds.contains(&number) {
            self.fail(name, format_args!("from {} to {}", bounds.start(), bounds.end()));
        }
    }
}
