//! The statements of the events.

use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::Problem;
use sqlx::QueryBuilder;

use super::model::{Event, NewEvent};
use crate::db::{Db, with_db};
use crate::timestamp::Timestamp;
use crate::tx::{Tx, with_tx};

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

/// Inserts events, all or none, and gives them back in their order.
pub(super) async fn insert(tx: &mut Tx<'_>, events: &[NewEvent]) -> sqlx::Result<Vec<Event>> {
    let now = Timestamp::now();
    let mut inserted: Vec<Event> = with_tx!(tx, connection => {
        let mut query = QueryBuilder::new(
            "INSERT INTO events (kind, title, severity, occurred_at, created_at, payload) ",
        );
        query.push_values(events, |mut row, event| {
            row.push_bind(&event.kind)
                .push_bind(&event.title)
                // Minus zero equals zero in SQL, and would still be shown as -0.0.
                .push_bind(event.severity.map(|severity| severity + 0.0))
                .push_bind(event.occurred_at.unwrap_or(now))
                .push_bind(now)
                .push_bind(event.payload.as_ref());
        });
        query.push(" RETURNING *").build_query_as().fetch_all(connection).await?
    });
    // They are numbered in the order of the statement; in which order they come back is not said.
    inserted.sort_unstable_by_key(|event| event.id);
    Ok(inserted)
}
