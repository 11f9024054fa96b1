//! What the entries of all attributes have in common.

use std::fmt::Display;

use proc_macro2::{Ident, TokenTree};
use syn::Token;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;

use crate::errors::Errors;

/// Keeps the value of a key that may be given once.
pub(crate) fn once<T>(slot: &mut Option<T>, value: T, key: &Ident, errors: &Errors) {
    if slot.replace(value).is_some() {
        errors.on(key, format!("`{key}` is given twice"));
    }
}

/// Notes an unknown entry and goes on with the next one.
pub(crate) fn unknown(
    meta: &ParseNestedMeta<'_>,
    expected: impl Display,
    errors: &Errors,
) -> syn::Result<()> {
    let segments = meta.path.segments.iter();
    let names: Vec<_> = segments.map(|segment| segment.ident.to_string()).collect();
    let name = names.join("::");
    errors.on(&meta.path, format!("unknown entry `{name}`: {expected}"));
    skip_value(meta.input)
}

/// Notes an entry that belongs in another place, and goes on with the next one.
pub(crate) fn misplaced(
    meta: &ParseNestedMeta<'_>,
    key: &Ident,
    place: &str,
    errors: &Errors,
) -> syn::Result<()> {
    errors.on(
        key,
        format!("`{key}` is not expected here; it belongs on {place}"),
    );
    skip_value(meta.input)
}

/// Passes over `= value` or `(..)`, so that the next entry can be read.
pub(crate) fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
