//! Errors to HTTP: one type for every answer that is not a success.

mod convert;
mod details;
#[doc(hidden)]
pub mod derived;
mod diagnose;
mod document;
mod extract;
mod field_error;
mod future;
mod layer;
mod pointer;
mod response;
mod validate;

pub use self::details::Problem;
pub use self::extract::{Checkable, Form, Json, Path, Query, Valid};
pub use self::field_error::FieldError;
pub use self::future::ResponseFuture;
pub use self::layer::{ProblemLayer, ProblemService};
pub use self::validate::{FieldErrors, Validate};
#[cfg(feature = "macros")]
pub use api_patterns_macros::Problem;
