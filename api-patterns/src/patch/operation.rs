//! The operations of a JSON Patch, read and checked one by one.

use json_patch::jsonptr::{Pointer, PointerBuf};
use serde_json::{Map, Value};

use super::document::kind;
use crate::problem::{FieldError, RESERVED_NAME, is_reserved, shown};

/// Most operations of a patch.
pub(super) const MAX_OPERATIONS: usize = 256;
/// Longest pointer, in bytes.
const MAX_POINTER: usize = 4096;

const SYNTAX: &str = "expected a JSON pointer: empty, or segments that each begin with `/`, where \
     `~` stands only in `~0` and `~1` (RFC 6901)";
const OPERATIONS: &str = "`add`, `remove`, `replace`, `move`, `copy` or `test`";

/// An operation, with its values where they stand in the patch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation<'a> {
    pub(super) path: &'a Pointer,
    pub(super) action: Action<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Action<'a> {
    Add(&'a Value),
    Remove,
    Replace(&'a Value),
    Move(&'a Pointer),
    Copy(&'a Pointer),
    Test(&'a Value),
}

/// Reads all operations, or tells all that is wrong with them.
pub(super) fn read(patch: &Value) -> Result<Vec<Operation<'_>>, Vec<FieldError>> {
    let Value::Array(operations) = patch else {
        return Err(vec![invalid("", expected("an array of operations", patch))]);
    };
    if operations.len() > MAX_OPERATIONS {
        let detail = format!("has more than {MAX_OPERATIONS} operations");
        return Err(vec![
            FieldError::pointer("", detail).code("too_many_operations"),
        ]);
    }
    let mut errors = Vec::new();
    let mut read = Vec::with_capacity(operations.len());
    for (nth, operation) in operations.iter().enumerate() {
        let mut draft = Draft::new(nth, operation, &mut errors);
        read.extend(draft.read());
    }
    match errors.is_empty() {
        true => Ok(read),
        false => Err(errors),
    }
}

/// An operation that is being read.
struct Draft<'a, 'e> {
    nth: usize,
    operation: &'a Value,
    errors: &'e mut Vec<FieldError>,
}

impl<'a, 'e> Draft<'a, 'e> {
    fn new(nth: usize, operation: &'a Value, errors: &'e mut Vec<FieldError>) -> Self {
        Self {
            nth,
            operation,
            errors,
        }
    }

    /// `None` where something is wrong. Members that the operation does not define are ignored
    /// (RFC 6902 §4).
    fn read(&mut self) -> Option<Operation<'a>> {
        let Value::Object(members) = self.operation else {
            let detail = expected("an operation, which is an object", self.operation);
            self.errors.push(invalid(&format!("/{}", self.nth), detail));
            return None;
        };
        let name = self.text(members, "op");
        let path = self.pointer(members, "path");
        let action = match name? {
            "add" => Action::Add(self.member(members, "value")?),
            "replace" => Action::Replace(self.member(members, "value")?),
            "test" => Action::Test(self.member(members, "value")?),
            "remove" => Action::Remove,
            "move" => Action::Move(self.pointer(members, "from")?),
            "copy" => Action::Copy(self.pointer(members, "from")?),
            other => {
                let detail = format!("expected {OPERATIONS}, found {:?}", shown(other));
                self.refuse("op", "invalid", detail);
                return None;
            }
        };
        Some(Operation {
            path: path?,
            action,
        })
    }

    fn member(&mut self, members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
        let member = members.get(name);
        if member.is_none() {
            self.refuse(name, "missing", "is missing".to_owned());
        }
        member
    }

    fn text(&mut self, members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
        let member = self.member(members, name)?;
        if !member.is_string() {
            self.refuse(name, "invalid", expected("a string", member));
        }
        member.as_str()
    }

    fn pointer(&mut self, members: &'a Map<String, Value>, name: &str) -> Option<&'a Pointer> {
        let text = self.text(members, name)?;
        let detail = match Pointer::parse(text) {
            Ok(_) if text.len() > MAX_POINTER => format!("is longer than {MAX_POINTER} bytes"),
            // A pointer makes a member of this name as well as an object in the body does.
            Ok(_) if text.split('/').any(is_reserved) => RESERVED_NAME.to_owned(),
            Ok(pointer) => return Some(pointer),
            Err(_) => SYNTAX.to_owned(),
        };
        self.refuse(name, "invalid", detail);
        None
    }

    fn refuse(&mut self, member: &str, code: &'static str, detail: String) {
        let pointer = format!("/{}/{member}", self.nth);
        self.errors
            .push(FieldError::pointer(pointer, detail).code(code));
    }
}

fn expected(what: &str, found: &Value) -> String {
    format!("expected {what}, found {}", kind(found))
}

fn invalid(pointer: &str, detail: String) -> FieldError {
    FieldError::pointer(pointer.to_owned(), detail).code("invalid")
}

impl Operation<'_> {
    /// As the library that applies it has it.
    pub(super) fn to_library(self) -> json_patch::PatchOperation {
        use json_patch::{
            AddOperation, CopyOperation, MoveOperation, PatchOperation, RemoveOperation,
            ReplaceOperation, TestOperation,
        };
        let path = self.path.to_buf();
        let owned = |from: &Pointer| -> PointerBuf { from.to_buf() };
        match self.action {
            Action::Add(value) => PatchOperation::Add(AddOperation {
                path,
                value: value.clone(),
            }),
            Action::Remove => PatchOperation::Remove(RemoveOperation { path }),
            Action::Replace(value) => PatchOperation::Replace(ReplaceOperation {
                path,
                value: value.clone(),
            }),
            Action::Move(from) => PatchOperation::Move(MoveOperation {
                from: owned(from),
                path,
            }),
            Action::Copy(from) => PatchOperation::Copy(CopyOperation {
                from: owned(from),
                path,
            }),
            Action::Test(value) => PatchOperation::Test(TestOperation {
                path,
                value: value.clone(),
            }),
        }
    }

    /// Where the value that it places is taken from.
    pub(super) fn from(&self) -> Option<&Pointer> {
        match self.action {
            Action::Move(from) | Action::Copy(from) => Some(from),
            _ => None,
        }
    }
}
