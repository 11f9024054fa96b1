//! `#[derive(Problem)]`: parse, model, validate, expand.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::errors::Errors;

mod attr;
mod expand;
mod model;
mod validate;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let errors = Errors::default();
    let cases = model::cases(input, &errors);
    let plans = cases
        .iter()
        .map(|case| validate::check(case, &errors))
        .collect::<Vec<_>>();
    match errors.check() {
        Some(mistakes) => expand::fallback(input, &mistakes),
        None => expand::expand(input, &plans),
    }
}
