//! An error type as its cases: a struct is one, an enum has one per variant.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident, Type};

use super::attr::{self, CaseAttr, Extension};
use crate::errors::Errors;

pub(super) struct Case<'a> {
    pub(super) name: &'a Ident,
    /// The path of its constructor.
    pub(super) path: TokenStream,
    pub(super) attr: CaseAttr,
    pub(super) fields: Vec<Field<'a>>,
}

pub(super) struct Field<'a> {
    /// The name, or the index as it is written in a pattern.
    pub(super) member: syn::Member,
    pub(super) ty: &'a Type,
    pub(super) extension: Option<Extension>,
}

pub(super) fn cases<'a>(input: &'a DeriveInput, errors: &Errors) -> Vec<Case<'a>> {
    let ident = &input.ident;
    match &input.data {
        Data::Struct(data) => vec![Case {
            name: ident,
            path: quote!(#ident),
            attr: CaseAttr::parse(&input.attrs, errors),
            fields: fields(&data.fields, errors),
        }],
        Data::Enum(data) => {
            attr::none_on_the_enum(&input.attrs, errors);
            let variants = data.variants.iter();
            variants
                .map(|variant| {
                    let name = &variant.ident;
                    Case {
                        name,
                        path: quote!(#ident::#name),
                        attr: CaseAttr::parse(&variant.attrs, errors),
                        fields: fields(&variant.fields, errors),
                    }
                })
                .collect()
        }
        Data::Union(data) => {
            errors.on(
                &data.union_token,
                "a union cannot be an error; expected a struct or an enum",
            );
            Vec::new()
        }
    }
}

fn fields<'a>(fields: &'a Fields, errors: &Errors) -> Vec<Field<'a>> {
    let members = fields.members();
    let fields = fields.iter().zip(members);
    fields
        .map(|(field, member)| Field {
            member,
            ty: &field.ty,
            extension: attr::extension(&field.attrs, errors),
        })
        .collect()
}
