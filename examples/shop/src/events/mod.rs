//! What happened in the shop, and around it.

mod model;
mod payload;
mod repository;
mod routes;
mod service;

pub(crate) use self::model::Event;
pub(crate) use self::routes::router;
pub(crate) use self::service::Events;
