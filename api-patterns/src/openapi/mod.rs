//! What an OpenAPI document says beside the types: which answers are pages, where their links lead,
//! and which problems every operation may answer with.
//!
//! For services that describe themselves with [utoipa]. The types of this crate are known to it:
//! pages and [`Problem`](struct@crate::problem::Problem) are schemas, page requests and filters are
//! parameters, error types that derive `Problem` are responses. Modifiers add what follows from
//! the operations.
//!
//! # Example
#![cfg_attr(
    all(feature = "macros", feature = "pagination", feature = "filter"),
    doc = "```"
)]
#![cfg_attr(
    not(all(feature = "macros", feature = "pagination", feature = "filter")),
    doc = "```ignore"
)]
//! use api_patterns::filter::{Filter, Filters};
//! use api_patterns::openapi::{CommonProblems, Paginated};
//! use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
//! use api_patterns::problem::{Path, Problem, Problems};
//! use utoipa::{OpenApi, ToSchema};
//!
//! #[derive(serde::Serialize, ToSchema, Keyset, Filter)]
//! #[keyset(unique = id, default = "-id", sortable(id, price_cents))]
//! struct Product {
//!     #[filter(eq, in)]
//!     id: i64,
//!     #[filter(gte, lte)]
//!     price_cents: i64,
//! }
//!
//! #[derive(Debug, thiserror::Error, Problem)]
//! enum ShopError {
//!     /// There is no such product.
//!     #[error("there is no product {0}")]
//!     #[problem(status = 404, code = "product_not_found")]
//!     NoProduct(i64),
//! }
//!
//! #[utoipa::path(get, path = "/products", params(PageRequest<Product>, Filters<Product>),
//!     responses((status = 200, description = "A page", body = CursorPage<Product>), Problems<429>))]
//! async fn list(page: PageRequest<Product>, _: Filters<Product>) -> Result<CursorPage<Product>, Problem> {
//!     page.select([])
//! }
//!
//! #[utoipa::path(get, path = "/products/{id}", params(("id" = i64, Path)),
//!     responses((status = 200, description = "The product", body = Product), ShopError))]
//! async fn show(Path(id): Path<i64>) -> Result<String, ShopError> {
//!     Err(ShopError::NoProduct(id))
//! }
//!
//! const PAGES: Paginated = Paginated::new();
//! const PROBLEMS: CommonProblems = CommonProblems::new();
//!
//! #[derive(OpenApi)]
//! #[openapi(paths(list, show), modifiers(&PAGES, &PROBLEMS))]
//! struct Api;
//!
//! let document = serde_json::to_value(Api::openapi())?;
//! let list = &document["paths"]["/products"]["get"];
//! assert_eq!(list["x-pagination"]["cursor_param"], "cursor");
//! let missing = &document["paths"]["/products/{id}"]["get"]["responses"]["404"];
//! assert_eq!(missing["description"], "Not Found: `product_not_found`");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Example: the settings of the pages
//! A type cannot know what a [`Pagination`](crate::pagination::Pagination) layer sets. Without
//! more, the document shows the defaults; with the layer's own value it shows what holds:
#![cfg_attr(feature = "pagination", doc = "```")]
#![cfg_attr(not(feature = "pagination"), doc = "```ignore")]
//! use api_patterns::openapi::Paginated;
//! use api_patterns::pagination::Pagination;
//! use utoipa::{Modify as _, OpenApi};
//!
//! # #[derive(OpenApi)]
//! # struct Api;
//! let pagination = Pagination::plain().max_limit(200);
//! let mut document = Api::openapi();
//! Paginated::new().settings(&pagination).modify(&mut document);
//! // … .layer(pagination)
//! ```
//!
//! # Example: links between operations
//! From the definitions that make the links at run time follow the `links` of OpenAPI, and a test
//! that no link leads nowhere. Where a layer offers other renderings than the plain one,
//! [`Renderings`] describes them.
#![cfg_attr(
    all(feature = "macros", feature = "pagination", feature = "links"),
    doc = "```"
)]
#![cfg_attr(
    not(all(feature = "macros", feature = "pagination", feature = "links")),
    doc = "```ignore"
)]
//! use api_patterns::links::{Linked, Links, LinksLayer, Rendering};
//! use api_patterns::openapi::{CommonProblems, LinkedOperations, Paginated, Renderings};
//! use utoipa::{OpenApi, ToSchema};
//!
//! #[derive(serde::Serialize, ToSchema, Links)]
//! #[links(base = "/books/{id}", link(rel = "author", href = "/authors/{author_id}"))]
//! struct Book { id: i64, author_id: i64 }
//!
//! #[utoipa::path(get, path = "/books/{id}", params(("id" = i64, Path)), operation_id = "book",
//!     responses((status = 200, description = "The book", body = Linked<Book>)))]
//! async fn book() -> Linked<Book> {
//!     Linked(Book { id: 1, author_id: 2 })
//! }
//!
//! #[utoipa::path(get, path = "/authors/{id}", params(("id" = i64, Path)), operation_id = "author",
//!     responses((status = 200, description = "Who wrote it")))]
//! async fn author() {}
//!
//! const OFFERED: [Rendering; 2] = [Rendering::Plain, Rendering::Hal];
//! const LINKS: LinkedOperations = LinkedOperations::new().of::<Book>();
//! const PAGES: Paginated = Paginated::new();
//! const RENDERINGS: Renderings = Renderings::new(OFFERED);
//! const PROBLEMS: CommonProblems = CommonProblems::new();
//!
//! #[derive(OpenApi)]
//! #[openapi(paths(book, author), modifiers(&LINKS, &PAGES, &RENDERINGS, &PROBLEMS))]
//! struct Api;
//!
//! let layer = LinksLayer::new().offer(OFFERED);
//! let document = serde_json::to_value(Api::openapi())?;
//! let response = &document["paths"]["/books/{id}"]["get"]["responses"]["200"];
//! let link = &response["links"]["author"];
//! assert_eq!(link["operationId"], "author");
//! assert_eq!(link["parameters"]["id"], "$response.body#/author_id");
//! assert!(response["content"]["application/hal+json"]["schema"].is_object());
//! // In a test:
//! assert_eq!(LINKS.dangling(&Api::openapi()), Vec::<String>::new());
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # What to mind
//! * A cursor comes from a page: a text of the client's own making is a 400, whatever its schema.
//! * Some parameters exclude each other: `page` and `offset`, `first` and `last`. For
//!   `OffsetRequest` the document has `page` and `page_size`, and tells of the other pair in words.
//! * JSON Schema takes `190.0` for an integer; serde's integers do not.
//! * With [`ProblemLayer::classic`](crate::problem::ProblemLayer::classic) problems have another
//!   form, which [`CommonProblems::classic`] describes.
//! * Without [`Renderings`] the document has `Linked<Product>` and `Linked<CursorPage<Product>>` in
//!   the plain rendering only.
//! * utoipa names an operation after its function: where two are called `list`, one needs an
//!   `operation_id`.
//! * Modifiers see what is in the document when they run. With `utoipa-axum`, `nest` or `merge` apply
//!   them to the whole, last: `LINKS.modify(&mut document)` after `split_for_parts()`.
//! * The names `Link`, `Problem`, `FieldError` and those that begin with `Hal` and `JsonApi` are taken;
//!   give a type of yours another one by `#[schema(as = …)]`. Two types of one name are one to utoipa.
//! * `x-pagination` and `links` speak of the plain rendering, so it should be among those offered.
//! * Statuses behind a `#[problem(transparent)]` type parameter or `Box` have to be described by hand.
//!
//! # Design
//! Schemas are for OpenAPI 3.1, which utoipa writes: what may be null has the type
//! `["string", "null"]`. A page of `Product` is the component `CursorPage_Product`, its items refer
//! to `Product`. Response types do not gather components in utoipa, so the problem's schema stands
//! in each response until [`CommonProblems`] makes it one component. Schemas of `Linked<…>` have
//! the names that HAL and JSON:API use for the item in `x-resource`.
//!
//! [utoipa]: https://docs.rs/utoipa/6

