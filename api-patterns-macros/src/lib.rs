//! The derives of `api-patterns`. Use them through that crate, where they are documented.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod attr;
mod errors;
mod fields;
mod filter;
mod keyset;
mod links;
mod names;
mod patch;
mod problem;
mod types;

/// See `api_patterns::pagination::Keyset`.
#[proc_macro_derive(Keyset, attributes(keyset))]
pub fn derive_keyset(input: TokenStream) -> TokenStream {
    keyset::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// See `api_patterns::pagination::Key`.
#[proc_macro_derive(Key)]
pub fn derive_key(input: TokenStream) -> TokenStream {
    keyset::derive_key(&parse_macro_input!(input as DeriveInput)).into()
}

/// See `api_patterns::filter::Filter`.
#[proc_macro_derive(Filter, attributes(filter))]
pub fn derive_filter(input: TokenStream) -> TokenStream {
    filter::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// See `api_patterns::problem::Problem`.
#[proc_macro_derive(Problem, attributes(problem))]
pub fn derive_problem(input: TokenStream) -> TokenStream {
    problem::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// See `api_patterns::links::Links`.
#[proc_macro_derive(Links, attributes(links))]
pub fn derive_links(input: TokenStream) -> TokenStream {
    links::derive(&parse_macro_input!(input as DeriveInput)).into()
}

/// See `api_patterns::patch::Patch`.
#[proc_macro_derive(Patch, attributes(patch))]
pub fn derive_patch(input: TokenStream) -> TokenStream {
    patch::derive(&parse_macro_input!(input as DeriveInput)).into()
}
