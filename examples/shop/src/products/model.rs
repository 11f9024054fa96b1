//! A product, and what it takes to make one.

use api_patterns::conditional::ETag;
use api_patterns::filter::Filter;
use api_patterns::links::Links;
use api_patterns::pagination::Keyset;
use api_patterns::patch::{Field, Patch};
use api_patterns::problem::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::ToSchema;

use crate::timestamp::Timestamp;
use crate::validate::{name, range, text};

/// The category of products that name none; the schema brings it along.
const GENERAL: i64 = 1;
/// The greatest integer that every JSON client reads exactly (RFC 8259 §6).
const MAX_PRICE: i64 = 9_007_199_254_740_991;

/// Something that is sold.
#[derive(Clone, Debug, Serialize, FromRow, Keyset, Filter, Links, Patch, ToSchema)]
#[patch(accept_json, immutable(id, created_at, updated_at))]
#[keyset(unique = id, default = "-created_at", sortable(id, created_at, price_cents, name, rating))]
#[filter(search(name, description))]
#[links(
    base = "/api/v1/products/{id}",
    any_rel,
    link(rel = "reviews", href = "{base}/reviews"),
    link(rel = "images", href = "{base}/images"),
    link(rel = "category", href = "/api/v1/categories/{category_id}"),
    link(rel = "collection", href = "/api/v1/products"),
    link(
        rel = "update",
        method = "PATCH",
        fields(sku, name, description, price_cents, category_id, rating, active)
    ),
    link(rel = "delete", method = "DELETE")
)]
pub(crate) struct Product {
    #[filter(eq, in)]
    #[schema(examples(6251))]
    pub(crate) id: i64,
    /// A name of its own, given by whoever added it.
    #[filter(eq, in)]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
        examples("ELE-06251")
    )]
    pub(crate) sku: String,
    #[filter(eq, like)]
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$",
        examples("Classic Bamboo Alarm Clock")
    )]
    pub(crate) name: String,
    #[schema(required, max_length = 2000, pattern = r"^[^\u0000]*$")]
    pub(crate) description: Option<String>,
    /// In hundredths of the currency.
    #[filter(eq, ne, lt, lte, gt, gte)]
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, examples(1999))]
    pub(crate) price_cents: i64,
    #[filter(eq, in)]
    #[schema(examples(3))]
    pub(crate) category_id: i64,
    /// 0 to 10; null where nobody has rated it.
    #[filter(eq, lt, lte, gt, gte, is_null)]
    #[schema(required, minimum = 0, maximum = 10, examples(9.7))]
    pub(crate) rating: Option<f64>,
    /// Whether it is on sale.
    #[filter(eq)]
    pub(crate) active: bool,
    #[filter(eq, lt, lte, gt, gte)]
    #[schema(value_type = String, format = DateTime, examples("2026-11-20T20:00:00.123456Z"))]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = String, format = DateTime, examples("2026-11-20T20:00:00.123456Z"))]
    pub(crate) updated_at: Timestamp,
    /// How often it has been changed, and one.
    #[serde(skip)]
    pub(crate) version: i64,
}

/// A product as a client sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(examples(
    json!({ "sku": "LIG-1", "name": "Lamp", "price_cents": 1999 }),
    json!({
        "sku": "LIG-2", "name": "Tall Lamp", "description": "It bends.", "price_cents": 4999,
        "category_id": 1, "rating": 9.7, "active": false,
    })
))]
pub(crate) struct NewProduct {
    /// No other product may have it. More than white space.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
    )]
    pub(crate) sku: String,
    /// More than white space.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
    )]
    pub(crate) name: String,
    #[schema(max_length = 2000, pattern = r"^[^\u0000]*$")]
    pub(crate) description: Option<String>,
    /// In hundredths of the currency.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub(crate) price_cents: i64,
    /// A category that exists; default: the one for everything else.
    category_id: Option<i64>,
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) rating: Option<f64>,
    /// Whether it is on sale at once; default: true.
    active: Option<bool>,
}

impl Product {
    /// The name of the state that it is in.
    pub(crate) fn tag(&self) -> ETag {
        ETag::version(self.version)
    }
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

impl ProductPatch {
    /// The same as it is to be kept: minus zero equals zero in SQL, and would still be shown as
    /// -0.0.
    pub(crate) fn normal(mut self) -> Self {
        self.rating = self.rating.map(|rating| rating.map(|rating| rating + 0.0));
        self
    }
}

impl Validate for ProductPatch {
    fn validate(&self, errors: &mut FieldErrors) {
        if let Field::Value(sku) = &self.sku {
            name(errors, "sku", sku, 64);
        }
        if let Field::Value(title) = &self.name {
            name(errors, "name", title, 200);
        }
        if let Field::Value(Some(description)) = &self.description {
            text(errors, "description", description, 0..=2000);
        }
        if let Field::Value(price) = self.price_cents {
            range(errors, "price_cents", price, 0..=MAX_PRICE);
        }
        if let Field::Value(Some(rating)) = self.rating {
            range(errors, "rating", rating, 0.0..=10.0);
        }
    }
}
