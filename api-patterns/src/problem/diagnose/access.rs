//! The members of objects and the elements of arrays.

use std::collections::HashSet;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess};
use serde_json::{Value, map};

use super::Step;
use super::fault::Fault;
use super::node::{Input, Node};
use super::pass::Slot;

/// The members of an object, and after them those that its type needs and the client left out.
pub(super) struct Members<'p, 'a> {
    node: Node<'p, 'a>,
    given: Given<'a>,
    /// What the type cannot do without, but for the names that were read so far.
    needed: Vec<&'static str>,
    /// How many of them were made up.
    supplied: usize,
    value: Option<(&'a str, Input<'a>, Slot)>,
}

enum Given<'a> {
    None,
    Json(map::Iter<'a>),
    Pairs {
        rest: std::slice::Iter<'a, (String, String)>,
        /// Those of which only the first is read, once that was read.
        singles: HashSet<&'a str>,
    },
}

/// A member that the client sent, and whether it is read in this round.
enum Next<'a> {
    Read(&'a str, Input<'a>),
    Skipped(&'a str),
}

impl<'p, 'a> Members<'p, 'a> {
    pub(super) fn new(node: Node<'p, 'a>, kind: &'static str) -> Self {
        let given = match node.input {
            Input::Json(Value::Object(members)) => Given::Json(members.iter()),
            Input::Pairs(all) => Given::Pairs {
                rest: all.iter(),
                singles: HashSet::new(),
            },
            _ => Given::None,
        };
        Self {
            node,
            given,
            needed: node.pass.required(kind),
            supplied: 0,
            value: None,
        }
    }

    /// The members that were made up.
    pub(super) fn supplied(&self) -> &[&'static str] {
        &self.needed[..self.supplied]
    }

    fn next_given(&mut self) -> Result<Option<(&'a str, Input<'a>)>, Fault> {
        while let Some(next) = self.given.next(self.node) {
            match next {
                Next::Read(name, input) => {
                    self.needed.retain(|needed| *needed != name);
                    return Ok(Some((name, input)));
                }
                // Read as nothing, for its part in the work of all rounds: a client can repeat a
                // name as often as the body is long.
                Next::Skipped(name) => {
                    let nothing = PhantomData::<IgnoredAny>;
                    self.node.pass.name(name, true, nothing)?;
                }
            }
        }
        Ok(None)
    }

    fn next_supplied(&mut self) -> Option<&'static str> {
        let name = self.needed.get(self.supplied).copied()?;
        self.supplied += 1;
        Some(name)
    }
}

impl<'a> Given<'a> {
    fn next(&mut self, node: Node<'_, 'a>) -> Option<Next<'a>> {
        let (name, input, repeated) = match self {
            Self::None => return None,
            Self::Json(members) => {
                let (name, value) = members.next()?;
                (&**name, Input::Json(value), false)
            }
            Self::Pairs { rest, singles } => {
                let (name, value) = rest.next()?;
                let repeated = node.pass.is_single(name) && !singles.insert(name);
                (&**name, Input::Text(value), repeated)
            }
        };
        if repeated || node.pass.leaves_out(Step::Key(name), Slot::Entry) {
            return Some(Next::Skipped(name));
        }
        Some(Next::Read(name, input))
    }
}

impl<'a> MapAccess<'a> for &mut Members<'_, 'a> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        if let Some((name, input)) = self.next_given()? {
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
