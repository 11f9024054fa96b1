//! What generated code needs. Not public API: anything here may change in any release.

pub use axum;
pub use serde;
pub use serde_json;

pub use crate::problem::derived::problem;
#[cfg(feature = "__sqlx")]
pub use sqlx;

#[cfg(all(feature = "filter", feature = "__sqlx"))]
pub use crate::filter::bind_filter_value;
#[cfg(all(feature = "pagination", feature = "__sqlx"))]
pub use crate::pagination::bind_key;
#[cfg(feature = "links")]
pub mod links {
    //! What `#[derive(Links)]` names.
    pub use crate::links::{
        Curie, Definition, LinkSpec, Links, Piece, Property, PropertyKind, Values,
    };

    /// Chooses by `Accept`, for the fuzzer.
    pub fn negotiate(headers: &http::HeaderMap, offered: &[&'static str]) -> Option<usize> {
        crate::links::accept::negotiate(headers, offered)
    }

    /// Warns about a relation that is neither registered nor a URI nor a curie.
    #[deprecated(
        note = "not a registered link relation (IANA); use one of these, a URI or a curie, \
                or turn this lint off with `#[links(any_rel)]`"
    )]
    pub const fn unregistered_rel() {}

    /// Writes the value that tells an item from others.
    pub fn write_id<V: crate::links::LinkValue + ?Sized>(value: &V, out: &mut String) {
        use std::fmt::Write as _;
        // A `String` takes everything; a `Display` that fails has no more text.
        let _ = write!(out, "{value}");
    }
}
#[cfg(feature = "patch")]
pub mod patch {
    //! What `#[derive(Patch)]` names.
    #[cfg(feature = "utoipa")]
    pub use crate::patch::openapi::changes_schema;
    pub use crate::patch::read::{Asked, ByValue, Incomparable, Pair, read};
    pub use crate::problem::FieldError;
    #[cfg(feature = "utoipa")]
    pub use utoipa;
}
#[cfg(feature = "pagination")]
pub use crate::pagination::{
    Access, Direction, Field, Key, KeyError, KeyReader, KeyValue, KeyWriter, Keyset, Nulls,
};

/// Implements `BindKeyset` for all databases that can bind the fields; nothing without sqlx.
#[cfg(all(feature = "pagination", feature = "__sqlx"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __bind_keyset {
    ([$($generics:tt)*] $type:ty, [$($predicates:tt)*], $($index:literal: $key:ty as $bound:ty),* $(,)?) => {
        #[automatically_derived]
        impl<$($generics)* __DB: $crate::sql::SqlDatabase> $crate::pagination::BindKeyset<__DB> for $type
        where
            $($predicates)*
            $($bound: for<'__q> $crate::__private::sqlx::Encode<'__q, __DB> + $crate::__private::sqlx::Type<__DB>,)*
        {
            fn bind(
                field: usize,
                key: &mut $crate::__private::KeyReader<'_>,
                query: &mut $crate::__private::sqlx::QueryBuilder<__DB>,
                opaque: bool,
            ) -> ::core::result::Result<(), $crate::__private::KeyError> {
                match field {
                    $($index => $crate::__private::bind_key::<__DB, $key, $bound>(key, query, opaque),)*
                    _ => ::core::result::Result::Err($crate::__private::KeyError::new()),
                }
            }
        }
    };
}

/// Without sqlx there is nothing to bind.
#[cfg(all(feature = "pagination", not(feature = "__sqlx")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __bind_keyset {
    ($($tokens:tt)*) => {};
}
