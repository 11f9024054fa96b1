//! Links of items and pages: declared once, checked by the compiler, written in five renderings.
//!
//! For APIs whose clients follow links instead of building addresses. Derive [`Links`] on what is
//! sent, return it as [`Linked`]:
//!
//! ```
//! use api_patterns::links::{Linked, Links};
//! use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
//! use axum::extract::Path;
//! use serde::Serialize;
//!
//! #[derive(Serialize, Keyset, Links)]
//! #[keyset(unique = id, default = "id")]
//! #[links(base = "/api/v1/products/{id}", any_rel,
//!         link(rel = "update", method = "PATCH"),
//!         link(rel = "delete", method = "DELETE", when = "self.can_delete"),
//!         link(rel = "reviews", href = "{base}/reviews"),
//!         link(rel = "category", href = "/api/v1/categories/{category_id}"))]
//! struct Product { id: i64, category_id: Option<i64>, #[serde(skip)] can_delete: bool }
//!
//! # fn find(id: i64) -> Product { Product { id, category_id: None, can_delete: false } }
//! async fn show(Path(id): Path<i64>) -> Linked<Product> {
//!     Linked(find(id))
//! }
//!
//! async fn list(page: PageRequest<Product>) -> Linked<CursorPage<Product>> {
//!     # let rows = vec![find(1)];
//!     Linked(page.select(rows).expect("short keys"))
//! }
//! ```
//!
//! `GET /api/v1/products/7` answers
//!
//! ```json
//! {"id": 7, "category_id": null, "links": [
//!   {"href": "/api/v1/products/7", "rel": "self", "method": "GET"},
//!   {"href": "/api/v1/products/7", "rel": "update", "method": "PATCH"},
//!   {"href": "/api/v1/products/7/reviews", "rel": "reviews", "method": "GET"}]}
//! ```
//!
//! and a `Link` header with what can be followed by `GET` (RFC 8288). A field in an address that
//! does not exist, or cannot be written as text, is an error of the compiler.
//!
//! # Example: other renderings, and absolute links
//! ```
//! use api_patterns::links::{LinksLayer, Rendering};
//! use api_patterns::proxy::BaseUrl;
//!
//! # fn router() -> Result<axum::Router, Box<dyn std::error::Error>> {
//! let app = axum::Router::new() // .route(…)
//!     .layer(LinksLayer::new()
//!         .base(BaseUrl::fixed("https://shop.example")?)
//!         .offer([Rendering::Plain, Rendering::Hal]));
//! # Ok(app) }
//! ```
//!
//! | rendering | media type | an item's links | a page |
//! | --- | --- | --- | --- |
//! | [`Plain`](Rendering::Plain) | `application/json` | `links: [{href, rel, method}]` | `items`, `links` |
//! | [`Hal`](Rendering::Hal) | `application/hal+json` | `_links`, those for `GET` | `_embedded`, `_links` |
//! | [`HalForms`](Rendering::HalForms) | `application/prs.hal-forms+json` | and the others as `_templates` | as HAL |
//! | [`JsonApi`](Rendering::JsonApi) | `application/vnd.api+json` | `links` of the resource object | `data`, `links`, `meta` |
//! | [`Header`](Rendering::Header) | `application/json` | none in the body | `items` |
//!
//! The client's `Accept` chooses among those that the layer offers; the response then says
//! `Vary: Accept`, and is a 406 problem where nothing fits. A `Link` header goes with all of them:
//! the links of a single item, the pages beside a page. Templated links are in a `Link-Template`
//! header (RFC 9652). Proxies refuse long headers, so what does not fit into 2 KiB is left out: of a
//! page's links last the next one.
//!
//! # Example: links that depend on the caller
//! ```
//! use api_patterns::links::{Linked, LinkedWith, Links};
//! # use serde::Serialize;
//! # #[derive(Clone)]
//! struct Caller { admin: bool }
//!
//! #[derive(Serialize, Links)]
//! #[links(base = "/notes/{id}", context = Caller,
//!         link(rel = "edit", method = "PUT", when = "self.open || context.admin"))]
//! struct Note { id: u64, open: bool }
//!
//! async fn show(/* caller: Caller, … */) -> LinkedWith<Note, Caller> {
//!     # let caller = Caller { admin: true };
//!     Linked(Note { id: 1, open: false }).with(caller)
//! }
//! ```
//!
//! Without `.with(…)` this does not compile, so no route can forget to ask who is there.
//!
//! # Pages and lists
//! [`Linked`] holds an item, a `CursorPage` or an `OffsetPage` of items, or a `Vec` of them, which
//! is `{"items": […], "links": []}`. [`link`](Linked::link) adds links to the document itself.
//!
//! # Addresses
//! Values are percent-encoded, so that `a/b?c#d é` stays one path segment and comes back as it was.
//! A link is left out where a value of it is `None`, and where a value that is a whole path
//! segment is empty, `.` or `..`: clients would resolve those to another resource.
//!
//! Addresses in a derive are whole paths. For a router that does not know where it is nested,
//! [`LinksLayer::mounted`] puts the path of the nest before them. The links of pages come from
//! the request and are right in either case.
//!
//! Members of the name `links` (`_links`, `_embedded` and `_templates` in HAL) belong to the
//! rendering. The derive sees to it for fields; what `#[serde(flatten)]` brings along it cannot
//! see.
//!
//! # Differences from other libraries
//! What the links of all items of a type have in common is put together once, and kept; an item
//! copies it into the response between its values. A page with five links for each item takes no allocation per link
//! or item.
//!
//! # Deployment caveat
//! Behind a proxy that takes a prefix off the path, links are wrong until
//! [`base`](LinksLayer::base) knows the prefix; see [`proxy`](crate::proxy).

