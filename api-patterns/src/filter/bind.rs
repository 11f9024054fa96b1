//! The part of the derive that depends on sqlx: macros of this crate, which knows whether it has
//! sqlx, so that the derive need not.

/// Implements `BindFilter` for a derived `Filter`: its name, the enum of its values, and for each
/// variant its type and the one to bind it as.
#[cfg(feature = "__sqlx")]
#[doc(hidden)]
#[macro_export]
macro_rules! __filter_bind {
    ($target:ident, $value:ident $(, $variant:ident($ty:ty as $sql:ty))* $(,)?) => {
        #[automatically_derived]
        #[allow(trivial_bounds)]
        impl<__DB> $crate::filter::BindFilter<__DB> for $target
        where
            __DB: $crate::sql::SqlDatabase,
            ::std::string::String: for<'q> $crate::__private::sqlx::Encode<'q, __DB>
                + $crate::__private::sqlx::Type<__DB>,
            // Said once more, so that a type that is none is one error and not several.
            $($ty: $crate::filter::FilterValue,)*
            $($sql: for<'q> $crate::__private::sqlx::Encode<'q, __DB>
                + $crate::__private::sqlx::Type<__DB>,)*
        {
            #[allow(unused_variables, clippy::useless_conversion)]
            fn bind_value(
                value: &$value,
                query: &mut $crate::__private::sqlx::QueryBuilder<__DB>,
            ) {
                match *value {
                    $($value::$variant(ref value) => {
                        $crate::__private::bind_filter_value::<__DB, $sql>(
                            <$sql as ::core::convert::From<_>>::from(
                                ::core::clone::Clone::clone(value),
                            ),
                            query,
                        );
                    })*
                }
            }

            fn bind_text(
                text: ::std::string::String,
                query: &mut $crate::__private::sqlx::QueryBuilder<__DB>,
            ) {
                query.push_bind(text);
            }
        }
    };
}

/// Nothing to implement without sqlx.
#[cfg(not(feature = "__sqlx"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __filter_bind {
    ($($tokens:tt)*) => {};
}
