//! The struct as it is declared, with its attributes.

use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Fields, Generics, Ident, Type};

use super::attr::{FieldAttr, StructAttr};
use crate::errors::Errors;

pub(super) struct Keyset<'a> {
    pub(super) name: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) attr: StructAttr,
    pub(super) fields: Vec<Field<'a>>,
}

pub(super) struct Field<'a> {
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    pub(super) attr: FieldAttr,
}

impl Field<'_> {
    /// The name of the field without `r#`.
    pub(super) fn plain(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The name that clients use.
    pub(super) fn public(&self) -> String {
        self.attr
            .rename
            .as_ref()
            .map_or_else(|| self.plain(), syn::LitStr::value)
    }
}

impl<'a> Keyset<'a> {
    pub(super) fn new(input: &'a DeriveInput, errors: &Errors) -> Option<Self> {
        let attr = StructAttr::parse(&input.attrs, errors);
        let fields = match &input.data {
            Data::Struct(data) => &data.fields,
            Data::Enum(data) => return refuse(errors, &data.enum_token),
            Data::Union(data) => return refuse(errors, &data.union_token),
        };
        let Fields::Named(named) = fields else {
            return refuse(errors, &input.ident);
        };
        if let Some(lifetime) = input.generics.lifetimes().next() {
            errors.on(
                lifetime,
                "rows are owned: a type with a lifetime cannot have a keyset",
            );
        }
        let field = |field: &'a syn::Field| {
            let attr = FieldAttr::parse(&field.attrs, errors);
            Some(Field {
                ident: field.ident.as_ref()?,
                ty: &field.ty,
                attr,
            })
        };
        let fields = named.named.iter().filter_map(field).collect();
        Some(Self {
            name: &input.ident,
            generics: &input.generics,
            attr,
            fields,
        })
    }

    /// The index of a field by its Rust name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.plain() == name)
    }
}

fn refuse<T>(errors: &Errors, on: &impl quote::ToTokens) -> Option<T> {
    errors.on(on, "`Keyset` is derived for structs with named fields");
    None
}
