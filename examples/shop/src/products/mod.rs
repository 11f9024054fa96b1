//! The catalogue.

mod bulk;
mod model;
mod repository;
mod routes;
mod service;

pub(crate) use self::model::Product;
pub(crate) use self::routes::router;
pub(crate) use self::service::Products;
