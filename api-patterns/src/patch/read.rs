//! What `#[derive(Patch)]` calls.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::reread;
use crate::problem::{FieldError, read_value};

/// Reads a new value; `None` where it is the current one.
///
/// Compared as JSON after it was read, so that another spelling of the same value is no change.
pub fn read<W: Serialize + DeserializeOwned>(
    value: &Value,
    current: Option<&Value>,
) -> Result<Option<W>, Vec<FieldError>> {
    let new = read_value::<W>(value)?;
    let written = serde_json::to_value(&new).ok();
    // A member that the type leaves out where it is null is null.
    let current = current.unwrap_or(&Value::Null);
    let is_current = written.as_ref() == Some(current) || written == reread(current);
    Ok((!is_current).then_some(new))
}
