//! A link on its way into a document, wherever it comes from.

use super::definition::{Curie, Definition, LinkSpec, Piece, Property};
use super::link::Link;

/// One link, in the terms that all renderings share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) rel: &'a str,
    pub(super) method: &'a str,
    pub(super) base: Base,
    pub(super) href: Href<'a>,
    pub(super) templated: bool,
    pub(super) list: bool,
    pub(super) each: Option<u8>,
    pub(super) when: u64,
    pub(super) title: Option<&'a str>,
    pub(super) media_type: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) fields: &'a [Property],
}

/// What goes before an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing: it begins with a scheme.
    Absolute,
    /// The base URL; the address has the path of the request.
    Request,
    /// The base URL and the path where the router is mounted.
    Mount,
}

/// An address.
#[derive(Clone, Copy, Debug)]
pub(super) enum Href<'a> {
    Text(&'a str),
    Pieces(&'a [Piece]),
}

impl Href<'_> {
    /// Whether it is `/`.
    pub(super) fn is_root(&self) -> bool {
        matches!(self, Self::Text("/") | Self::Pieces([Piece::Text("/")]))
    }
}

impl<'a> Entry<'a> {
    fn new(rel: &'a str, base: Base, href: Href<'a>) -> Self {
        Self {
            rel,
            method: "GET",
            base,
            href,
            templated: false,
            list: false,
            each: None,
            when: 0,
            title: None,
            media_type: None,
            name: None,
            fields: &[],
        }
    }

    fn of_spec(spec: &'a LinkSpec) -> Self {
        let base = if spec.absolute {
            Base::Absolute
        } else {
            Base::Mount
        };
        Self {
            method: spec.method,
            templated: spec.templated,
            list: spec.list,
            each: spec.each,
            when: spec.when,
            title: spec.title,
            media_type: spec.media_type,
            name: spec.name,
            fields: spec.fields,
            ..Self::new(spec.rel, base, Href::Pieces(spec.href))
        }
    }

    fn of_link(link: &'a Link) -> Self {
        let base = if link.is_absolute() {
            Base::Absolute
        } else {
            Base::Mount
        };
        Self {
            method: link.method.as_str(),
            templated: link.templated,
            list: link.list,
            title: link.title.as_deref(),
            media_type: link.media_type.as_deref(),
            name: link.name.as_deref(),
            fields: &link.fields,
            ..Self::new(&link.rel, base, Href::Text(&link.href))
        }
    }

    /// The characters of templates, which no other address may have.
    pub(super) fn kept(&self) -> &'static str {
        if self.templated { "{}|" } else { "" }
    }

    pub(super) fn is_get(&self) -> bool {
        self.method == "GET"
    }
}

/// The links of an item and those that were added to it.
pub(super) fn of_item<'a>(definition: &'a Definition, added: &'a [Link]) -> Vec<Entry<'a>> {
    let own = definition.links.iter().map(Entry::of_spec);
    own.chain(added.iter().map(Entry::of_link)).collect()
}

/// The links of a page and those that were added to it.
pub(super) fn of_page<'a>(page: &'a [crate::link::Link], added: &'a [Link]) -> Vec<Entry<'a>> {
    let own = page
        .iter()
        .map(|link| Entry::new(link.rel, Base::Request, Href::Text(&link.href)));
    own.chain(added.iter().map(Entry::of_link)).collect()
}

/// The relations of `entries` in order of first appearance, each with its entries.
pub(super) fn groups<'a, 'e>(
    entries: &'e [Entry<'a>],
) -> impl Iterator<Item = (&'a str, Vec<&'e Entry<'a>>)> {
    let first = |(nth, entry): &(usize, &Entry<'a>)| {
        !entries[..*nth].iter().any(|other| other.rel == entry.rel)
    };
    entries.iter().enumerate().filter(first).map(|(_, entry)| {
        let same = entries.iter().filter(|other| other.rel == entry.rel);
        (entry.rel, same.collect())
    })
}

/// The full URI of a relation that is a curie; others are returned as they are.
pub(super) fn expand_rel<'a>(rel: &'a str, curies: &[Curie]) -> std::borrow::Cow<'a, str> {
    if curies.is_empty() {
        return rel.into();
    }
    let expanded = rel.split_once(':').and_then(|(prefix, name)| {
        let curie = curies.iter().find(|curie| curie.name == prefix)?;
        Some(curie.href.replace("{rel}", name))
    });
    expanded.map_or(rel.into(), Into::into)
}
