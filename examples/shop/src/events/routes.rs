//! The event log over HTTP.

use api_patterns::filter::Filters;
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};

use super::model::{Event, NewEvent};
use crate::app::Shop;
use crate::bulk::{Items, Outcome};
use crate::links::Linked;
use crate::response::Created;

/// Routes below `/api/v1`.
pub(crate) fn router() -> Router<Shop> {
    Router::new()
        .route("/events", get(list).post(create))
        .route("/events/bulk", post(create_all))
        .route("/events/{id}", get(show))
}

async fn list(
    State(shop): State<Shop>,
    page: PageRequest<Event>,
    filters: Filters<Event>,
) -> Result<CursorPage<Linked<Event>>, Problem> {
    Ok(shop.events.list(page, filters).await?.map(Linked::new))
}

async fn show(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
) -> Result<Json<Linked<Event>>, Problem> {
    Ok(Json(Linked::new(shop.events.get(id).await?)))
}

async fn create(
    State(shop): State<Shop>,
    Valid(Json(event)): Valid<Json<NewEvent>>,
) -> Result<Created<Event>, Problem> {
    Ok(Created(shop.events.create(&event).await?))
}

async fn create_all(
    State(shop): State<Shop>,
    Valid(Json(items)): Valid<Json<Items>>,
) -> Result<Outcome<Linked<Event>>, Problem> {
    let outcome = shop.events.create_all(items.parse()).await?;
    Ok(outcome.map(Linked::new))
}
