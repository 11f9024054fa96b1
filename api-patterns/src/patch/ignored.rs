//! Finds what a client asked for and the type of a field passes over, as serde does with members
//! that a struct does not know.
//!
//! A member that is written again as it was asked for was read. One that is not may be known all
//! the same: it has another spelling, or is left out where it has its default. So the value is read
//! once more with something in the member's place that hardly any type takes: what is neither
//! refused nor makes a difference is not read at all. This holds for each form that serde knows,
//! also where a member passes through a flattened struct or a tagged enum.
//!
//! Members of one name in the elements of an array are tried together: an array has many of them.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::document::is_equal;
use super::read::{Asked, is_kept};
use crate::problem::{FieldError, MAX_ERRORS, push_segment, shown};

/// Values that may be read again in all, but for a few attempts that are always made. What is not
/// found within them is taken for known.
const MAX_WORK: usize = 256 * 1024;
const MIN_ATTEMPTS: usize = 4;
const MAX_ATTEMPTS: usize = 64;
/// Most names that an error lists.
const MAX_NAMES: usize = 16;

/// The errors of the members that `W` does not read; `written` is the JSON of what it read.
pub(super) fn find<W, T>(asked: &Asked<'_, T>, written: &Value) -> Vec<FieldError>
where
    W: Serialize + DeserializeOwned,
{
    let all = Suspects {
        named: asked.named,
        current: asked.current,
        written,
        hasher: RandomState::new(),
    };
    let (mut groups, mut size) = (HashMap::new(), 0);
    all.each(&mut size, &mut |suspect| {
        let next = groups.len();
        groups.entry(suspect.group).or_insert(next);
    });
    if groups.is_empty() {
        return Vec::new();
    }
    let mut search = Search {
        makes_no_difference: |numbers: &Range<usize>| {
            let mut probed = asked.value.clone();
            all.replace(&mut probed, |group| numbers.contains(&groups[&group]));
            let read = W::deserialize(&probed).ok();
            let again = read.and_then(|read| serde_json::to_value(&read).ok());
            again.is_some_and(|again| is_kept(written, &again) && is_kept(&again, written))
        },
        attempts: (MAX_WORK / size.max(1)).clamp(MIN_ATTEMPTS, MAX_ATTEMPTS),
        found: Vec::new(),
    };
    search.within(0..groups.len());
    let found = search.found;
    all.errors(|group| found.contains(&groups[&group]))
}

/// Looks for the groups of members that make no difference, in halves.
struct Search<F> {
    makes_no_difference: F,
    attempts: usize,
    found: Vec<usize>,
}

impl<F: Fn(&Range<usize>) -> bool> Search<F> {
    fn within(&mut self, groups: Range<usize>) {
        if self.attempts == 0 || self.found.len() >= MAX_ERRORS {
            return;
        }
        self.attempts -= 1;
        if (self.makes_no_difference)(&groups) {
            self.found.extend(groups.take(MAX_ERRORS));
        } else if groups.len() > 1 {
            let middle = groups.start + groups.len() / 2;
            self.within(groups.start..middle);
            self.within(middle..groups.end);
        }
    }
}

/// The members that were asked for and are not written as they were.
struct Suspects<'a> {
    named: &'a Value,
    current: Option<&'a Value>,
    written: &'a Value,
    hasher: RandomState,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Index(usize),
    Name(&'a str),
}

/// A suspect, with what is there beside it.
struct Suspect<'p, 'a> {
    path: &'p [Step<'a>],
    /// What it has in common with those whose paths have the same names.
    group: u64,
    is_there: bool,
    beside: &'a Map<String, Value>,
}

impl<'a> Suspects<'a> {
    /// Calls `found` with each of them, and counts the values that were looked at.
    fn each(&self, size: &mut usize, found: &mut dyn FnMut(&Suspect<'_, 'a>)) {
        let mut walk = Walk {
            path: Vec::new(),
            hasher: &self.hasher,
            size,
            found,
        };
        walk.value(self.named, self.current, self.written, 0);
    }

