//! JSON Patches.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::apply;
use super::document::{self, Changed};
use super::found::Found;
use super::operation::{self, Action, Operation};
use super::schema::{self, MemberSpec, Patch};
use super::unique::Unique;
use crate::problem::{FieldError, FieldErrors, Problem, Validate, push_segment, refuse};

/// A JSON Patch for a `T` ([RFC 6902]): operations that are applied in order, all or none.
///
/// The document is the JSON of the current value with all its members, so that `test` works on
/// immutable ones too. It is `Deserialize` and [`Validate`] as [`MergePatch`](super::MergePatch) is.
///
/// At most 256 operations, pointers of at most 4096 bytes; `copy` adds at most 1 MiB in all, and
/// nothing is put below 127 levels.
///
/// # Example
#[cfg_attr(feature = "macros", doc = "```")]
#[cfg_attr(not(feature = "macros"), doc = "```ignore")]
/// use api_patterns::patch::{Field, JsonPatch, Patch};
///
/// #[derive(serde::Serialize, Patch)]
/// struct Product { #[patch(immutable)] id: i64, name: String, rating: Option<f64> }
///
/// let current = Product { id: 7, name: "Lamp".to_owned(), rating: Some(8.5) };
/// let patch: JsonPatch<Product> = serde_json::from_str(
///     r#"[{"op": "test", "path": "/id", "value": 7}, {"op": "remove", "path": "/rating"}]"#,
/// )?;
/// let changes = patch.changes(&current).expect("the test succeeds");
/// assert_eq!(changes.rating, Field::Value(None));
///
/// let patch: JsonPatch<Product> = serde_json::from_str(
///     r#"[{"op": "test", "path": "/name", "value": "Chair"}, {"op": "remove", "path": "/rating"}]"#,
/// )?;
/// let problem = patch.changes(&current).err().expect("the test fails");
/// assert_eq!((problem.status().as_u16(), problem.get_code()), (409, Some("patch_test_failed")));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Example: a document without a type
/// ```
/// use api_patterns::patch::JsonPatch;
/// use serde_json::json;
///
/// let operations = json!([{"op": "move", "from": "/a", "path": "/b"}]);
/// let patch: JsonPatch = serde_json::from_value(operations)?;
/// assert_eq!(patch.apply(json!({"a": 1})).ok(), Some(json!({"b": 1})));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [RFC 6902]: https://www.rfc-editor.org/rfc/rfc6902
pub struct JsonPatch<T = Value> {
    patch: Value,
    target: PhantomData<fn(&T)>,
}

impl<T> JsonPatch<T> {
    fn new(patch: Value) -> Self {
        Self {
            patch,
            target: PhantomData,
        }
    }

    /// Whether it has no operations.
    pub fn is_empty(&self) -> bool {
        self.patch.as_array().is_some_and(Vec::is_empty)
    }

    fn operations(&self) -> Result<Vec<Operation<'_>>, Problem> {
        operation::read(&self.patch).or_else(|errors| refuse(errors, 0).map(|()| Vec::new()))
    }
}

impl JsonPatch<Value> {
    /// The document after all operations.
    ///
    /// # Errors
    /// As [`changes`](JsonPatch::changes), without what is said there of members.
    pub fn apply(&self, mut document: Value) -> Result<Value, Problem> {
        apply::apply(&mut document, &self.operations()?)?;
        Ok(document)
    }
}

impl<T: Patch> JsonPatch<T> {
    /// What the patch changes of `current`: only fields whose value becomes another one.
    ///
    /// # Errors
    /// * 400 `empty_patch`;
    /// * 409 `patch_test_failed` where a `test` finds another value, and `patch_path_missing` where
    ///   there is nothing to test, replace, remove, move or copy; `errors` names the operation;
    /// * 422 `patch_too_large`, `patch_too_deep`;
    /// * 422 `invalid_body` for what is not an operation, and where the result changes an immutable
    ///   member, has an unknown one, or lacks or has a wrong value of another one. Each error points
    ///   at the operation that did it.
    pub fn changes(&self, current: &T) -> Result<T::Changes, Problem> {
        if self.is_empty() {
            return Err(document::empty());
        }
        let operations = self.operations()?;
        let resource = current;
        let current = document::of(resource)?;
        let mut patched = Value::Object(current.clone());
        apply::apply(&mut patched, &operations)?;
        let mut changed = Changed::new(resource, &current);
        let found = match &patched {
            Value::Object(patched) => compare(&operations, &current, patched, &mut changed),
            other => document::not_an_object(other).into(),
        };
        let blamed = found.errors.into_iter();
        refuse(blamed.map(|error| blame(&operations, error)), found.more)?;
        Ok(changed.into_changes())
    }
}

