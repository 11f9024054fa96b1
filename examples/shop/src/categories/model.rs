//! A category.

use api_patterns::filter::Filter;
use api_patterns::links::Links;
use api_patterns::pagination::Keyset;
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

/// A kind of product. Categories come with the schema and the seed; no route makes them.
#[derive(Debug, Serialize, FromRow, Keyset, Filter, Links, ToSchema)]
#[keyset(unique = id, default = "id", sortable(id, name))]
#[links(
    base = "/api/v1/categories/{id}",
    any_rel,
    link(rel = "products", href = "/api/v1/products?category_id={id}"),
    link(rel = "collection", href = "/api/v1/categories")
)]
pub(crate) struct Category {
    #[filter(eq, in)]
    #[schema(examples(3))]
    pub(crate) id: i64,
    #[filter(eq, like)]
    #[schema(examples("Kitchen"))]
    pub(crate) name: String,
    pub(crate) description: String,
}
