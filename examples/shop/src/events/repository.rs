//! The statements of the events.

use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::Problem;

use super::model::{Event, NewEvent};
use crate::db::{Db, begin, with_db};
use crate::timestamp::Timestamp;

/// One page of the events that pass the filters.
pub(super) async fn page(
    db: &Db,
    page: PageRequest<Event>,
    filters: Filters<Event>,
) -> Result<CursorPage<Event>, Problem> {
    with_db!(db, pool => {
        page.fetch(pool, |query| {
            query.push("SELECT * FROM events");
            filters.push_where(query);
        })
        .await
    })
}

/// The event with this id.
pub(super) async fn find(db: &Db, id: i64) -> sqlx::Result<Option<Event>> {
    with_db!(db, pool => {
        sqlx::query_as("SELECT * FROM events WHERE id = $1").bind(id).fetch_optional(pool).await
    })
}

/// Inserts events, all or none.
pub(super) async fn insert(db: &Db, events: &[&NewEvent]) -> sqlx::Result<Vec<Event>> {
    let now = Timestamp::now();
    with_db!(db, pool => {
        let mut tx = begin(pool).await?;
        let mut inserted = Vec::with_capacity(events.len());
        for event in events {
            let query = sqlx::query_as(
                "INSERT INTO events (kind, title, severity, occurred_at, created_at, payload) \
                 VALUES ($1, $2, $3, $4, $5, $6) RETURNING *",
            );
            let query = query
                .bind(&event.kind)
                .bind(&event.title)
                // Minus zero equals zero in SQL, and would still be shown as -0.0.
                .bind(event.severity.map(|severity| severity + 0.0))
                .bind(event.occurred_at.unwrap_or(now))
                .bind(now)
                .bind(&event.payload);
            inserted.push(query.fetch_one(&mut *tx).await?);
        }
        tx.commit().await?;
        Ok(inserted)
    })
}
