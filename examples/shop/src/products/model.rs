//! A product, and what it takes to make one.

use api_patterns::filter::Filter;
use api_patterns::links::Links;
use api_patterns::pagination::Keyset;
use api_patterns::problem::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::timestamp::Timestamp;
use crate::validate::{name, range, text};

/// The category of products that name none; the schema brings it along.
const GENERAL: i64 = 1;
/// The greatest integer that every JSON client reads exactly (RFC 8259 §6).
const MAX_PRICE: i64 = 9_007_199_254_740_991;

/// Something that is sold.
#[derive(Debug, Serialize, FromRow, Keyset, Filter, Links)]
#[keyset(unique = id, default = "-created_at", sortable(id, created_at, price_cents, name, rating))]
#[filter(search(name, description))]
#[links(
    base = "/api/v1/products/{id}",
    any_rel,
    link(rel = "reviews", href = "{base}/reviews"),
    link(rel = "images", href = "{base}/images"),
    link(rel = "category", href = "/api/v1/categories/{category_id}"),
    link(rel = "collection", href = "/api/v1/products")
)]
pub(crate) struct Product {
    #[filter(eq, in)]
    pub(crate) id: i64,
    #[filter(eq, in)]
    pub(crate) sku: String,
    #[filter(eq, like)]
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    #[filter(eq, ne, lt, lte, gt, gte)]
    pub(crate) price_cents: i64,
    #[filter(eq, in)]
    pub(crate) category_id: i64,
    #[filter(eq, lt, lte, gt, gte, is_null)]
    pub(crate) rating: Option<f64>,
    #[filter(eq)]
    pub(crate) active: bool,
    #[filter(eq, lt, lte, gt, gte)]
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A product as a client sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct NewProduct {
    pub(crate) sku: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) price_cents: i64,
    category_id: Option<i64>,
    pub(crate) rating: Option<f64>,
    active: Option<bool>,
}

impl NewProduct {
    /// The category it goes to.
    pub(crate) fn category_id(&self) -> i64 {
        self.category_id.unwrap_or(GENERAL)
    }

    /// Whether it is on sale at once.
    pub(crate) fn active(&self) -> bool {
        self.active.unwrap_or(true)
    }
}

impl Validate for NewProduct {
    fn validate(&self, errors: &mut FieldErrors) {
        name(errors, "sku", &self.sku, 64);
        name(errors, "name", &self.name, 200);
        if let Some(description) = &self.description {
            text(errors, "description", description, 0..=2000);
        }
        range(errors, "price_cents", self.price_cents, 0..=MAX_PRICE);
        if let Some(rating) = self.rating {
            range(errors, "rating", rating, 0.0..=10.0);
        }
    }
}