/// Reads every member that is not what it was; the errors are at pointers into the document.
fn compare<T: Patch>(
    operations: &[Operation<'_>],
    current: &Map<String, Value>,
    patched: &Map<String, Value>,
    changed: &mut Changed<'_, T>,
) -> Found {
    let mut found = Found::default();
    let written = patched.iter().map(|(name, value)| (name, Some(value)));
    let removed = current.keys().filter(|name| !patched.contains_key(*name));
    for (name, value) in written.chain(removed.map(|name| (name, None))) {
        let before = current.get(name);
        if before == value {
            continue;
        }
        match schema::find::<T>(name).filter(|(_, spec)| spec.is_mutable()) {
            Some((member, spec)) => {
                let is_part = || writes_within(operations, name);
                if let Err(errors) = set(member, spec, value, is_part, changed) {
                    found.in_member(name, || errors);
                }
            }
            None => found.in_member(name, || {
                let is_known = before.is_some() || schema::find::<T>(name).is_some();
                vec![schema::refusal::<T>(is_known)]
            }),
        }
    }
    found
}

/// Sets a member that may change.
fn set<T: Patch>(
    member: usize,
    spec: MemberSpec,
    value: Option<&Value>,
    is_part: impl FnOnce() -> bool,
    changed: &mut Changed<'_, T>,
) -> Result<(), Vec<FieldError>> {
    match value {
        Some(Value::Null) if !spec.is_nullable() => Err(vec![schema::not_nullable()]),
        None if !spec.is_nullable() => {
            Err(vec![schema::not_nullable().detail("cannot be removed")])
        }
        Some(value) if is_part() => changed.change(member, value, value),
        value => changed.replace(member, value.unwrap_or(&Value::Null)),
    }
}

/// Whether an operation writes to a part of this member, and so leaves the rest of it.
fn writes_within(operations: &[Operation<'_>], name: &str) -> bool {
    let mut member = String::new();
    push_segment(&mut member, name);
    let is_part = |place: &str| place != member && covers(&member, place);
    operations.iter().any(|operation| match operation.action {
        Action::Test(_) => false,
        Action::Move(from) if is_part(from.as_str()) => true,
        _ => is_part(operation.path.as_str()),
    })
}

/// The error at the last operation that wrote to its place in the document.
fn blame(operations: &[Operation<'_>], error: FieldError) -> FieldError {
    let place = error.get_place();
    let mut writers = operations.iter().enumerate().rev();
    let pointer = writers
        .find_map(|(nth, operation)| Some(format!("/{nth}{}", culprit(operation, place)?)))
        .unwrap_or_default();
    let detail = match place {
        "" => error.get_detail().to_owned(),
        place => format!("`{place}`: {}", error.get_detail()),
    };
    error.moved_to(pointer).detail(detail)
}

/// The part of an operation that wrote to a place, if one did.
fn culprit(operation: &Operation<'_>, place: &str) -> Option<String> {
    let path = operation.path.as_str();
    match operation.action {
        Action::Test(_) => None,
        Action::Add(_) | Action::Replace(_) if covers(path, place) => {
            Some(format!("/value{}", &place[path.len()..]))
        }
        _ if covers(path, place) || covers(place, path) => Some("/path".to_owned()),
        Action::Move(from) if covers(from.as_str(), place) || covers(place, from.as_str()) => {
            Some("/from".to_owned())
        }
        _ => None,
    }
}

/// Whether what is at `inner` is at `outer` or within it.
fn covers(outer: &str, inner: &str) -> bool {
    let rest = inner.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Refuses what can be refused without the current value.
impl<T: Patch> Validate for JsonPatch<T> {
    fn validate(&self, errors: &mut FieldErrors) {
        if self.is_empty() {
            errors.extend([document::nothing()], 0);
        }
        errors.extend(operation::read(&self.patch).err().unwrap_or_default(), 0);
    }
}

impl<'de, T> Deserialize<'de> for JsonPatch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Unique::deserialize(deserializer).map(|Unique(patch)| Self::new(patch))
    }
}

impl<T> Clone for JsonPatch<T> {
    fn clone(&self) -> Self {
        Self::new(self.patch.clone())
    }
}

impl<T> fmt::Debug for JsonPatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonPatch").field(&self.patch).finish()
    }
}
