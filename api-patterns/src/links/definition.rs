//! What a type links to, as data: one definition, read by all renderings.

use super::values::Values;

/// A type whose values carry links, and pointers to such values.
///
/// Implemented by `#[derive(Links)]`, see the [module docs](super). What is hidden here is for
/// generated code, and may change in any release.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says nothing about where it leads",
    label = "not `Links`",
    note = "add `#[derive(Links)]` to it and `#[links(base = \"/…/{{id}}\")]`"
)]
pub trait Links {
    /// What the conditions of links ask beside the item: the caller, or `()`.
    type Context;

    /// The links, whatever the item.
    #[doc(hidden)]
    const DEFINITION: &'static Definition;

    /// Puts the values of the definition's placeholders, in the order of
    /// [`Definition::values`].
    #[doc(hidden)]
    fn values(&self, values: &mut Values);

    /// Which of the definition's conditions hold, one bit each, the first lowest.
    #[doc(hidden)]
    fn conditions(&self, context: &Self::Context) -> u64;

    /// Writes what tells the item from others of its resource: the `id` of JSON:API, not encoded.
    #[doc(hidden)]
    fn write_id(&self, out: &mut String);
}

/// What a type links to.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The plural name of the resource: the key in HAL's `_embedded`, the `type` of JSON:API.
    pub resource: &'static str,
    /// The name of the member that JSON:API moves to `id`, or empty.
    pub id: &'static str,
    /// The links, those of one relation beside each other, `self` first where there is one.
    pub links: &'static [LinkSpec],
    /// The curies that relations use.
    pub curies: &'static [Curie],
    /// The members that the placeholders' fields become, in the order of [`Links::values`]; empty
    /// for a field that is not sent.
    pub values: &'static [&'static str],
}

/// One link of a [`Definition`].
#[derive(Clone, Copy, Debug)]
pub struct LinkSpec {
    /// The relation: a registered name, a URI or a curie.
    pub rel: &'static str,
    /// The method to follow it with.
    pub method: &'static str,
    /// Where it leads.
    pub href: &'static [Piece],
    /// Whether it begins with a scheme, so that no base URL goes before it.
    pub absolute: bool,
    /// Whether it is an RFC 6570 template for the client to expand.
    pub templated: bool,
    /// Whether the relation is an array whatever the number of its links.
    pub list: bool,
    /// The index of the value that it is repeated for.
    pub each: Option<u8>,
    /// The conditions that must hold, as bits of [`Links::conditions`].
    pub when: u64,
    /// A label for people.
    pub title: Option<&'static str>,
    /// The media type of what it leads to.
    pub media_type: Option<&'static str>,
    /// Tells it from others of its relation.
    pub name: Option<&'static str>,
    /// What a request along it may send, for HAL-FORMS.
    pub fields: &'static [Property],
}

/// A part of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that is in its final form.
    Text(&'static str),
    /// The value with this index, as one whole path segment.
    Segment(u8),
    /// The value with this index, as a part of something.
    Value(u8),
}

/// A property of a HAL-FORMS template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its name in the request's body.
    pub name: &'static str,
    /// What is typed in.
    pub kind: PropertyKind,
    /// Whether a request must have it.
    pub required: bool,
}

/// The input that a [`Property`] asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PropertyKind {
    /// `text`.
    Text,
    /// `number`.
    Number,
    /// `checkbox`.
    Checkbox,
}

/// A short name for URIs of relations (CURIE Syntax 1.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curie {
    /// What stands before the colon.
    pub name: &'static str,
    /// The URI, with `{rel}` in the place of what stands after the colon.
    pub href: &'static str,
}

macro_rules! pointers {
    ($($pointer:ty)*) => {$(
        impl<T: Links> Links for $pointer {
            type Context = T::Context;

            const DEFINITION: &'static Definition = T::DEFINITION;

            fn values(&self, values: &mut Values) {
                T::values(self, values);
            }

            fn conditions(&self, context: &T::Context) -> u64 {
                T::conditions(self, context)
            }

            fn write_id(&self, out: &mut String) {
                T::write_id(self, out);
            }
        }
    )*};
}

pointers!(&T Box<T> std::sync::Arc<T> std::rc::Rc<T>);
