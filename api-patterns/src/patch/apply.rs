//! Applies the operations of a JSON Patch, with bounds that the library below does not have.

use json_patch::PatchErrorKind;
use json_patch::jsonptr::Pointer;
use serde_json::Value;

use super::document::is_equal;
use super::operation::{Action, Operation};
use crate::problem::{FieldError, Problem, shown};

/// Levels below which nothing is put: what serde_json reads again.
const MAX_DEPTH: usize = 127;
/// Bytes of memory, estimated, that all `copy` operations of a patch may add.
const MAX_COPIED: usize = 1024 * 1024;
/// Values that may be looked at or moved aside in all.
const MAX_WORK: usize = 16 * 1024 * 1024;

/// Applies all operations, or leaves the document in between and tells which one failed.
pub(super) fn apply(document: &mut Value, operations: &[Operation<'_>]) -> Result<(), Problem> {
    let mut meter = Meter::new();
    for (nth, operation) in operations.iter().enumerate() {
        let applied = meter
            .allow(document, operation)
            .and_then(|()| one(document, operation));
        applied.map_err(|failure| failure.problem(nth, operation))?;
    }
    Ok(())
}

fn one(document: &mut Value, operation: &Operation<'_>) -> Result<(), Failure> {
    if let Action::Test(expected) = operation.action {
        // The library takes 1 and 1.0 for different numbers.
        let found = document.pointer(operation.path.as_str());
        return match found.ok_or(Failure::NoPath)? {
            found if is_equal(found, expected) => Ok(()),
            _ => Err(Failure::Test),
        };
    }
    let operation = operation.to_library();
    json_patch::patch_unsafe(document, std::slice::from_ref(&operation)).map_err(
        |error| match error.kind {
            PatchErrorKind::InvalidFromPointer => Failure::NoFrom,
            PatchErrorKind::CannotMoveInsideItself => Failure::IntoItself,
            _ => Failure::NoPath,
        },
    )
}

/// Why an operation cannot be applied.
enum Failure {
    Test,
    NoPath,
    NoFrom,
    IntoItself,
    TooDeep,
    TooLarge,
}

impl Failure {
    fn problem(&self, nth: usize, operation: &Operation<'_>) -> Problem {
        let path = place(operation.path);
        let from = operation.from().map(place).unwrap_or_default();
        match self {
            Self::Test => conflict(
                "patch_test_failed",
                nth,
                "",
                format!("{path} has another value"),
            ),
            Self::NoPath => missing(nth, "/path", &path),
            Self::NoFrom => missing(nth, "/from", &from),
            Self::IntoItself => {
                let detail = format!("{from} cannot be moved into itself");
                refused("invalid_body", nth, "/path", detail)
            }
            Self::TooDeep => {
                let detail = format!("would make the document deeper than {MAX_DEPTH} levels");
                refused("patch_too_deep", nth, "", detail)
            }
            Self::TooLarge => {
                let detail = "the patch copies or moves more than is allowed".to_owned();
                refused("patch_too_large", nth, "", detail)
            }
        }
    }
}

fn place(pointer: &Pointer) -> String {
    match pointer.as_str() {
        "" => "the whole document".to_owned(),
        pointer => format!("`{}`", shown(pointer)),
    }
}

/// 409: the patch does not fit the state of the resource (RFC 5789 §2.2).
fn conflict(code: &'static str, nth: usize, member: &str, detail: String) -> Problem {
    describe(Problem::conflict(""), code, nth, member, detail)
}

fn missing(nth: usize, member: &str, path: &str) -> Problem {
    let detail = format!("there is nothing at {path}, or no place for it");
    conflict("patch_path_missing", nth, member, detail)
}

fn refused(code: &'static str, nth: usize, member: &str, detail: String) -> Problem {
    describe(Problem::unprocessable(""), code, nth, member, detail)
}

fn describe(
    problem: Problem,
    code: &'static str,
    nth: usize,
    member: &str,
    detail: String,
) -> Problem {
    problem
        .code(code)
        .detail(format!("operation {nth}: {detail}"))
        .extension("operation", nth)
        .error(FieldError::pointer(format!("/{nth}{member}"), detail).code(code))
}

/// What is left of the bounds.
struct Meter {
    copied: usize,
    work: usize,
}

/// What a value is, as far as the bounds need it.
#[derive(Default)]
struct Extent {
    depth: usize,
    bytes: usize,
}

impl Meter {
    fn new() -> Self {
        Self {
            copied: MAX_COPIED,
            work: MAX_WORK,
        }
    }

    fn allow(&mut self, document: &Value, operation: &Operation<'_>) -> Result<(), Failure> {
        let placed = match operation.action {
            Action::Add(value) | Action::Replace(value) => Some(value),
            Action::Copy(from) | Action::Move(from) => document.pointer(from.as_str()),
            Action::Remove | Action::Test(_) => None,
        };
        for pointer in [Some(operation.path), operation.from()]
            .into_iter()
            .flatten()
        {
            self.spend(shifted(document, pointer))?;
        }
        let Some(value) = placed else { return Ok(()) };
        let extent = self.measure(value)?;
        if operation.path.count() + extent.depth > MAX_DEPTH {
            return Err(Failure::TooDeep);
        }
        if matches!(operation.action, Action::Copy(_)) {
            let left = self.copied.checked_sub(extent.bytes);
            self.copied = left.ok_or(Failure::TooLarge)?;
        }
        Ok(())
    }

    fn spend(&mut self, work: usize) -> Result<(), Failure> {
        self.work = self.work.checked_sub(work).ok_or(Failure::TooLarge)?;
        Ok(())
    }

    fn measure(&mut self, value: &Value) -> Result<Extent, Failure> {
        self.spend(1)?;
        let mut extent = Extent {
            depth: 0,
            bytes: size_of::<Value>(),
        };
        match value {
            Value::String(text) => extent.bytes += text.len(),
            Value::Array(values) => {
                for value in values {
                    extent.add(self.measure(value)?);
                }
                extent.depth += 1;
            }
            Value::Object(members) => {
                for (name, value) in members {
                    extent.add(self.measure(value)?);
                    extent.bytes += size_of::<String>() + name.len();
                }
                // A map has room for several members from the first one on.
                extent.bytes += if members.is_empty() { 0 } else { 512 };
                extent.depth += 1;
            }
            _ => {}
        }
        Ok(extent)
    }
}

impl Extent {
    fn add(&mut self, part: Self) {
        self.depth = self.depth.max(part.depth);
        self.bytes = self.bytes.saturating_add(part.bytes);
    }
}

/// Elements that make room where an array gains or loses one.
fn shifted(document: &Value, pointer: &Pointer) -> usize {
    let parent = pointer.parent().map(Pointer::as_str);
    let array = parent.and_then(|parent| document.pointer(parent)?.as_array());
    array.map_or(0, Vec::len)
}
