//! Collects the mistakes of one derive, so that all of them are reported at once.

use std::cell::RefCell;
use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;

/// The mistakes found so far. `check` must be called before it is dropped.
#[derive(Default)]
pub(crate) struct Errors {
    found: RefCell<Option<syn::Error>>,
}

impl Errors {
    /// Adds a mistake, shown on `tokens`.
    pub(crate) fn on(&self, tokens: &impl ToTokens, message: impl Display) {
        self.push(syn::Error::new(tokens.span(), message));
    }

    /// Adds a mistake that has its own span.
    pub(crate) fn push(&self, error: syn::Error) {
        match &mut *self.found.borrow_mut() {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }

    /// Keeps the value of `result`, or its error for later.
    pub(crate) fn keep<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Whether no mistake was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_none()
    }

    /// The `compile_error!`s of all mistakes, or `None` where there were none.
    pub(crate) fn check(self) -> Option<TokenStream> {
        self.found.into_inner().map(|all| all.to_compile_error())
    }
}
