//! The links that every item carries. Hrefs are paths, so `Host` changes nothing.

use serde::Serialize;

/// Where every route of this version begins.
pub(crate) const BASE: &str = "/api/v1";

/// One link of an item.
#[derive(Debug, Serialize)]
pub(crate) struct Link {
    href: String,
    rel: &'static str,
    method: &'static str,
}

impl Link {
    /// A link that is followed with `GET`.
    pub(crate) fn get(rel: &'static str, href: String) -> Self {
        Self {
            href,
            rel,
            method: "GET",
        }
    }
}

/// What an item links to.
pub(crate) trait HasLinks {
    /// Where the item itself is.
    fn href(&self) -> String;

    /// Links beside `self`.
    fn related(&self) -> Vec<Link> {
        Vec::new()
    }
}

/// An item and its links, as one JSON object.
#[derive(Debug, Serialize)]
pub(crate) struct Linked<T> {
    #[serde(flatten)]
    item: T,
    links: Vec<Link>,
}

impl<T: HasLinks> Linked<T> {
    /// The item with its links.
    pub(crate) fn new(item: T) -> Self {
        let mut links = vec![Link::get("self", item.href())];
        links.extend(item.related());
        Self { item, links }
    }
}
