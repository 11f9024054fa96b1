//! What `#[derive(Problem)]` calls.

use http::StatusCode;

use super::Problem;

#[cfg(feature = "utoipa")]
pub use utoipa;

/// A problem of a status that the derive has checked.
pub fn problem(status: u16) -> Problem {
    Problem::new(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

/// What the derive knows of a case before it happens.
#[cfg(feature = "utoipa")]
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub status: u16,
    pub type_uri: Option<&'static str>,
    pub title: Option<&'static str>,
    pub code: Option<&'static str>,
    pub detail: Option<&'static str>,
    /// The first line of its documentation.
    pub summary: Option<&'static str>,
}

#[cfg(feature = "utoipa")]
pub use described::{AnyInner, DescribedInner, Inner, responses};

#[cfg(feature = "utoipa")]
mod described {
    use std::marker::PhantomData;

    use utoipa::IntoResponses;

    use super::super::openapi::{Responses, of_cases};
    use super::{Case, Problem};

    /// The responses of an error with these cases, and those of its transparent ones.
    pub fn responses<const N: usize>(cases: &[Case], inner: [Responses; N]) -> Responses {
        of_cases(cases, inner)
    }

    /// The type of a transparent case, which need not describe itself: a method call on a
    /// reference to this finds [`DescribedInner`] first, and [`AnyInner`] for all other types.
    #[derive(Debug)]
    pub struct Inner<T>(PhantomData<fn() -> T>);

    impl<T> Inner<T> {
        pub const NEW: Self = Self(PhantomData);
    }

    /// A type with responses of its own.
    pub trait DescribedInner {
        fn responses(&self) -> Responses;
    }

    impl<T: IntoResponses> DescribedInner for Inner<T> {
        fn responses(&self) -> Responses {
            T::responses()
        }
    }

    /// A type that may be any problem.
    pub trait AnyInner {
        fn responses(&self) -> Responses;
    }

    impl<T> AnyInner for &Inner<T> {
        fn responses(&self) -> Responses {
            Problem::responses()
        }
    }
}

/// Implements `IntoResponses` for an error type; nothing without utoipa.
#[cfg(feature = "utoipa")]
#[doc(hidden)]
#[macro_export]
macro_rules! __problem_responses {
    (
        [$($generics:tt)*] $type:ty, [$($predicates:tt)*],
        $({ $($case:tt)* })*
        $([$inner:ty])*
    ) => {
        #[automatically_derived]
        impl<$($generics)*> $crate::problem::derived::utoipa::IntoResponses for $type
        where
            $($predicates)*
        {
            fn responses() -> ::std::collections::BTreeMap<
                ::std::string::String,
                $crate::problem::derived::utoipa::openapi::RefOr<
                    $crate::problem::derived::utoipa::openapi::Response,
                >,
            > {
                #[allow(unused_imports)]
                use $crate::problem::derived::{AnyInner as _, DescribedInner as _};
                $crate::problem::derived::responses(
                    &[$($crate::problem::derived::Case { $($case)* },)*],
                    [$((&$crate::problem::derived::Inner::<$inner>::NEW).responses(),)*],
                )
            }
        }
    };
}

/// Without utoipa there is nothing to describe.
#[cfg(not(feature = "utoipa"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __problem_responses {
    ($($tokens:tt)*) => {};
}
