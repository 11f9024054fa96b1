//! The errors of a patch, as many as an answer lists.

use crate::problem::{FieldError, MAX_ERRORS, push_segment, shown};

/// Errors at pointers, and the number of those that an answer has no room for.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) errors: Vec<FieldError>,
    pub(super) more: usize,
}

impl Found {
    /// Adds what is wrong with a member. It is not even made where the list is full: a body can have
    /// as many unknown members as it is long.
    pub(super) fn in_member(&mut self, name: &str, make: impl FnOnce() -> Vec<FieldError>) {
        if self.errors.len() >= MAX_ERRORS {
            self.more += 1;
            return;
        }
        let mut prefix = String::new();
        push_segment(&mut prefix, &shown(name));
        self.errors.extend(make().into_iter().map(|error| {
            let pointer = format!("{prefix}{}", error.get_place());
            error.moved_to(pointer)
        }));
    }
}

impl From<FieldError> for Found {
    fn from(error: FieldError) -> Self {
        Self {
            errors: vec![error],
            more: 0,
        }
    }
}
