//! Documents: an item or a page with its links, in the rendering of the request.

use std::rc::Rc;

use http::header::{HeaderMap, HeaderName, LINK};
use http::{HeaderValue, header};
use serde::Serialize;

use super::definition::Links;
use super::format::Part;
use super::json::{close_object, drop_member, open_object};
use super::kept;
use super::link::Link;
use super::program::{Filled, Program, write_json};
use super::rendering::Rendering;
use super::view::View;
use crate::link::ROOM;

/// What [`Linked`](super::Linked) can hold, with conditions that ask a `C`: items whose type
/// derives [`Links`], and pages and lists of such items.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be `Linked`",
    label = "neither derives `Links` nor is a page of items that do, with `{C}` as their context",
    note = "items derive `Links` and `Serialize`; where conditions ask a context, use `Linked(…).with(context)`"
)]
pub trait Represent<C> {
    #[doc(hidden)]
    fn represent(&self, context: &C, document: &mut Document<'_>) -> serde_json::Result<()>;
}

/// A document that is being written.
#[doc(hidden)]
#[derive(Debug)]
pub struct Document<'a> {
    pub(super) view: &'a View,
    pub(super) rendering: Rendering,
    pub(super) added: &'a [Link],
    /// Whether the response says where the item is.
    pub(super) locates: bool,
    pub(super) body: Vec<u8>,
    pub(super) headers: HeaderMap,
}

/// Bytes of an item, as a first guess.
const ITEM: usize = 512;
pub(super) const LINK_TEMPLATE: HeaderName = HeaderName::from_static("link-template");

impl<'a> Document<'a> {
    pub(super) fn new(view: &'a View, rendering: Rendering, added: &'a [Link]) -> Self {
        Self {
            view,
            rendering,
            added,
            locates: false,
            body: Vec::new(),
            headers: HeaderMap::new(),
        }
    }

    /// Sets a header to what `program` writes, where that is anything.
    pub(super) fn header(&mut self, name: HeaderName, program: &Program, item: &Filled) {
        let mut value = Vec::new();
        program.run(item, &mut value);
        self.set(name, value);
    }

    /// Sets a header that is a list to as many links as fit, from the first.
    pub(super) fn set(&mut self, name: HeaderName, mut value: Vec<u8>) {
        if value.len() > ROOM {
            // Nowhere else is there a `<` or a quoted string that begins so.
            let begins: &[u8] = if name == LINK { b", <" } else { b", \"" };
            let begins_at = |at: &usize| value[*at..].starts_with(begins);
            let last = (0..=ROOM).rev().find(begins_at);
            value.truncate(last.unwrap_or_default());
        }
        self.insert(name, value);
    }

    fn insert(&mut self, name: HeaderName, value: Vec<u8>) {
        if !value.is_empty()
            && let Ok(value) = HeaderValue::try_from(value)
        {
            self.headers.insert(name, value);
        }
    }
}

impl<T: Links + Serialize> Represent<T::Context> for T {
    fn represent(
        &self,
        context: &T::Context,
        document: &mut Document<'_>,
    ) -> serde_json::Result<()> {
        let (rendering, view, added) = (document.rendering, document.view, document.added);
        let program = |part| kept::program(T::DEFINITION, added, part, view);
        let mut items = Items::new(rendering, program(Part::Document(rendering)));
        document.body.reserve(ITEM);
        if rendering == Rendering::JsonApi {
            document.body.extend_from_slice(b"{\"data\":");
            items.write(self, context, &mut document.body)?;
            document.body.push(b',');
            items.members.run(&items.filled, &mut document.body);
            document.body.push(b'}');
        } else {
            items.write(self, context, &mut document.body)?;
            if rendering == Rendering::Header {
                items.fill(self, context);
            }
        }
        document.header(LINK, &program(Part::Header), &items.filled);
        let is_templated = T::DEFINITION.links.iter().any(|link| link.templated)
            || added.iter().any(|link| link.templated);
        if is_templated {
            document.header(LINK_TEMPLATE, &program(Part::Templates), &items.filled);
        }
        if document.locates {
            let mut location = Vec::new();
            program(Part::Address).run(&items.filled, &mut location);
            document.insert(header::LOCATION, location);
        }
        Ok(())
    }
}

/// Writes items of one type, one after the other.
#[derive(Debug)]
pub(super) struct Items {
    rendering: Rendering,
    members: Rc<Program>,
    filled: Filled,
    /// The identifier of the current item, where the rendering has one.
    id: String,
}

impl Items {
    pub(super) fn new(rendering: Rendering, members: Rc<Program>) -> Self {
        Self {
            rendering,
            members,
            filled: Filled::default(),
            id: String::new(),
        }
    }

    /// Appends `item` with its links to `out`.
    pub(super) fn write<T: Links + Serialize>(
        &mut self,
        item: &T,
        context: &T::Context,
        out: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        match self.rendering {
            Rendering::Header => return serde_json::to_writer(out, item),
            Rendering::JsonApi => self.resource(item, out)?,
            Rendering::Plain | Rendering::Hal | Rendering::HalForms => open_object(out, item)?,
        }
        self.fill(item, context);
        self.members.run(&self.filled, out);
        out.push(b'}');
        Ok(())
    }

    /// Takes the values of `item`.
    pub(super) fn fill<T: Links>(&mut self, item: &T, context: &T::Context) -> &Filled {
        self.filled.values.clear();
        item.values(&mut self.filled.values);
        self.filled.conditions = item.conditions(context);
        &self.filled
    }

    /// Appends an item as a resource object that is left open for its links.
    fn resource<T: Links + Serialize>(
        &mut self,
        item: &T,
        out: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        self.id.clear();
        item.write_id(&mut self.id);
        out.extend_from_slice(b"{\"type\":");
        write_json(out, T::DEFINITION.resource);
        out.extend_from_slice(b",\"id\":");
        // There is one of those that have no identifier.
        if self.id.is_empty() {
            self.id.push_str(T::DEFINITION.resource);
        }
        write_json(out, &self.id);
        out.extend_from_slice(b",\"attributes\":");
        let start = out.len();
        open_object(out, item)?;
        drop_member(out, start, T::DEFINITION.id);
        close_object(out);
        out.push(b',');
        Ok(())
    }
}
