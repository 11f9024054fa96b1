//! The types a field may be filtered by.

use std::cmp::Ordering;

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "decimal")]
mod decimal;
#[cfg(feature = "jiff")]
mod jiff;
mod primitive;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
mod rfc3339;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;

/// A type that a client can write in a query string.
///
/// Implemented for the integers from `i8` to `u64`, `f32` and `f64`, `bool` and `String`, and with
/// the feature of the same name for the types of `uuid`, `rust_decimal` (feature `decimal`),
/// `jiff`, `chrono` and `time`. A field of type `Option<T>` is filtered by values of `T`.
///
/// For SQL a type also needs [`sqlx::Type`] and [`sqlx::Encode`]. What the database cannot hold
/// belongs refused by [`parse`](Self::parse), so that the client reads a 400. A value whose encoding
/// fails becomes `NULL` in the statement, which no comparison matches, and is logged as an error.
///
/// # Example
/// A newtype that is stored as microseconds refuses what it cannot store:
/// ```
/// # #[cfg(feature = "jiff")] {
/// use api_patterns::filter::FilterValue;
///
/// #[derive(Clone, PartialEq, PartialOrd)]
/// struct Micros(jiff::Timestamp);
///
/// impl FilterValue for Micros {
///     const TYPE_NAME: &'static str = "RFC 3339 timestamp of at most 6 decimals";
///
///     fn parse(text: &str) -> Option<Self> {
///         let time = jiff::Timestamp::parse(text)?;
///         (time.subsec_nanosecond() % 1_000 == 0).then_some(Self(time))
///     }
/// }
///
/// assert!(Micros::parse("2026-01-31T09:30:00.123456Z").is_some());
/// assert!(Micros::parse("2026-01-31T09:30:00.1234567Z").is_none());
/// # }
/// ```
///
/// # Example: an enum stored as text
/// ```
/// use api_patterns::filter::FilterValue;
///
/// #[derive(Clone, PartialEq, PartialOrd)]
/// enum Status { Draft, Live }
///
/// impl FilterValue for Status {
///     const TYPE_NAME: &'static str = "`draft` or `live`";
///
///     fn parse(text: &str) -> Option<Self> {
///         match text {
///             "draft" => Some(Self::Draft),
///             "live" => Some(Self::Live),
///             _ => None,
///         }
///     }
/// }
/// ```
#[cfg_attr(
    not(feature = "__sqlx"),
    doc = "\n[`sqlx::Type`]: https://docs.rs/sqlx"
)]
#[cfg_attr(
    not(feature = "__sqlx"),
    doc = "[`sqlx::Encode`]: https://docs.rs/sqlx"
)]
#[diagnostic::on_unimplemented(
    message = "a client cannot filter by a value of type `{Self}`",
    label = "not a `FilterValue`",
    note = "implement `api_patterns::filter::FilterValue` for it, or enable the feature of its \
            crate: `uuid`, `decimal`, `jiff`, `chrono` or `time`"
)]
pub trait FilterValue: Clone + PartialOrd + Send + Sync + 'static {
    /// What the client has to write, without an article: `integer from 0 to 255`.
    const TYPE_NAME: &'static str;

    /// The value that `text` stands for, or `None` where it stands for none.
    ///
    /// `text` has at most 1024 bytes and no NUL.
    fn parse(text: &str) -> Option<Self>;

    /// How the database orders `self` and `other`, for [`Filters::matches`](super::Filters::matches);
    /// `None` where a comparison is not true either way. By default as `PartialOrd` does.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        self.partial_cmp(other)
    }
}

/// A [`FilterValue`] that is text, fit for `like` and the search.
///
/// # Example
/// ```
/// use api_patterns::filter::{FilterText, FilterValue};
///
/// #[derive(Clone, PartialEq, PartialOrd)]
/// struct Sku(String);
///
/// impl FilterValue for Sku {
///     const TYPE_NAME: &'static str = "SKU";
///
///     fn parse(text: &str) -> Option<Self> {
///         text.is_ascii().then(|| Self(text.to_owned()))
///     }
/// }
///
/// impl FilterText for Sku {
///     fn as_text(&self) -> &str {
///         &self.0
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`like` and `search` need text, which `{Self}` is not",
    label = "not a `FilterText`",
    note = "implement `api_patterns::filter::FilterText` for a type that is stored as text"
)]
pub trait FilterText: FilterValue {
    /// The text as it is stored.
    fn as_text(&self) -> &str;
}
