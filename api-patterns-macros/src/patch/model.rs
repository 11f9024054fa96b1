//! What the derive knows about a struct.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Fields, GenericArgument, LitStr, PathArguments, Token, Type,
    Visibility,
};

use super::attr::{FieldAttr, StructAttr};
use crate::errors::Errors;
use crate::names::{self, Case};

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
    pub(super) ty: &'a Type,
    /// What an `Option` holds.
    pub(super) inner: Option<&'a Type>,
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
    let named = named_fields(input, errors);
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
            .map(|(ident, field)| read(ident, field, case, &attr.immutable, errors))
            .collect(),
        immutable: attr.immutable,
    }
}

fn named_fields<'a>(
    input: &'a DeriveInput,
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
        format!("`Patch` needs a struct with named fields; `{name}` is {what}"),
    );
    None
}

fn read<'a>(
    ident: &'a Ident,
    field: &'a syn::Field,
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
        ty: &field.ty,
        inner: inside_option(&field.ty),
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

/// `T` of an `Option<T>`, however `Option` is qualified.
fn inside_option(ty: &Type) -> Option<&Type> {
    let ty = match ty {
        // What `macro_rules!` hands over is grouped.
        Type::Group(group) => &*group.elem,
        other => other,
    };
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == "Option")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}
