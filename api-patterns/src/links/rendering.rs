//! The forms that links can take on the wire.

/// A form of documents with links. One [`Links`](super::Links) definition serves all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rendering {
    /// `application/json` with `"links": [{"href", "rel", "method"}]` in every item and page.
    Plain,
    /// `application/json` as if there were no links; they are in the `Link` header only (RFC 8288).
    Header,
    /// `application/hal+json`: `_links` and `_embedded` (draft-kelly-json-hal). Links that are not
    /// followed with `GET` are left out, because HAL has no methods.
    Hal,
    /// `application/prs.hal-forms+json`: HAL, and `_templates` for the links that are not followed
    /// with `GET`.
    HalForms,
    /// `application/vnd.api+json`: resource objects, `links`, `meta` (JSON:API 1.1).
    ///
    /// Templated links, arrays of links and relations that are URIs are left out, because JSON:API
    /// has neither; a curie stands without its prefix. A single item's links stand in the document
    /// too, where clients look for them. An item must not have a member `type` of its own; one
    /// without an `id` is told from others by nothing.
    JsonApi,
}

impl Rendering {
    /// How many there are.
    pub(super) const COUNT: usize = 5;

    /// The media type of the documents.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Plain | Self::Header => "application/json",
            Self::Hal => "application/hal+json",
            Self::HalForms => "application/prs.hal-forms+json",
            Self::JsonApi => "application/vnd.api+json",
        }
    }
}
