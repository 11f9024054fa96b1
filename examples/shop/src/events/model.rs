//! An event, and what it takes to publish one.

use api_patterns::filter::Filter;
use api_patterns::links::Links;
use api_patterns::pagination::Keyset;
use api_patterns::problem::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::payload::Payload;
use crate::timestamp::Timestamp;
use crate::validate::name;

const MAX_PAYLOAD: usize = 8 * 1024;

/// Something that happened.
#[derive(Debug, Serialize, FromRow, Keyset, Filter, Links)]
#[keyset(
    unique = id,
    default = "-occurred_at",
    sortable(id, occurred_at, created_at, kind, title, severity)
)]
#[filter(search(title, kind))]
#[links(
    base = "/api/v1/events/{id}",
    link(rel = "collection", href = "/api/v1/events")
)]
pub(crate) struct Event {
    #[filter(eq, in)]
    pub(crate) id: i64,
    #[filter(eq, ne, in, like)]
    pub(crate) kind: String,
    #[filter(eq, like)]
    pub(crate) title: String,
    #[filter(eq, lt, lte, gt, gte, is_null)]
    pub(crate) severity: Option<f64>,
    #[filter(eq, lt, lte, gt, gte)]
    pub(crate) occurred_at: Timestamp,
    #[filter(eq, lt, lte, gt, gte)]
    pub(crate) created_at: Timestamp,
    pub(crate) payload: Option<Payload>,
}

/// An event as a client sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct NewEvent {
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) severity: Option<f64>,
    /// When it happened; now, unless said otherwise.
    pub(crate) occurred_at: Option<Timestamp>,
    pub(crate) payload: Option<Payload>,
}

impl Validate for NewEvent {
    fn validate(&self, errors: &mut FieldErrors) {
        name(errors, "kind", &self.kind, 100);
        name(errors, "title", &self.title, 200);
        let size = self.payload.as_ref().map_or(0, Payload::size);
        errors.check(
            "payload",
            size <= MAX_PAYLOAD,
            format!("must be at most {MAX_PAYLOAD} bytes long"),
        );
    }
}
