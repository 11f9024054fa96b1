//! An event, and what it takes to publish one.

use api_patterns::filter::Filter;
use api_patterns::links::Links;
use api_patterns::pagination::Keyset;
use api_patterns::problem::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use utoipa::ToSchema;

use super::payload::Payload;
use crate::timestamp::Timestamp;
use crate::validate::name;

const MAX_PAYLOAD: usize = 8 * 1024;

/// Something that happened.
#[derive(Debug, Serialize, FromRow, Keyset, Filter, Links, ToSchema)]
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
    #[schema(examples("earthquake"))]
    pub(crate) kind: String,
    #[filter(eq, like)]
    #[schema(examples("M 2.0 - 10 km NW of The Geysers, CA"))]
    pub(crate) title: String,
    #[filter(eq, lt, lte, gt, gte, is_null)]
    #[schema(required, examples(2.0))]
    pub(crate) severity: Option<f64>,
    /// When it happened.
    #[filter(eq, lt, lte, gt, gte)]
    #[schema(value_type = String, format = DateTime, examples("2026-11-20T20:00:00.123456Z"))]
    pub(crate) occurred_at: Timestamp,
    /// When it was published.
    #[filter(eq, lt, lte, gt, gte)]
    #[schema(value_type = String, format = DateTime, examples("2026-11-20T20:00:00.123456Z"))]
    pub(crate) created_at: Timestamp,
    /// Whatever was sent along.
    #[schema(value_type = Value, required)]
    pub(crate) payload: Option<Payload>,
}

/// An event as a client sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(examples(
    json!({ "kind": "note", "title": "The shop is open" }),
    json!({
        "kind": "earthquake", "title": "M 2.0 - 10 km NW of The Geysers, CA", "severity": 2.0,
        "occurred_at": "2018-02-07T01:26:13.840001Z", "payload": { "depth": 2.5 },
    })
))]
pub(crate) struct NewEvent {
    /// Any text that is more than white space.
    #[schema(
        min_length = 1,
        max_length = 100,
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
    )]
    pub(crate) kind: String,
    /// More than white space.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
    )]
    pub(crate) title: String,
    pub(crate) severity: Option<f64>,
    /// When it happened; now, unless said otherwise. Digits beyond the microsecond are dropped.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) occurred_at: Option<Timestamp>,
    /// At most 8 KiB of JSON.
    #[schema(value_type = Value, required = false)]
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
