//! What an OpenAPI document says beside the types: which answers are pages, and which problems
//! every operation may answer with.
//!
//! For services that describe themselves with [utoipa]. The types of this crate are known to it:
//! pages and [`Problem`](struct@crate::problem::Problem) are schemas, page requests and filters are
//! parameters, error types that derive `Problem` are responses. Two modifiers add what follows
//! from the operations.
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
//! # What to mind
//! * A cursor comes from a page: a text of the client's own making is a 400, whatever its schema.
//! * Some parameters exclude each other: `page` and `offset`, `first` and `last`. For
//!   `OffsetRequest` the document has `page` and `page_size`, and tells of the other pair in words.
//! * JSON Schema takes `190.0` for an integer; serde's integers do not.
//! * With [`ProblemLayer::classic`](crate::problem::ProblemLayer::classic) problems have another
//!   form, which [`CommonProblems::classic`] describes.
//! * `Linked<Product>` and `Linked<CursorPage<Product>>` are described in the plain rendering.
//!   Other renderings that a layer offers have media types of their own, which the application
//!   adds to its responses.
//! * utoipa names an operation after its function: where two are called `list`, one needs an
//!   `operation_id`.
//!
//! # Design
//! Schemas are for OpenAPI 3.1, which utoipa writes: what may be null has the type
//! `["string", "null"]`. A page of `Product` is the component `CursorPage_Product`, its items refer
//! to `Product`. Response types do not gather components in utoipa, so the problem's schema stands
//! in each response until [`CommonProblems`] makes it one component.
//!
//! [utoipa]: https://docs.rs/utoipa/6

#[cfg(feature = "pagination")]
mod paginated;
mod problems;
#[cfg(any(feature = "pagination", feature = "links"))]
#[cfg_attr(not(feature = "pagination"), allow(dead_code))]
pub(crate) mod schema;

#[cfg(feature = "pagination")]
pub use self::paginated::Paginated;
pub use self::problems::CommonProblems;

use utoipa::openapi::path::{Operation, PathItem};

/// All operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let named = [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
        &mut item.query,
    ];
    let others = item.additional_operations.values_mut();
    named.into_iter().flatten().chain(others)
}
