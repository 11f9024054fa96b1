//! Externally tagged enums: a variant's name, and its content under it.

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor};
use serde_json::Value;

use super::Step;
use super::fault::Fault;
use super::node::{Input, Node};
use super::pass::Slot;

pub(super) struct Variant<'p, 'a> {
    node: Node<'p, 'a>,
    name: &'a str,
    content: Option<Input<'a>>,
}

impl<'p, 'a> Variant<'p, 'a> {
    /// The variant that the value of a node names, if it has the shape of one.
    pub(super) fn of(node: Node<'p, 'a>) -> Option<Self> {
        let (name, content) = match node.input {
            Input::Json(Value::String(name)) => (name.as_str(), None),
            Input::Text(name) => (name, None),
            Input::Json(Value::Object(members)) if members.len() == 1 => {
                let (name, content) = members.iter().next()?;
                (name.as_str(), Some(Input::Json(content)))
            }
            _ => return None,
        };
        Some(Self {
            node,
            name,
            content,
        })
    }

    /// A stand-in of this variant.
    pub(super) fn dummy(node: Node<'p, 'a>, name: &'static str) -> Self {
        Self {
            node,
            name,
            content: Some(node.input),
        }
    }

    /// The content; a stand-in for one that is not there.
    fn content(&self) -> Result<Node<'p, 'a>, Fault> {
        match self.content {
            Some(content) => Ok(self.node.with(content)),
            None => {
                let name = self.name;
                self.node
                    .mismatch(&format!("an object with the single member {name:?}"))?;
                Ok(self.node.dummy())
            }
        }
    }
}

impl<'a> EnumAccess<'a> for Variant<'_, 'a> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Self), Fault> {
        let name = self.node.with(Input::Text(self.name));
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'a> VariantAccess<'a> for Variant<'_, 'a> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.content {
            None | Some(Input::Json(Value::Null) | Input::Dummy(_)) => Ok(()),
            Some(content) => self.node.pass.within(Step::Key(self.name), || {
                self.node.with(content).mismatch("null")
            }),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value, Fault> {
        let content = self.content()?;
        self.node
            .pass
            .value(Step::Key(self.name), Slot::Fixed, content, seed)
    }

    fn tuple_variant<V: Visitor<'a>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        let content = self.content()?;
        let step = Step::Key(self.name);
        self.node
            .pass
            .within(step, || content.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let content = self.content()?;
        let step = Step::Key(self.name);
        self.node
            .pass
            .within(step, || content.deserialize_struct("", fields, visitor))
    }
}
