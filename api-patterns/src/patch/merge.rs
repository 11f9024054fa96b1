//! Merge patches.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::document::{self, Changed};
use super::found::Found;
use super::read::Asked;
use super::schema::{self, Patch};
use super::unique::Unique;
use crate::problem::{FieldError, FieldErrors, Problem, Validate, refuse};

/// A merge patch for a `T` ([RFC 7396]): an object with the members to change, where null removes.
///
/// As a part of a larger body it is `Deserialize`, which takes any JSON without repeated names, and
/// [`Validate`], which tells every member that `T` does not take, at its pointer. A body that is a
/// patch as a whole is a [`PatchRequest`](super::PatchRequest).
///
/// Objects are merged with what the member holds now, at any depth, so whether the result fits is
/// known when [`changes`](Self::changes) knows the current value; everything else is known before.
///
/// # Example
#[cfg_attr(feature = "macros", doc = "```")]
#[cfg_attr(not(feature = "macros"), doc = "```ignore")]
/// use api_patterns::patch::{Field, MergePatch, Patch};
/// use api_patterns::problem::{Json, Problem, Validate};
///
/// #[derive(serde::Serialize, Patch)]
/// struct Product { #[patch(immutable)] id: i64, name: String, rating: Option<f64> }
///
/// #[derive(serde::Deserialize)]
/// struct Update { id: i64, data: MergePatch<Product> }
///
/// let body = br#"{"id": 7, "data": {"name": "lamp", "rating": null}}"#;
/// let Json(update) = Json::<Update>::from_bytes(body)?;
/// let current = Product { id: update.id, name: "Lamp".to_owned(), rating: None };
/// let changes = update.data.validated()?.changes(&current)?;
/// assert_eq!(changes.name, Field::Value("lamp".to_owned()));
/// assert!(changes.rating.is_absent());
/// # Ok::<(), Problem>(())
/// ```
///
/// # Example: a document without a type
/// ```
/// use api_patterns::patch::MergePatch;
/// use serde_json::json;
///
/// let patch: MergePatch = serde_json::from_value(json!({"a": {"b": null}, "c": 1}))?;
/// assert_eq!(patch.apply(json!({"a": {"b": 2, "d": 3}})), json!({"a": {"d": 3}, "c": 1}));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396
pub struct MergePatch<T = Value> {
    patch: Value,
    target: PhantomData<fn(&T)>,
}

impl<T> MergePatch<T> {
    fn new(patch: Value) -> Self {
        Self {
            patch,
            target: PhantomData,
        }
    }

    /// Whether it is an object without members, which asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.patch.as_object().is_some_and(Map::is_empty)
    }
}

impl MergePatch<Value> {
    /// The document after the patch; a patch that is no object is the new document (RFC 7396 §2).
    #[must_use]
    pub fn apply(&self, mut document: Value) -> Value {
        json_patch::merge(&mut document, &self.patch);
        document
    }
}

impl<T: Patch> MergePatch<T> {
    /// What the patch changes of `current`: only fields whose value becomes another one.
    ///
    /// # Errors
    /// 400 `empty_patch`; 422 `invalid_body` with all members that cannot be changed, are unknown, or
    /// whose new value is not acceptable, each at its pointer.
    pub fn changes(&self, current: &T) -> Result<T::Changes, Problem> {
        if self.is_empty() {
            return Err(document::empty());
        }
        let resource = current;
        let current = document::of(resource)?;
        let mut changed = Changed::new(resource, &current);
        let found = self.each(|member, name, value| {
            if !value.is_object() {
                return changed.replace(member, value);
            }
            let mut merged = current.get(name).cloned().unwrap_or_default();
            let mut named = merged.clone();
            json_patch::merge(&mut merged, value);
            name_all(&mut named, value);
            changed.change(member, &merged, &named)
        });
        refuse(found.errors, found.more)?;
        Ok(changed.into_changes())
    }

    /// Calls `read` for each member that may have a new value, and gathers the errors of all.
    fn each(
        &self,
        mut read: impl FnMut(usize, &str, &Value) -> Result<(), Vec<FieldError>>,
    ) -> Found {
        let Value::Object(members) = &self.patch else {
            return document::not_an_object(&self.patch).into();
        };
        let mut found = Found::default();
        for (name, value) in members {
            match schema::find::<T>(name) {
                None => found.in_member(name, || vec![schema::refusal::<T>(false)]),
                Some((_, spec)) if !spec.is_mutable() => {
                    found.in_member(name, || vec![schema::refusal::<T>(true)]);
                }
                Some((_, spec)) if value.is_null() && !spec.is_nullable() => {
                    found.in_member(name, || vec![schema::not_nullable()]);
                }
                Some((member, _)) => {
                    if let Err(errors) = read(member, name, value) {
                        found.in_member(name, || errors);
                    }
                }
            }
        }
        found
    }
}

/// Merges, but for the nulls, which stay where they are named.
fn name_all(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    if let Value::Object(target) = target {
        for (name, value) in members {
            name_all(target.entry(name.as_str()).or_insert(Value::Null), value);
        }
    }
}

/// Refuses what can be refused without the current value.
impl<T: Patch> Validate for MergePatch<T> {
    fn validate(&self, errors: &mut FieldErrors) {
        if self.is_empty() {
            errors.extend([document::nothing()], 0);
        }
        let mut unused = T::Changes::default();
        let found = self.each(|member, _, value| match value.is_object() {
            true => Ok(()),
            false => {
                let asked = Asked {
                    value,
                    named: value,
                    current: None,
                    kept_of: None,
                };
                T::read(member, &asked, &mut unused)
            }
        });
        errors.extend(found.errors, found.more);
    }
}

impl<'de, T> Deserialize<'de> for MergePatch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Unique::deserialize(deserializer).map(|Unique(patch)| Self::new(patch))
    }
}

impl<T> Clone for MergePatch<T> {
    fn clone(&self) -> Self {
        Self::new(self.patch.clone())
    }
}

impl<T> fmt::Debug for MergePatch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MergePatch").field(&self.patch).finish()
    }
}
