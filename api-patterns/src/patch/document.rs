//! The document that a patch is about: the JSON of the resource.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::read::Asked;
use super::schema::Patch;
use crate::problem::{FieldError, Problem};

/// The members of the resource.
pub(super) fn of<T: Patch>(current: &T) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(current).map_err(Problem::internal)? {
        Value::Object(members) => Ok(members),
        _ => Err(Problem::internal(format!(
            "`{}` is not an object in JSON, so it has no members to patch",
            std::any::type_name::<T>(),
        ))),
    }
}

/// 400: there is nothing in the patch.
pub(super) fn empty() -> Problem {
    Problem::bad_request("the patch is empty: there is nothing to change").code("empty_patch")
}

/// The same as an error of a part of a body.
pub(super) fn nothing() -> FieldError {
    FieldError::pointer("", "is empty: there is nothing to change").code("empty_patch")
}

pub(super) fn not_an_object(found: &Value) -> FieldError {
    let detail = format!("expected an object, found {}", kind(found));
    FieldError::pointer("", detail).code("invalid")
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The value as it is when it was written and read again. Unless a feature of serde_json is on, a
/// number of 16 or 17 digits may then be its neighbour, and that is what a client's copy of it is.
pub(super) fn reread(value: &impl Serialize) -> Option<Value> {
    serde_json::from_str(&serde_json::to_string(value).ok()?).ok()
}

/// Equal as RFC 6902 §4.6 has it: numbers by their value, objects in any order.
pub(super) fn is_equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => is_same_number(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let has =
                |name: &String, value| b.get(name).is_some_and(|found| is_equal(value, found));
            a.len() == b.len() && a.iter().all(|(name, value)| has(name, value))
        }
        _ => a == b,
    }
}

fn is_same_number(a: &Number, b: &Number) -> bool {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => a == b,
        (None, None) => a == b || a.as_f64() == b.as_f64() || is_copy(a, b),
        _ => false,
    }
}

/// Whether `b` is what a client sends that repeats the `a` of the document.
fn is_copy(a: &Number, b: &Number) -> bool {
    reread(a).is_some_and(|a| a.as_f64() == b.as_f64())
}

/// The value of a number that is whole, however it is written.
fn integer(number: &Number) -> Option<i128> {
    let exact = number.as_i64().map(i128::from);
    exact
        .or_else(|| number.as_u64().map(i128::from))
        .or_else(|| {
            let value = number.as_f64()?;
            // Beyond this all are whole, and the nearest integers need not be told apart.
            (value.fract() == 0.0 && value.abs() < 1e30).then_some(value as i128)
        })
}

/// New values of members, as far as they differ from the current ones.
pub(super) struct Changed<'a, T: Patch> {
    resource: &'a T,
    current: &'a Map<String, Value>,
    changes: T::Changes,
}

impl<'a, T: Patch> Changed<'a, T> {
    pub(super) fn new(resource: &'a T, current: &'a Map<String, Value>) -> Self {
        Self {
            resource,
            current,
            changes: T::Changes::default(),
        }
    }

    /// Replaces the member of this index.
    pub(super) fn replace(&mut self, member: usize, value: &Value) -> Result<(), Vec<FieldError>> {
        self.read(member, value, value, None)
    }

    /// Changes a part of the member of this index. `named` is the value with the nulls that a merge
    /// patch has for what it removes.
    pub(super) fn change(
        &mut self,
        member: usize,
        value: &Value,
        named: &Value,
    ) -> Result<(), Vec<FieldError>> {
        self.read(member, value, named, Some(self.resource))
    }

    fn read(
        &mut self,
        member: usize,
        value: &Value,
        named: &Value,
        kept_of: Option<&T>,
    ) -> Result<(), Vec<FieldError>> {
        let asked = Asked {
            value,
            named,
            current: self.current.get(T::members()[member].name()),
            kept_of,
        };
        T::read(member, &asked, &mut self.changes)
    }

    pub(super) fn into_changes(self) -> T::Changes {
        self.changes
    }
}
