//! The fields of the struct that a derive stands on.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Fields};

use crate::errors::Errors;

/// The fields with their names, or `None` and a mistake where it is no struct with named fields.
pub(crate) fn named<'a>(
    input: &'a DeriveInput,
    derive: &str,
    errors: &Errors,
) -> Option<impl Iterator<Item = (&'a Ident, &'a syn::Field)>> {
    let what = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => {
                let fields = fields.named.iter();
                return Some(fields.filter_map(|field| Some((field.ident.as_ref()?, field))));
            }
            Fields::Unnamed(_) => "a tuple struct",
            Fields::Unit => "a unit struct",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    let name = &input.ident;
    errors.on(
        name,
        format!("`{derive}` needs a struct with named fields; `{name}` is {what}"),
    );
    None
}
