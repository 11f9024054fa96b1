//! `#[derive(Links)]`: parse the attributes, build the model, validate it, expand.

mod address;
mod attr;
mod expand;
mod model;
mod registry;
mod rel;
mod suggest;
mod template;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;

/// Expands the derive. With mistakes, an implementation without links stands in, so that the
/// mistakes are all the user sees.
pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let model = model::build(input, &errors);
    validate::check(&model, &errors);
    let lints = expand::lints(&model);
    match errors.check() {
        None => {
            let expanded = expand::expand(&model);
            quote!(#lints #expanded)
        }
        Some(mistakes) => {
            let stand_in = expand::expand(&model.without_links());
            quote!(#mistakes #lints #stand_in)
        }
    }
}
