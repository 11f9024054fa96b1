//! What `#[derive(Patch)]` calls.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{is_equal, reread};
use super::ignored;
use crate::problem::{FieldError, read_value};

/// A new value that is asked for.
pub struct Asked<'a, T> {
    /// The JSON to read.
    pub value: &'a Value,
    /// The same with the nulls that a merge patch has for what it removes.
    pub named: &'a Value,
    /// The JSON of the current value, where there is one.
    pub current: Option<&'a Value>,
    /// The resource, where it is known and what is not named in the value is to stay.
    pub kept_of: Option<&'a T>,
}

/// Reads a new value; `None` where it is the current one. `is_same` compares the field of a resource
/// with what was read of its JSON, if their type can be compared.
///
/// Compared as JSON after it was read, so that another spelling of the same value is no change.
pub fn read<W: Serialize + DeserializeOwned, T>(
    asked: &Asked<'_, T>,
    is_same: impl FnOnce(&W, &T) -> Option<bool>,
) -> Result<Option<W>, Vec<FieldError>> {
    let new = read_value::<W>(asked.value)?;
    let written = serde_json::to_value(&new).ok();
    if let Some(written) = &written {
        let errors = ignored::find::<W, T>(asked, written);
        if !errors.is_empty() {
            return Err(errors);
        }
    }
    // A member that the type leaves out where it is null is null.
    let current = asked.current.unwrap_or(&Value::Null);
    if written.as_ref() == Some(current) || written == reread(current) {
        return Ok(None);
    }
    match asked.kept_of {
        Some(resource) if is_lossy(current, resource, is_same) => Err(vec![indivisible()]),
        _ => Ok(Some(new)),
    }
}

/// Whether the current value does not come back from its JSON, so that a change of a part of it
/// would lose the rest.
fn is_lossy<W: Serialize + DeserializeOwned, T>(
    current: &Value,
    resource: &T,
    is_same: impl FnOnce(&W, &T) -> Option<bool>,
) -> bool {
    // What is not acceptable as it is now may be mended by a patch.
    let Ok(again) = W::deserialize(current) else {
        return false;
    };
    let is_same = is_same(&again, resource).or_else(|| {
        let written = serde_json::to_value(&again).ok()?;
        Some(is_kept(current, &written))
    });
    is_same == Some(false)
}

/// Whether no member is lost. What an array has beside objects need not be compared, and cannot: a
/// set has an order of its own each time.
pub(super) fn is_kept(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .all(|(name, before)| after.get(name).is_some_and(|after| is_kept(before, after))),
        (Value::Array(before), Value::Array(after)) => {
            let is_kept = |(before, after): (&Value, &Value)| {
                !(before.is_object() || before.is_array()) || is_kept(before, after)
            };
            before.len() == after.len() && before.iter().zip(after).all(is_kept)
        }
        _ => is_equal(before, after),
    }
}

fn indivisible() -> FieldError {
    let detail = "cannot be changed in part, since it holds more than is shown; a JSON Patch can \
                  replace it as a whole";
    FieldError::pointer("", detail).code("indivisible")
}

/// Two values, of which [`ByValue`] and [`Incomparable`] tell whether they are the same: the first
/// where the type has `PartialEq`, which a method of a reference is found before.
#[derive(Debug)]
pub struct Pair<'a, V>(pub &'a V, pub &'a V);

/// The pair of a type that can be compared.
pub trait ByValue {
    /// Whether both are equal.
    fn is_same(&self) -> Option<bool>;
}

impl<V: PartialEq> ByValue for Pair<'_, V> {
    fn is_same(&self) -> Option<bool> {
        Some(self.0 == self.1)
    }
}

/// The pair of any other type.
pub trait Incomparable {
    /// Not known.
    fn is_same(&self) -> Option<bool>;
}

impl<V> Incomparable for &Pair<'_, V> {
    fn is_same(&self) -> Option<bool> {
        None
    }
}
