//! The document that a patch is about: the JSON of the resource.

use serde::Serialize;
use serde_json::{Map, Value};

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

/// New values of members, as far as they differ from the current ones.
pub(super) struct Changed<'a, T: Patch> {
    current: &'a Map<String, Value>,
    changes: T::Changes,
}

impl<'a, T: Patch> Changed<'a, T> {
    pub(super) fn new(current: &'a Map<String, Value>) -> Self {
        Self {
            current,
            changes: T::Changes::default(),
        }
    }

    /// Sets the member of this index.
    pub(super) fn set(&mut self, member: usize, value: &Value) -> Result<(), Vec<FieldError>> {
        let current = self.current.get(T::members()[member].name());
        T::read(member, value, current, &mut self.changes)
    }

    pub(super) fn into_changes(self) -> T::Changes {
        self.changes
    }
}
