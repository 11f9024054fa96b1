//! Errors to HTTP: one type for every answer that is not a success.

mod convert;
mod details;
mod document;
mod field_error;
mod future;
mod layer;
mod response;

pub use self::details::Problem;
pub use self::field_error::FieldError;
pub use self::future::ResponseFuture;
pub use self::layer::{ProblemLayer, ProblemService};
#[cfg(feature = "macros")]
pub use api_patterns_macros::Problem;
