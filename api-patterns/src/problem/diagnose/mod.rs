//! Finds **all** the data errors of a document, after serde has found that there is one.
//!
//! serde stops at the first error, since it cannot make a value without a part. Here the type is
//! deserialized again, for its errors only, through a deserializer that lies: where a value does
//! not fit, it writes that down and hands over a stand-in of the type that was asked for. What a
//! stand-in cannot mend (a missing member, a value that a type refuses by itself) ends the round;
//! the next one knows about it beforehand and gets further. The value at the end is thrown away.
//!
//! The cost is bounded by the number of errors, of rounds, and of values that are looked at in all
//! rounds together. Where a bound is reached, what was found so far is the answer.

mod access;
mod fault;
mod node;
mod pass;
mod variant;

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

use self::node::Input;
use self::pass::Pass;
use super::FieldError;
use super::pointer::push_segment;

/// Most errors that are listed.
pub(crate) const MAX_ERRORS: usize = 32;
/// Longest member name that is shown, in characters.
const MAX_NAME: usize = 128;

/// One step from the root of a document to a value in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step<'a> {
    Index(usize),
    Key(&'a str),
}

/// What is wrong with the value at the end of a path.
#[derive(Debug)]
struct Finding {
    code: &'static str,
    detail: Cow<'static, str>,
}

/// The errors of a JSON document that is not a `T`, in the order of their pointers.
/// May be empty, where serde's own message is all there is to say.
pub(super) fn of_json<T: DeserializeOwned>(document: &Value, bytes: usize) -> Vec<FieldError> {
    let pass = Pass::new(bytes);
    pass.run::<T>(Input::Json(document));
    pass.into_findings()
        .map(|(path, finding)| finding.at(pointer(&path)))
        .collect()
}

/// The errors of decoded `name=value` pairs that are not a `T`.
pub(super) fn of_pairs<T: DeserializeOwned>(pairs: &[(String, String)]) -> Vec<FieldError> {
    let bytes = pairs
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let pass = Pass::new(bytes);
    pass.run::<T>(Input::Pairs(pairs));
    let findings = pass.into_findings();
    findings
        .map(|(path, finding)| finding.of_parameter(&path))
        .collect()
}

impl Finding {
    fn at(self, pointer: String) -> FieldError {
        FieldError::pointer(pointer, self.detail).code(self.code)
    }

    fn of_parameter(self, path: &[Step<'_>]) -> FieldError {
        let name = match path.first() {
            Some(Step::Key(name)) => shown(name).into_owned(),
            Some(Step::Index(_)) | None => String::new(),
        };
        FieldError::parameter(name, self.detail).code(self.code)
    }
}

fn pointer(path: &[Step<'_>]) -> String {
    let mut pointer = String::new();
    for step in path {
        match step {
            Step::Index(index) => push_segment(&mut pointer, &index.to_string()),
            Step::Key(name) => push_segment(&mut pointer, &shown(name)),
        }
    }
    pointer
}

/// A client's text, cut where it is too long for an answer.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    cut(text, MAX_NAME)
}

fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
