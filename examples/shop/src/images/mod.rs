//! Pictures of a product.

mod model;
mod repository;
mod routes;
mod service;

pub(crate) use self::model::Image;
pub(crate) use self::routes::router;
pub(crate) use self::service::Images;
