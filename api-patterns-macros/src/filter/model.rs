//! What the derive knows about a struct.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, Generics, LitStr, Type};

use super::attr::{FieldAttr, Search, StructAttr};
use super::operator::{Kind, Operator};
use crate::errors::Errors;
use crate::{fields, types};

pub(super) struct Model<'a> {
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    /// Whether it is a struct with named fields, as it has to be.
    pub(super) has_names: bool,
    /// All fields of the struct that the filters use.
    pub(super) fields: Vec<Field<'a>>,
    pub(super) search: Option<Search>,
    pub(super) param: Option<LitStr>,
    pub(super) ignored: Vec<LitStr>,
}

pub(super) struct Field<'a> {
    pub(super) ident: &'a Ident,
    /// The type of its values: what an `Option` holds.
    pub(super) ty: &'a Type,
    pub(super) nullable: bool,
    pub(super) operators: Vec<Operator>,
    pub(super) rename: Option<LitStr>,
    pub(super) column: Option<LitStr>,
    pub(super) sql_as: Option<Type>,
    pub(super) attr: Option<Attribute>,
}

impl<'a> Model<'a> {
    pub(super) fn empty(input: &'a DeriveInput) -> Self {
        Self {
            ident: &input.ident,
            generics: &input.generics,
            has_names: false,
            fields: Vec::new(),
            search: None,
            param: None,
            ignored: Vec::new(),
        }
    }

    /// The fields that have operators: their order is their index.
    pub(super) fn filterable(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields
            .iter()
            .filter(|field| !field.operators.is_empty())
    }

    /// The fields the search looks in, as far as they exist.
    pub(super) fn searched(&self) -> impl Iterator<Item = &Field<'a>> {
        let names = self.search.iter().flat_map(|search| &search.fields);
        names.filter_map(|name| self.fields.iter().find(|field| field.is_named(name)))
    }

    /// The query parameter of the search.
    pub(super) fn param_name(&self) -> String {
        self.param
            .as_ref()
            .map_or_else(|| "q".to_owned(), LitStr::value)
    }
}

impl Field<'_> {
    pub(super) fn is_named(&self, name: &Ident) -> bool {
        self.ident.unraw() == name.unraw()
    }

    /// The name in the query string.
    pub(super) fn public_name(&self) -> String {
        self.rename
            .as_ref()
            .map_or_else(|| self.ident.unraw().to_string(), LitStr::value)
    }

    pub(super) fn column_name(&self) -> String {
        self.column
            .as_ref()
            .map_or_else(|| self.ident.unraw().to_string(), LitStr::value)
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.operators.iter().any(|operator| operator.kind == kind)
    }
}

/// Reads the struct; what cannot be a filterable struct at all is an empty model with a mistake.
pub(super) fn build<'a>(input: &'a DeriveInput, errors: &Errors) -> Model<'a> {
    let attr = StructAttr::parse(&input.attrs, errors);
    if !input.generics.params.is_empty() {
        errors.on(
            &input.generics.params,
            "`Filter` cannot be derived for a generic struct; derive it for a row type without parameters",
        );
    }
    let named = fields::named(input, "Filter", errors);
    Model {
        has_names: named.is_some(),
        fields: named
            .into_iter()
            .flatten()
            .map(|field| read(field, errors))
            .collect(),
        search: attr.search,
        param: attr.param,
        ignored: attr.ignored,
        ..Model::empty(input)
    }
}

fn read<'a>((ident, field): (&'a Ident, &'a syn::Field), errors: &Errors) -> Field<'a> {
    let attr = FieldAttr::parse(&field.attrs, errors);
    let inner = types::inside_option(&field.ty);
    Field {
        ident,
        ty: inner.unwrap_or(&field.ty),
        nullable: inner.is_some(),
        operators: attr.operators,
        rename: attr.rename,
        column: attr.column,
        sql_as: attr.sql_as,
        attr: attr.given,
    }
}