pub(crate) mod accept;
mod definition;
mod entry;
mod format;
mod future;
mod json;
mod kept;
mod layer;
mod link;
mod linked;
mod nested;
#[cfg(feature = "utoipa")]
pub(crate) mod openapi;
mod page;
mod program;
mod rendering;
mod represent;
mod values;
mod view;

#[doc(hidden)]
pub use self::definition::{Curie, Definition, LinkSpec, Piece, Property};
pub use self::definition::{Links, PropertyKind};
pub use self::future::ResponseFuture;
pub use self::layer::{LinksLayer, LinksService};
pub use self::link::Link;
pub use self::linked::{Linked, LinkedWith};
#[cfg(feature = "utoipa")]
#[doc(hidden)]
pub use self::openapi::Describe;
#[cfg(feature = "pagination")]
pub(crate) use self::page::{Page, represent};
pub use self::rendering::Rendering;
#[doc(hidden)]
pub use self::represent::Document;
pub use self::represent::Represent;
#[doc(hidden)]
pub use self::values::{LinkValue, Values};
#[cfg(feature = "pagination")]
pub(crate) use self::view::current;

/// Derives [`Links`](trait@Links) for a struct with named fields.
///
/// ```
/// use api_patterns::links::Links;
///
/// #[derive(Links)]
/// #[links(
///     base = "/api/v1/orders/{number}",      // where the item is: its `self` link, and {base}
///     context = Caller,                      // what `when` may ask beside the item; default ()
///     curie(name = "shop", href = "https://shop.example/rels/{rel}"),
///     link(rel = "collection", href = "/api/v1/orders?customer={customer}"),
///     link(rel = "edit", method = "PATCH", when = "self.is_open && context.may_edit",
///          title = "Change the order", fields(note)),
///     link(rel = "shop:invoice", href = "{base}/invoice", type = "application/pdf"),
///     link(rel = "item", href = "{base}/lines/{each}", each = lines),
///     link(rel = "search", href = "/api/v1/orders{?q,page}"),
/// )]
/// struct Order { number: String, customer: Option<u64>, is_open: bool, note: String, lines: Vec<u32> }
///
/// struct Caller { may_edit: bool }
/// ```
///
/// On the struct:
///
/// * `base = "/…/{field}"`: the address of the item itself. It becomes the `self` link, and
///   `{base}` in other addresses.
/// * `context = Type`: what conditions may ask beside `self`, under the name `context`.
/// * `resource = "orders"`: the name of several of these, for HAL's `_embedded` and JSON:API's
///   `type`. Default: the last literal segment of the base before its last placeholder.
/// * `id = field`: what JSON:API sends as `id`. Default: the last placeholder of the base.
/// * `curie(name = "…", href = "…{rel}")`: a short name for relations that are URIs.
/// * `any_rel`: no warning for a relation that is neither [registered], nor a URI, nor a curie.
/// * `link(…)`, as often as needed, with
///   * `rel = "…"`: the relation;
///   * `href = "…"`: the address; default `{base}`. A path, or a URL with its scheme;
///   * `method = "PUT"` or `method = PUT`: default `GET`;
///   * `when = "…"`: the link is there where this expression over `self` and `context` is true;
///   * `list`: the relation is an array in HAL, whatever the number of its links;
///   * `each = field`: one link for each element, `{each}` in the address; a list as well;
///   * `title`, `type`, `name`: what they are in RFC 8288 and HAL;
///   * `fields(…)`: the fields that a request may send, for HAL-FORMS.
///
/// Clippy's `duplicated_attributes` takes equal literals in two links for a mistake; with
/// `method = PUT` and `when = self.open` in the place of quoted ones it has nothing to compare.
///
/// In addresses `{field}` is percent-encoded; `{*field}` keeps slashes. Expressions of RFC 6570 that
/// begin with an operator (`{?q,page}`) are for the client, and so is `{{name}}`, which stands for
/// `{name}`; such links are marked as templated.
///
/// [registered]: https://www.iana.org/assignments/link-relations/
#[cfg(feature = "macros")]
pub use api_patterns_macros::Links;
