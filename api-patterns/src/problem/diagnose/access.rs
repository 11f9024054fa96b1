//! The members of objects and the elements of arrays.

use serde::de::{DeserializeSeed, MapAccess, SeqAccess};
use serde_json::{Map, Value, map};

use super::Step;
use super::fault::Fault;
use super::node::{Input, Node};
use super::pass::Slot;

/// The members of an object, and after them those that its type needs and the client left out.
pub(super) struct Members<'p, 'a> {
    node: Node<'p, 'a>,
    given: Given<'a>,
    supplied: Vec<&'static str>,
    next_supplied: usize,
    value: Option<(&'a str, Input<'a>, Slot)>,
}

enum Given<'a> {
    None,
    Json(map::Iter<'a>),
    Pairs {
        all: &'a [(String, String)],
        next: usize,
    },
}

impl<'p, 'a> Members<'p, 'a> {
    pub(super) fn new(node: Node<'p, 'a>, kind: &'static str) -> Self {
        let mut supplied = node.pass.required(kind);
        let given = match node.input {
            Input::Json(Value::Object(members)) => {
                supplied.retain(|name| !is_given(node, members, name));
                Given::Json(members.iter())
            }
            Input::Pairs(all) => {
                supplied.retain(|name| !all.iter().any(|(given, _)| given == name));
                Given::Pairs { all, next: 0 }
            }
            _ => Given::None,
        };
        Self {
            node,
            given,
            supplied,
            next_supplied: 0,
            value: None,
        }
    }

    /// The members that were made up.
    pub(super) fn supplied(&self) -> &[&'static str] {
        &self.supplied
    }

    fn next_given(&mut self) -> Option<(&'a str, Input<'a>)> {
        loop {
            let (name, input) = self.given.next(self.node)?;
            if !self.node.pass.leaves_out(Step::Key(name), Slot::Entry) {
                return Some((name, input));
            }
        }
    }

    fn next_supplied(&mut self) -> Option<&'static str> {
        let name = self.supplied.get(self.next_supplied).copied();
        self.next_supplied += 1;
        name
    }
}

fn is_given(node: Node<'_, '_>, members: &Map<String, Value>, name: &'static str) -> bool {
    members.contains_key(name) && !node.pass.leaves_out(Step::Key(name), Slot::Entry)
}

impl<'a> Given<'a> {
    fn next(&mut self, node: Node<'_, 'a>) -> Option<(&'a str, Input<'a>)> {
        match self {
            Self::None => None,
            Self::Json(members) => members
                .next()
                .map(|(name, value)| (&**name, Input::Json(value))),
            Self::Pairs { all, next } => loop {
                let nth = *next;
                let (name, value) = all.get(nth)?;
                *next += 1;
                let repeated = || all[..nth].iter().any(|(earlier, _)| earlier == name);
                if !(node.pass.is_single(name) && repeated()) {
                    return Some((name, Input::Text(value)));
                }
            },
        }
    }
}

impl<'a> MapAccess<'a> for &mut Members<'_, 'a> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        if let Some((name, input)) = self.next_given() {
            self.value = Some((name, input, Slot::Entry));
            return self.node.pass.name(name, self.node.silent, seed).map(Some);
        }
        let Some(name) = self.next_supplied() else {
            return Ok(None);
        };
        self.node.pass.missing(name, self.node.silent)?;
        self.value = Some((name, self.node.dummy().input, Slot::Fixed));
        self.node.pass.name(name, true, seed).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let (name, input, slot) = match self.value.take() {
            Some(member) => member,
            // A visitor that asks for a value before its name; serde_json panics here.
            None => ("", Input::Dummy(0), Slot::Fixed),
        };
        let silent = self.node.silent || slot == Slot::Fixed;
        let node = Node {
            input,
            silent,
            ..self.node
        };
        self.node.pass.value(Step::Key(name), slot, node, seed)
    }
}

/// The elements of an array, without those that were refused.
pub(super) struct Elements<'p, 'a> {
    node: Node<'p, 'a>,
    items: std::iter::Enumerate<std::slice::Iter<'a, Value>>,
}

impl<'p, 'a> Elements<'p, 'a> {
    pub(super) fn new(node: Node<'p, 'a>, items: &'a [Value]) -> Self {
        Self {
            node,
            items: items.iter().enumerate(),
        }
    }
}

impl<'a> SeqAccess<'a> for Elements<'_, 'a> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'a>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        let pass = self.node.pass;
        let kept = |(nth, _): &(usize, _)| !pass.leaves_out(Step::Index(*nth), Slot::Element);
        let Some((nth, value)) = self.items.find(kept) else {
            return Ok(None);
        };
        let node = self.node.with(Input::Json(value));
        pass.value(Step::Index(nth), Slot::Element, node, seed)
            .map(Some)
    }
}

/// Stand-ins for the elements of a tuple.
pub(super) struct Standins<'p, 'a> {
    node: Node<'p, 'a>,
    elements: std::ops::Range<usize>,
}

impl<'p, 'a> Standins<'p, 'a> {
    pub(super) fn new(node: Node<'p, 'a>, length: usize) -> Self {
        Self {
            node,
            elements: 0..length,
        }
    }
}

impl<'a> SeqAccess<'a> for Standins<'_, 'a> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'a>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Fault> {
        let Some(nth) = self.elements.next() else {
            return Ok(None);
        };
        self.node
            .pass
            .value(Step::Index(nth), Slot::Fixed, self.node, seed)
            .map(Some)
    }
}
