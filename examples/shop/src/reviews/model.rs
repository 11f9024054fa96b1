//! A review, and what it takes to write one.

use api_patterns::filter::Filter;
use api_patterns::links::Links;
use api_patterns::pagination::Keyset;
use api_patterns::problem::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::ToSchema;

use crate::timestamp::Timestamp;
use crate::validate::{name, range, text};

/// An opinion about a product.
#[derive(Debug, Serialize, FromRow, Keyset, Filter, Links, ToSchema)]
#[keyset(unique = id, default = "-created_at", sortable(created_at, rating))]
#[links(
    base = "/api/v1/products/{product_id}/reviews/{id}",
    any_rel,
    link(rel = "product", href = "/api/v1/products/{product_id}"),
    link(rel = "collection", href = "/api/v1/products/{product_id}/reviews")
)]
pub(crate) struct Review {
    pub(crate) id: i64,
    pub(crate) product_id: i64,
    /// null for one who gave no name.
    #[schema(required, examples("Ada"))]
    pub(crate) author: Option<String>,
    #[filter(eq, lt, lte, gt, gte)]
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) rating: f64,
    #[schema(required, examples("It bends."))]
    pub(crate) text: Option<String>,
    #[schema(value_type = String, format = DateTime, examples("2026-11-20T20:00:00.123456Z"))]
    pub(crate) created_at: Timestamp,
}

/// A review as a client sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(examples(json!({ "author": "Ada", "rating": 9, "text": "It bends." })))]
pub(crate) struct NewReview {
    /// More than white space.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
    )]
    pub(crate) author: Option<String>,
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) rating: f64,
    #[schema(max_length = 2000, pattern = r"^[^\u0000]*$")]
    pub(crate) text: Option<String>,
}

impl Validate for NewReview {
    fn validate(&self, errors: &mut FieldErrors) {
        if let Some(author) = &self.author {
            name(errors, "author", author, 100);
        }
        range(errors, "rating", self.rating, 0.0..=10.0);
        if let Some(opinion) = &self.text {
            text(errors, "text", opinion, 0..=2000);
        }
    }
}
