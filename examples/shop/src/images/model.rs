//! A picture: what is known about it, and its bytes.

use api_patterns::filter::Filter;
use api_patterns::links::Links;
use api_patterns::pagination::Keyset;
use serde::Serialize;
use sqlx::FromRow;
use utoipa::openapi::schema::{KnownFormat, Schema, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::timestamp::Timestamp;

/// What is known about a picture. Its bytes are behind the link `enclosure`.
#[derive(Debug, Serialize, FromRow, Keyset, Filter, Links, ToSchema)]
#[keyset(unique = id, default = "id", sortable(id, created_at))]
#[links(
    base = "/api/v1/products/{product_id}/images/{id}",
    any_rel,
    link(rel = "product", href = "/api/v1/products/{product_id}"),
    link(rel = "collection", href = "/api/v1/products/{product_id}/images"),
    link(rel = "enclosure", href = "{base}/content")
)]
pub(crate) struct Image {
    pub(crate) id: i64,
    pub(crate) product_id: i64,
    /// What it shows, for those who do not see it.
    pub(crate) alt: String,
    #[filter(eq, in)]
    #[schema(pattern = "^image/", examples("image/svg+xml"))]
    pub(crate) media_type: String,
    /// In bytes.
    #[schema(minimum = 0)]
    pub(crate) size: i64,
    /// In pixels, where the picture tells it.
    #[schema(required, minimum = 1)]
    pub(crate) width: Option<i64>,
    /// In pixels, where the picture tells it.
    #[schema(required, minimum = 1)]
    pub(crate) height: Option<i64>,
    #[schema(value_type = String, format = DateTime, examples("2026-11-20T20:00:00.123456Z"))]
    pub(crate) created_at: Timestamp,
}

/// The bytes of a picture.
#[derive(Debug, FromRow)]
pub(crate) struct Content {
    pub(crate) media_type: String,
    #[sqlx(rename = "content")]
    pub(crate) bytes: Vec<u8>,
}

impl ToSchema for Content {}

impl PartialSchema for Content {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .into()
    }
}