#[cfg(feature = "links")]
mod address;
#[cfg(feature = "links")]
mod linked_operations;
#[cfg(feature = "pagination")]
mod paginated;
mod problems;
#[cfg(feature = "links")]
mod rendered;
#[cfg(feature = "links")]
mod renderings;
#[cfg(any(
    feature = "pagination",
    feature = "links",
    feature = "bulk",
    feature = "patch"
))]
#[cfg_attr(not(feature = "pagination"), allow(dead_code))]
pub(crate) mod schema;
#[cfg(feature = "links")]
mod shapes;

#[cfg(feature = "links")]
pub use self::linked_operations::LinkedOperations;
#[cfg(feature = "pagination")]
pub use self::paginated::Paginated;
pub use self::problems::CommonProblems;
#[cfg(feature = "links")]
pub use self::renderings::Renderings;

use utoipa::openapi::path::{Operation, PathItem};

/// All operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    operations_with_safety(item).map(|(_, operation)| operation)
}

/// All operations of a path, with whether the method is safe (RFC 9110 §9.2.1).
fn operations_with_safety(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let named = [
        (true, &mut item.get),
        (false, &mut item.put),
        (false, &mut item.post),
        (false, &mut item.delete),
        (true, &mut item.options),
        (true, &mut item.head),
        (false, &mut item.patch),
        (true, &mut item.trace),
        (true, &mut item.query),
    ];
    let named = named.into_iter();
    let there = named.filter_map(|(is_safe, found)| Some((is_safe, found.as_mut()?)));
    let others = item.additional_operations.values_mut();
    there.chain(others.map(|operation| (false, operation)))
}
