//! Pages: their own links round those of their items.

use http::header::LINK;
use serde::Serialize;

use super::definition::Links;
use super::entry;
use super::format::{Part, Source};
use super::json::{close_object, open_object};
use super::kept;
use super::program::{Filled, write_json};
use super::rendering::Rendering;
use super::represent::{Document, Items, LINK_TEMPLATE, Represent};
use crate::link::{self, ROOM};

/// A page of items.
pub(crate) trait Page {
    type Item;

    fn items(&self) -> &[Self::Item];

    /// What the page says beside its items, as an object.
    fn members(&self) -> impl Serialize;

    /// The page itself and those beside it.
    fn links(&self) -> &[crate::link::Link];
}

/// All there is of something, as a page without further members or links of its own.
impl<T: Links + Serialize> Represent<T::Context> for Vec<T> {
    fn represent(
        &self,
        context: &T::Context,
        document: &mut Document<'_>,
    ) -> serde_json::Result<()> {
        represent(self, context, document)
    }
}

impl<T> Page for Vec<T> {
    type Item = T;

    fn items(&self) -> &[T] {
        self
    }

    fn members(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct None {}
        None {}
    }

    fn links(&self) -> &[crate::link::Link] {
        &[]
    }
}

/// Bytes of an item with its links, as a first guess that spares most of the growing.
const ITEM: usize = 768;

/// Writes a page, its items and their links.
pub(crate) fn represent<T: Links + Serialize>(
    page: &impl Page<Item = T>,
    context: &T::Context,
    document: &mut Document<'_>,
) -> serde_json::Result<()> {
    let own = entry::of_page(page.links(), document.added);
    let (view, rendering) = (document.view, document.rendering);
    let own = Source {
        entries: &own,
        curies: T::DEFINITION.curies,
        view,
    };
    let of_items = |part| kept::program(T::DEFINITION, &[], part, view);
    let mut items = Items::new(rendering, of_items(Part::Item(rendering)));

    let out = &mut document.body;
    out.reserve(256 + page.items().len() * ITEM);
    begin(rendering, T::DEFINITION.resource, out);
    write_array(page.items(), out, |item, out| {
        items.write(item, context, out)
    })?;
    write_members(page, rendering, out)?;
    own.program(Part::Document(rendering))
        .run(&Filled::default(), out);
    close_object(out);

    let mut header = Vec::new();
    own.program(Part::Header)
        .run(&Filled::default(), &mut header);
    if header.len() > ROOM {
        let value = link::header_value(page.links(), &view.base);
        document.headers.extend(value.map(|value| (LINK, value)));
        return Ok(());
    }
    if view.items_in_header {
        let address = of_items(Part::Address);
        name_items(&mut header, page.items(), |item, out| {
            address.run(items.fill(item, context), out);
        });
    }
    document.set(LINK, header);
    if own.has_templates() {
        document.header(
            LINK_TEMPLATE,
            &own.program(Part::Templates),
            &Filled::default(),
        );
    }
    Ok(())
}

/// Opens the document up to the array of items.
fn begin(rendering: Rendering, resource: &str, out: &mut Vec<u8>) {
    match rendering {
        Rendering::Plain | Rendering::Header => out.extend_from_slice(b"{\"items\":"),
        Rendering::JsonApi => out.extend_from_slice(b"{\"data\":"),
        Rendering::Hal | Rendering::HalForms => {
            out.extend_from_slice(b"{\"_embedded\":{");
            write_json(out, resource);
            out.push(b':');
        }
    }
}

fn write_array<T>(
    items: &[T],
    out: &mut Vec<u8>,
    mut write: impl FnMut(&T, &mut Vec<u8>) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    out.push(b'[');
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        write(item, out)?;
    }
    out.push(b']');
    Ok(())
}

/// What stands between the items and the links of the page, up to a comma.
fn write_members(
    page: &impl Page,
    rendering: Rendering,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    let before: &[u8] = match rendering {
        Rendering::Plain | Rendering::Header => b",",
        Rendering::Hal | Rendering::HalForms => b"},",
        Rendering::JsonApi => b",\"meta\":",
    };
    out.extend_from_slice(before);
    let start = out.len();
    open_object(out, &page.members())?;
    if rendering == Rendering::JsonApi {
        close_object(out);
        out.push(b',');
    } else {
        out.remove(start);
    }
    Ok(())
}

/// Adds the addresses of the items to a `Link` header, as many as there is room for.
fn name_items<T>(header: &mut Vec<u8>, items: &[T], mut address: impl FnMut(&T, &mut Vec<u8>)) {
    for item in items {
        let end = header.len();
        header.extend_from_slice(if header.is_empty() { b"<" } else { b", <" });
        let start = header.len();
        address(item, header);
        // Without an address an empty reference would be the page.
        let is_named = header.len() > start;
        header.extend_from_slice(b">; rel=\"item\"");
        if !is_named || header.len() > ROOM {
            header.truncate(end);
        }
        if is_named && header.len() == end {
            return;
        }
    }
}
