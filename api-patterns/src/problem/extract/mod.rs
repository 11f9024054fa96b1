//! Extractors whose rejections are problems.

mod form;
mod json;
mod media_type;
mod path;
mod query;
mod rejection;
mod reserved;
mod strict;
mod valid;

pub use self::form::Form;
pub use self::json::Json;
#[cfg(feature = "patch")]
pub(crate) use self::json::read_value;
#[cfg(feature = "patch")]
pub(crate) use self::media_type::essence;
pub use self::path::Path;
pub use self::query::Query;
#[cfg(feature = "patch")]
pub(crate) use self::reserved::{DETAIL as RESERVED_NAME, is_reserved};
pub use self::valid::{Checkable, Valid};

#[cfg(feature = "bulk")]
pub(crate) mod media {
    pub(crate) use super::media_type::{essence, is_json, unsupported};
}

/// What every extractor of a value offers besides extraction.
macro_rules! holds_a_value {
    ($name:ident) => {
        impl<T> std::ops::Deref for $name<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }

        impl<T> std::ops::DerefMut for $name<T> {
            fn deref_mut(&mut self) -> &mut T {
                &mut self.0
            }
        }

        impl<T> From<T> for $name<T> {
            fn from(value: T) -> Self {
                Self(value)
            }
        }
    };
}
use holds_a_value;

/// `first: is missing (and 2 more errors)`: enough for a client that reads only the detail.
pub(super) fn summary(errors: &[super::FieldError], more: usize) -> Option<String> {
    let first = errors.first()?;
    let place = match first.get_place() {
        "" => "the whole".to_owned(),
        place => format!("`{place}`"),
    };
    let detail = first.get_detail();
    let rest = match errors.len() - 1 + more {
        0 => String::new(),
        1 => " (and 1 more error)".to_owned(),
        rest => format!(" (and {rest} more errors)"),
    };
    Some(format!("{place}: {detail}{rest}"))
}