    /// Puts what hardly any type takes in the place of the suspects of these groups.
    fn replace(&self, document: &mut Value, is_meant: impl Fn(u64) -> bool) {
        self.each(&mut 0, &mut |suspect| {
            if is_meant(suspect.group) {
                put(document, suspect.path, json!([{"": [true]}]));
            }
        });
    }

    /// As many as an answer lists.
    fn errors(&self, is_meant: impl Fn(u64) -> bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        self.each(&mut 0, &mut |suspect| {
            if errors.len() < MAX_ERRORS && is_meant(suspect.group) {
                errors.push(suspect.error());
            }
        });
        errors
    }
}

struct Walk<'w, 'a> {
    path: Vec<Step<'a>>,
    hasher: &'w RandomState,
    size: &'w mut usize,
    found: &'w mut dyn FnMut(&Suspect<'_, 'a>),
}

impl<'a> Walk<'_, 'a> {
    fn value(
        &mut self,
        asked: &'a Value,
        current: Option<&'a Value>,
        written: &'a Value,
        group: u64,
    ) {
        *self.size += 1;
        match (asked, written) {
            (Value::Object(asked), Value::Object(written)) => {
                for (name, asked) in asked {
                    let current = current.and_then(|current| current.get(name));
                    self.path.push(Step::Name(name));
                    let group = self.hasher.hash_one((group, name));
                    self.member(asked, current, written, name, group);
                    self.path.pop();
                }
            }
            (Value::Array(asked), Value::Array(elements)) if asked.len() == elements.len() => {
                for (index, (asked, written)) in asked.iter().zip(elements).enumerate() {
                    let current = current.and_then(|current| current.get(index));
                    self.path.push(Step::Index(index));
                    self.value(asked, current, written, group);
                    self.path.pop();
                }
            }
            _ => {}
        }
    }

    fn member(
        &mut self,
        asked: &'a Value,
        current: Option<&'a Value>,
        beside: &'a Map<String, Value>,
        name: &str,
        group: u64,
    ) {
        match beside.get(name) {
            Some(written) if is_alike(asked, written) => self.value(asked, current, written, group),
            Some(written) if is_equal(asked, written) => {}
            _ if current.is_some_and(|current| is_equal(asked, current)) => {}
            _ => (self.found)(&Suspect {
                path: &self.path,
                group,
                is_there: current.is_some(),
                beside,
            }),
        }
    }
}

/// Whether they can be compared part by part.
fn is_alike(asked: &Value, written: &Value) -> bool {
    match (asked, written) {
        (Value::Object(_), Value::Object(_)) => true,
        (Value::Array(asked), Value::Array(written)) => asked.len() == written.len(),
        _ => false,
    }
}

fn put(document: &mut Value, path: &[Step<'_>], value: Value) {
    let Some((Step::Name(last), parents)) = path.split_last() else {
        return;
    };
    let parent = parents
        .iter()
        .try_fold(document, |document, step| match step {
            Step::Index(index) => document.get_mut(*index),
            Step::Name(name) => document.get_mut(*name),
        });
    if let Some(Value::Object(members)) = parent {
        members.insert((*last).to_owned(), value);
    }
}

impl Suspect<'_, '_> {
    fn error(&self) -> FieldError {
        let mut pointer = String::new();
        for step in self.path {
            match step {
                Step::Index(index) => push_segment(&mut pointer, &index.to_string()),
                Step::Name(name) => push_segment(&mut pointer, &shown(name)),
            }
        }
        let (code, what) = match self.is_there {
            true => ("immutable", "cannot be changed"),
            false => ("unknown", "is not known here"),
        };
        let names = self.beside.keys().take(MAX_NAMES);
        let names: Vec<_> = names.map(|name| format!("`{}`", shown(name))).collect();
        let detail = match names.is_empty() {
            true => what.to_owned(),
            false => format!("{what}; what is there is {}", names.join(", ")),
        };
        FieldError::pointer(pointer, detail).code(code)
    }
}
