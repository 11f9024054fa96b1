//! The event log over HTTP.

use api_patterns::bulk::{Bulk, MultiStatus};
use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith, PropertyKind};
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Event, NewEvent};
use crate::app::Shop;
use crate::batch::Batch;
use crate::error::{DatabaseFailed, NoEvent};
use crate::links::{BASE, create, create_many, search, up};
use crate::tx::Work;

/// Routes below `/api/v1`.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(add_all))
        .routes(routes!(show))
}

/// List events
///
/// The latest first, unless `sort` says otherwise. Filters go together: an event passes all of
/// them.
#[utoipa::path(get, path = "/events", operation_id = "list_events", tag = "events",
    params(PageRequest<Event>, Filters<Event>),
    responses(
        (status = 200, description = "A page of events", body = Linked<CursorPage<Event>>),
        DatabaseFailed,
    ))]
async fn list(
    State(shop): State<Shop>,
    page: PageRequest<Event>,
    filters: Filters<Event>,
) -> Result<LinkedWith<CursorPage<Event>>, Problem> {
    let page = shop.events.list(page, filters).await?;
    Ok(Linked(page)
        .link(search::<Event>("/api/v1/events"))
        .link(
            create("/api/v1/events")
                .field("kind", PropertyKind::Text, true)
                .field("title", PropertyKind::Text, true)
                .field("severity", PropertyKind::Number, false)
                .field("occurred_at", PropertyKind::Text, false),
        )
        .link(create_many("/api/v1/events/bulk"))
        .link(up(BASE)))
}

/// Show an event
///
/// With the payload that it was published with.
#[utoipa::path(get, path = "/events/{id}", operation_id = "show_event", tag = "events",
    params(("id" = i64, Path, description = "The event's id.")),
    responses(
        (status = 200, description = "The event", body = Linked<Event>,
            headers(("Link" = String, description = "Its links (RFC 8288)."))),
        NoEvent,
    ))]
async fn show(State(shop): State<Shop>, Path(id): Path<i64>) -> Result<Linked<Event>, Problem> {
    Ok(Linked(shop.events.get(id).await?))
}

/// Publish an event
///
/// It happens now, unless `occurred_at` says otherwise.
#[utoipa::path(post, path = "/events", operation_id = "add_event", tag = "events",
    request_body = NewEvent,
    responses(
        (status = 201, description = "The event as it was published", body = Linked<Event>,
            headers(
                ("Location" = String, description = "Where it is."),
                ("Link" = String, description = "Its links (RFC 8288)."),
            )),
        DatabaseFailed,
    ))]
async fn add(
    State(shop): State<Shop>,
    work: Work,
    Valid(Json(event)): Valid<Json<NewEvent>>,
) -> Result<LinkedWith<Event>, Problem> {
    let mut tx = work.begin().await?;
    Ok(Linked(shop.events.create(&mut tx, event).await?).created())
}

/// Publish several events
///
/// What is wrong with one of them does not stop the others; the answer tells of each. As lines
/// (`application/x-ndjson`) there may be any number of them; they are answered line by line, and
/// cannot be repeated under a key.
#[utoipa::path(post, path = "/events/bulk", operation_id = "add_events", tag = "events",
    params(Bulk<NewEvent>),
    request_body(content(
        (Bulk<NewEvent> = "application/json"),
        (NewEvent = "application/x-ndjson"),
    )),
    responses(
        (status = 207, description = "What became of each", content(
            (MultiStatus<Linked<Event>> = "application/json"),
            (String = "application/x-ndjson"),
        )),
        DatabaseFailed,
    ))]
async fn add_all(
    State(shop): State<Shop>,
    work: Work,
    batch: Batch<NewEvent>,
) -> Result<Response, Problem> {
    match batch {
        Batch::Items(items) => {
            let mut tx = work.begin().await?;
            let added = shop.events.create_all(&mut tx, items).await?;
            Ok(shown(added).into_response())
        }
        Batch::Lines(lines) => {
            let import = async move |items| shop.events.import(items).await.map(shown);
            Ok(lines.run_batches(import).into_response())
        }
    }
}

/// The events as a client sees them.
fn shown(events: MultiStatus<Event>) -> MultiStatus<Linked<Event>> {
    events.map(Linked).located(Linked::location)
}
