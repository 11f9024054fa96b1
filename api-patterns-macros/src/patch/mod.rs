//! `#[derive(Patch)]`: parse the attributes, build the model, validate it, expand.

mod attr;
mod expand;
mod model;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;

/// Expands the derive. With mistakes, an implementation without fields stands in, so that the
/// mistakes are all the user sees.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let model = model::build(input, &errors);
    validate::check(&model, &errors);
    match errors.check() {
        None => expand::expand(&model),
        Some(mistakes) => {
            let stand_in = expand::stand_in(&model);
            quote!(#mistakes #stand_in)
        }
    }
}
