//! The parts of the derive that depend on features: macros of this crate, which knows its own, so
//! that the derive need not.

/// Implements `BindPatch` for derived changes: for each field its column, its type, and the type
/// to bind it as where that is another one.
#[cfg(feature = "__sqlx")]
#[doc(hidden)]
#[macro_export]
macro_rules! __patch_bind {
    (
        $changes:ident, $resource:ident
        $(, $field:ident in $column:literal: $kind:ident [$ty:ty] as [$sql:ty])* $(,)?
    ) => {
        #[automatically_derived]
        impl<__DB> $crate::patch::BindPatch<__DB> for $changes
        where
            __DB: $crate::sql::SqlDatabase,
            $($sql: for<'q> $crate::__private::sqlx::Encode<'q, __DB>
                + $crate::__private::sqlx::Type<__DB>,)*
        {
            #[allow(unused_variables, clippy::useless_conversion)]
            fn bind_set(&self, set: &mut $crate::patch::SetClause<'_, __DB>) {
                $(if let $crate::patch::Field::Value(value) = &self.$field {
                    $crate::__patch_bind!(@push $kind set, $column, value, $sql);
                })*
            }
        }

        impl $changes {
            /// Appends `column = value, …` for the fields that change to an `UPDATE`, after its `SET`;
            /// nothing where no field does.
            pub fn push_set<__DB>(&self, query: &mut $crate::__private::sqlx::QueryBuilder<__DB>)
            where
                __DB: $crate::sql::SqlDatabase,
                Self: $crate::patch::BindPatch<__DB>,
            {
                let mut set = $crate::patch::SetClause::new(query);
                $crate::patch::BindPatch::bind_set(self, &mut set);
            }
        }
    };
    (@push plain $set:ident, $column:literal, $value:ident, $sql:ty) => {
        $set.push::<&$sql>($column, $value)
    };
    (@push value $set:ident, $column:literal, $value:ident, $sql:ty) => {
        $set.push::<$sql>(
            $column,
            <$sql as ::core::convert::From<_>>::from(::core::clone::Clone::clone($value)),
        )
    };
    (@push nullable $set:ident, $column:literal, $value:ident, $sql:ty) => {
        $set.push::<$sql>(
            $column,
            ::core::option::Option::map(::core::clone::Clone::clone($value), ::core::convert::From::from),
        )
    };
}

/// Nothing to bind without sqlx.
#[cfg(not(feature = "__sqlx"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __patch_bind {
    ($($tokens:tt)*) => {};
}

/// Implements utoipa's `ToSchema` for derived changes, by the schema of the resource.
#[cfg(feature = "utoipa")]
#[doc(hidden)]
#[macro_export]
macro_rules! __patch_schema {
    ($changes:ident, $resource:ident) => {
        #[automatically_derived]
        impl $crate::__private::patch::utoipa::PartialSchema for $changes
        where
            for<'__t> $resource: $crate::__private::patch::utoipa::ToSchema,
        {
            fn schema() -> $crate::__private::patch::utoipa::openapi::RefOr<
                $crate::__private::patch::utoipa::openapi::schema::Schema,
            > {
                $crate::__private::patch::changes_schema::<$resource>()
            }
        }

        #[automatically_derived]
        impl $crate::__private::patch::utoipa::ToSchema for $changes
        where
            for<'__t> $resource: $crate::__private::patch::utoipa::ToSchema,
        {
            fn name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(::core::stringify!($changes))
            }

            fn schemas(
                schemas: &mut ::std::vec::Vec<(
                    ::std::string::String,
                    $crate::__private::patch::utoipa::openapi::RefOr<
                        $crate::__private::patch::utoipa::openapi::schema::Schema,
                    >,
                )>,
            ) {
                <$resource as $crate::__private::patch::utoipa::ToSchema>::schemas(schemas);
            }
        }
    };
}

/// Nothing to describe without utoipa.
#[cfg(not(feature = "utoipa"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __patch_schema {
    ($($tokens:tt)*) => {};
}
