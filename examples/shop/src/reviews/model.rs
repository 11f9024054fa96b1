//! A review, and what it takes to write one.

use api_patterns::filter::Filter;
use api_patterns::pagination::Keyset;
use api_patterns::problem::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::links::{BASE, HasLinks, Link};
use crate::timestamp::Timestamp;
use crate::validate::{name, range, text};

/// An opinion about a product.
#[derive(Debug, Serialize, FromRow, Keyset, Filter)]
#[keyset(unique = id, default = "-created_at", sortable(created_at, rating))]
pub(crate) struct Review {
    pub(crate) id: i64,
    pub(crate) product_id: i64,
    pub(crate) author: Option<String>,
    #[filter(eq, lt, lte, gt, gte)]
    pub(crate) rating: f64,
    pub(crate) text: Option<String>,
    pub(crate) created_at: Timestamp,
}

impl HasLinks for Review {
    fn href(&self) -> String {
        format!("{BASE}/products/{}/reviews/{}", self.product_id, self.id)
    }

    fn related(&self) -> Vec<Link> {
        vec![Link::get(
            "product",
            format!("{BASE}/products/{}", self.product_id),
        )]
    }
}

/// A review as a client sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct NewReview {
    pub(crate) author: Option<String>,
    pub(crate) rating: f64,
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
