//! A page of rows, and its rendering.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_TYPE, LINK};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::link::{self, Link};
use crate::problem::Problem;

/// A page of rows, with the cursors of the pages beside it.
///
/// As JSON: `{"items": […], "next_cursor": …, "previous_cursor": …, "has_more": …}`, the cursors
/// `null` at either end, and `total` where it was asked for. As a response also
/// `Link: <…>; rel="next"` with `self`, `first`, `prev` and `next` (RFC 8288).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CursorPage<T> {
    /// The rows, in the order of the scan whichever way the page was reached.
    pub items: Vec<T>,
    /// The cursor of the page after this one.
    pub next_cursor: Option<String>,
    /// The cursor of the page before this one.
    ///
    /// A page that was reached by going forward has one even if the rows before it have been
    /// deleted since: the page there is then empty and leads back.
    pub previous_cursor: Option<String>,
    /// Whether there is a page after this one.
    pub has_more: bool,
    /// The number of all rows, where it was asked for.
    pub total: Option<Total>,
    pub(super) links: Vec<Link>,
}

impl<T> CursorPage<T> {
    /// The page with other rows: what a client sees in the place of what was read.
    #[must_use]
    pub fn map<U>(self, row: impl FnMut(T) -> U) -> CursorPage<U> {
        CursorPage {
            items: self.items.into_iter().map(row).collect(),
            next_cursor: self.next_cursor,
            previous_cursor: self.previous_cursor,
            has_more: self.has_more,
            total: self.total,
            links: self.links,
        }
    }
}

/// A number of rows, and how it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Total {
    /// All rows were counted.
    Exact(u64),
    /// There are more than this; counting stopped. `"total_relation": "at_least"`.
    AtLeast(u64),
    /// What the database's planner thinks. `"total_relation": "estimate"`.
    Estimate(u64),
}

impl Total {
    /// The number.
    pub fn count(self) -> u64 {
        match self {
            Self::Exact(count) | Self::AtLeast(count) | Self::Estimate(count) => count,
        }
    }

    pub(super) fn relation(self) -> Option<&'static str> {
        match self {
            Self::Exact(_) => None,
            Self::AtLeast(_) => Some("at_least"),
            Self::Estimate(_) => Some("estimate"),
        }
    }
}

/// `1000`, `1000+`, `~1000`.
impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exact(count) => write!(f, "{count}"),
            Self::AtLeast(count) => write!(f, "{count}+"),
            Self::Estimate(count) => write!(f, "~{count}"),
        }
    }
}

impl<T: Serialize> Serialize for CursorPage<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("CursorPage", 6)?;
        page.serialize_field("items", &self.items)?;
        self.members(&mut page)?;
        page.end()
    }
}

impl<T> CursorPage<T> {
    /// What the page says beside its rows.
    pub(super) fn members<S: SerializeStruct>(&self, page: &mut S) -> Result<(), S::Error> {
        page.serialize_field("next_cursor", &self.next_cursor)?;
        page.serialize_field("previous_cursor", &self.previous_cursor)?;
        page.serialize_field("has_more", &self.has_more)?;
        if let Some(total) = self.total {
            page.serialize_field("total", &total.count())?;
            if let Some(relation) = total.relation() {
                page.serialize_field("total_relation", relation)?;
            }
        }
        Ok(())
    }
}

impl<T: Serialize> IntoResponse for CursorPage<T> {
    fn into_response(self) -> Response {
        respond(&self, self.items.len(), &self.links)
    }
}

/// The JSON of a page of `rows` rows, with the links of its `Link` header.
pub(super) fn respond(page: &impl Serialize, rows: usize, links: &[Link]) -> Response {
    // A guess that spares most of the growing: a row of a table is a few hundred bytes of JSON.
    let mut body = Vec::with_capacity(128 + rows * 320);
    if let Err(error) = serde_json::to_writer(&mut body, page) {
        return Problem::internal(error).into_response();
    }
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(value) = link::header_value(links, &base_url()) {
        headers.insert(LINK, value);
    }
    response
}

/// What goes before the paths of links: what the layer of the links block found out, if any.
#[cfg(feature = "links")]
fn base_url() -> String {
    crate::links::current().base.clone()
}

#[cfg(not(feature = "links"))]
fn base_url() -> String {
    String::new()
}
