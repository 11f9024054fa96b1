//! Where products belong.

mod model;
mod repository;
mod routes;
mod service;

pub(crate) use self::model::Category;
pub(crate) use self::routes::router;
pub(crate) use self::service::Categories;
