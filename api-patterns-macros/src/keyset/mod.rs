//! `#[derive(Keyset)]` and `#[derive(Key)]`: parse, model, validate, expand.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;

mod attr;
mod expand;
mod key;
mod model;
mod validate;

pub(crate) use self::key::derive as derive_key;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let Some(keyset) = model::Keyset::new(input, &errors) else {
        return expand::fallback(input, errors);
    };
    let plan = validate::check(&keyset, &errors);
    match plan {
        Some(plan) if errors.is_empty() => expand::expand(&keyset, &plan),
        _ => expand::fallback(input, errors),
    }
}
