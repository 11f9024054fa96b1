//! The event log over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith};
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};

use super::model::{Event, NewEvent};
use crate::app::Shop;
use crate::bulk::{Items, Outcome};
use crate::links::{create, search};

/// Routes below `/api/v1`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/events", get(list).post(add))
        .route("/events/bulk", post(add_all))
        .route("/events/{id}", get(show))
}

async fn list(
    State(shop): State<Shop>,
    page: PageRequest<Event>,
    filters: Filters<Event>,
) -> Result<LinkedWith<CursorPage<Event>>, Problem> {
    let page = shop.events.list(page, filters).await?;
    Ok(Linked(page).link(search::<Event>("/api/v1/events")).link(create("/api/v1/events")))
}

async fn show(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
) -> Result<Linked<Event>, Problem> {
    Ok(Linked(shop.events.get(id).await?))
}

async fn add(
    State(shop): State<Shop>,
    Valid(Json(event)): Valid<Json<NewEvent>>,
) -> Result<LinkedWith<Event>, Problem> {
    Ok(Linked(shop.events.create(&event).await?).created())
}

async fn add_all(
    State(shop): State<Shop>,
    Valid(Json(items)): Valid<Json<Items>>,
) -> Result<Outcome<Linked<Event>>, Problem> {
    let outcome = shop.events.create_all(items.parse()).await?;
    Ok(outcome.map(Linked))
}
