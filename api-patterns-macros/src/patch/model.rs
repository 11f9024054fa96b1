//! What the derive knows about a struct.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, DeriveInput, LitStr, Token, Type, Visibility};

use super::attr::{FieldAttr, StructAttr};
use crate::errors::Errors;
use crate::names::{self, Case};
use crate::{fields, types};

pub(super) struct Model<'a> {
    pub(super) ident: &'a Ident,
    pub(super) vis: &'a Visibility,
    /// The name of the struct of changes.
    pub(super) changes: Ident,
    /// Whether it is a struct with named fields, as it has to be.
    pub(super) has_names: bool,
    pub(super) is_generic: bool,
    pub(super) accept_json: bool,
    /// `immutable(..)` of the struct, to point at.
    pub(super) immutable: Vec<Ident>,
    pub(super) fields: Vec<Field<'a>>,
}

pub(super) struct Field<'a> {
    pub(super) ident: &'a Ident,
    pub(super) vis: &'a Visibility,
    pub(super) docs: Vec<&'a Attribute>,
    /// Its type, in which `Self` stands as the name of the struct.
    pub(super) ty: Type,
    pub(super) is_nullable: bool,
    /// Its name in JSON; `None` where it is not in there.
    pub(super) name: Option<String>,
    pub(super) attr: FieldAttr,
    pub(super) serde: Serde,
    /// Also by `immutable(..)` of the struct, or because serde does not read it.
    pub(super) is_immutable: bool,
}

/// What serde says about a field, beside its name.
#[derive(Default)]
pub(super) struct Serde {
    /// `with = ".."` and its halves, to be said again where the field stands alone.
    pub(super) with: Vec<TokenStream>,
    pub(super) flatten: Option<syn::Path>,
    skip_deserializing: bool,
}

impl Model<'_> {
    /// The members of the document.
    pub(super) fn members(&self) -> impl Iterator<Item = (&Field<'_>, &str)> {
        self.fields
            .iter()
            .filter_map(|field| Some((field, field.name.as_deref()?)))
    }

    /// The members that clients may change, with their place among all.
    pub(super) fn mutable(&self) -> impl Iterator<Item = (usize, &Field<'_>, &str)> {
        let members = self.members().enumerate();
        let members = members.map(|(nth, (field, name))| (nth, field, name));
        members.filter(|(_, field, _)| !field.is_immutable)
    }
}

impl Field<'_> {
    pub(super) fn column(&self) -> String {
        let column = self.attr.column.as_ref();
        column.map_or_else(|| self.ident.unraw().to_string(), LitStr::value)
    }
}

/// Reads the struct; what cannot be patched at all is an empty model with a mistake.
pub(super) fn build<'a>(input: &'a DeriveInput, errors: &Errors) -> Model<'a> {
    let attr = StructAttr::parse(&input.attrs, errors);
    if !input.generics.params.is_empty() {
        errors.on(
            &input.generics.params,
            "`Patch` cannot be derived for a generic struct; derive it for a type without parameters",
        );
    }
    let named = fields::named(input, "Patch", errors);
    refuse_other_forms(&input.attrs, errors);
    let case = Case::of(&input.attrs);
    let default_name = || format_ident!("{}Patch", input.ident.unraw());
    Model {
        ident: &input.ident,
        vis: &input.vis,
        changes: attr.name.unwrap_or_else(default_name),
        has_names: named.is_some(),
        is_generic: !input.generics.params.is_empty(),
        accept_json: attr.accept_json.is_some(),
        fields: named
            .into_iter()
            .flatten()
            .map(|named| read(named, &input.ident, case, &attr.immutable, errors))
            .collect(),
        immutable: attr.immutable,
    }
}

/// What serde writes has to be an object with the fields in it.
fn refuse_other_forms(attributes: &[Attribute], errors: &Errors) {
    names::each(attributes, |meta| {
        if ["transparent", "into", "remote"]
            .iter()
            .any(|key| meta.path.is_ident(key))
        {
            errors.on(
                &meta.path,
                "a resource that is written in another form has no members to patch",
            );
        }
        Ok(())
    });
}

fn read<'a>(
    (ident, field): (&'a Ident, &'a syn::Field),
    resource: &Ident,
    case: Case,
    immutable: &[Ident],
    errors: &Errors,
) -> Field<'a> {
    let attr = FieldAttr::parse(&field.attrs, errors);
    let serde = Serde::of(&field.attrs);
    let listed = immutable.iter().any(|name| name.unraw() == ident.unraw());
    Field {
        ident,
        vis: &field.vis,
        docs: field
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("doc"))
            .collect(),
        ty: named(&field.ty, resource),
        is_nullable: types::inside_option(&field.ty).is_some(),
        name: names::serialized(ident, &field.attrs, case),
        is_immutable: listed || attr.immutable.is_some() || serde.skip_deserializing,
        attr,
        serde,
    }
}

impl Serde {
    fn of(attributes: &[Attribute]) -> Self {
        let mut read = Self::default();
        names::each(attributes, |meta| {
            let path = &meta.path;
            let named = |keys: &[&str]| keys.iter().any(|key| path.is_ident(key));
            if named(&["with", "serialize_with", "deserialize_with"]) && meta.input.peek(Token![=])
            {
                let value: LitStr = meta.value()?.parse()?;
                read.with.push(quote!(#path = #value));
            } else if named(&["flatten"]) {
                read.flatten = Some(path.clone());
            } else if named(&["skip_deserializing"]) {
                read.skip_deserializing = true;
            }
            Ok(())
        });
        read
    }
}

/// The type with the name of the struct in the place of `Self`, which is another type in the struct
/// of changes.
fn named(ty: &Type, resource: &Ident) -> Type {
    let renamed = rename(ty.to_token_stream(), resource);
    syn::parse2(renamed).unwrap_or_else(|_| ty.clone())
}

fn rename(tokens: TokenStream, resource: &Ident) -> TokenStream {
    let renamed = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => TokenTree::Ident(resource.clone()),
        TokenTree::Group(group) => {
            let inner = rename(group.stream(), resource);
            let mut renamed = Group::new(group.delimiter(), inner);
            renamed.set_span(group.span());
            TokenTree::Group(renamed)
        }
        token => token,
    });
    renamed.collect()
}
