//! What buyers say about a product.

mod model;
mod repository;
mod routes;
mod service;

pub(crate) use self::model::Review;
pub(crate) use self::routes::router;
pub(crate) use self::service::Reviews;
