//! A category.

use api_patterns::filter::Filter;
use api_patterns::pagination::Keyset;
use serde::Serialize;
use sqlx::FromRow;

use crate::links::{BASE, HasLinks, Link};

/// A kind of product. Categories come with the schema and the seed; no route makes them.
#[derive(Debug, Serialize, FromRow, Keyset, Filter)]
#[keyset(unique = id, default = "id", sortable(id, name))]
pub(crate) struct Category {
    #[filter(eq, in)]
    pub(crate) id: i64,
    #[filter(eq, like)]
    pub(crate) name: String,
    pub(crate) description: String,
}

impl HasLinks for Category {
    fn href(&self) -> String {
        format!("{BASE}/categories/{}", self.id)
    }

    fn related(&self) -> Vec<Link> {
        vec![Link::get(
            "products",
            format!("{BASE}/products?category_id={}", self.id),
        )]
    }
}
