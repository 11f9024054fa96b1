//! What stands in `#[filter(..)]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Token, Type};

use super::operator::{Kind, Operator};
use crate::attr::{misplaced, once, unknown};
use crate::errors::Errors;

/// `#[filter(..)]` on the struct.
#[derive(Default)]
pub(super) struct StructAttr {
    pub(super) search: Option<Search>,
    pub(super) param: Option<LitStr>,
    pub(super) ignored: Vec<LitStr>,
}

/// `search(name, description)`.
pub(super) struct Search {
    pub(super) token: Ident,
    pub(super) fields: Vec<Ident>,
}

/// `#[filter(..)]` on a field.
#[derive(Default)]
pub(super) struct FieldAttr {
    pub(super) operators: Vec<Operator>,
    pub(super) rename: Option<LitStr>,
    pub(super) column: Option<LitStr>,
    pub(super) sql_as: Option<Type>,
    /// The attribute itself, to point at where it says nothing.
    pub(super) given: Option<Attribute>,
}

impl StructAttr {
    pub(super) fn parse(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut parsed = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("filter")) {
            errors.keep(attr.parse_nested_meta(|meta| parsed.entry(&meta, errors)));
        }
        parsed
    }

    fn entry(&mut self, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<()> {
        let Some(key) = meta.path.get_ident() else {
            return unknown(meta, STRUCT_KEYS, errors);
        };
        match key.to_string().as_str() {
            "search" => {
                let fields = list(meta.input)?;
                once(
                    &mut self.search,
                    Search {
                        token: key.clone(),
                        fields,
                    },
                    key,
                    errors,
                );
            }
            "param" => once(&mut self.param, meta.value()?.parse()?, key, errors),
            "ignore" => self.ignored.extend(list(meta.input)?),
            name if Kind::from_name(name).is_some() => {
                misplaced(meta, key, "a field", errors)?;
            }
            _ => unknown(meta, STRUCT_KEYS, errors)?,
        }
        Ok(())
    }
}

impl FieldAttr {
    pub(super) fn parse(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut parsed = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("filter")) {
            errors.keep(attr.parse_nested_meta(|meta| parsed.entry(&meta, errors)));
            parsed.given = Some(attr.clone());
        }
        parsed
    }

    fn entry(&mut self, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<()> {
        let Some(key) = meta.path.get_ident() else {
            return unknown(meta, FIELD_KEYS, errors);
        };
        match key.to_string().as_str() {
            "rename" => once(&mut self.rename, meta.value()?.parse()?, key, errors),
            "column" => once(&mut self.column, meta.value()?.parse()?, key, errors),
            "sql_as" => once(&mut self.sql_as, meta.value()?.parse()?, key, errors),
            "search" | "param" | "ignore" => misplaced(meta, key, "the struct", errors)?,
            name => match Kind::from_name(name) {
                Some(kind) => self.operators.push(Operator {
                    kind,
                    token: key.clone(),
                }),
                None => unknown(meta, FIELD_KEYS, errors)?,
            },
        }
        Ok(())
    }
}

const STRUCT_KEYS: &str = "expected `search(..)`, `param = \"..\"` or `ignore(\"..\")`";
const FIELD_KEYS: &str = "expected an operator (`eq`, `ne`, `lt`, `lte`, `gt`, `gte`, `in`, \
     `like`, `is_null`) or `rename = \"..\"`, `column = \"..\"`, `sql_as = Type`";

/// `(a, b)`, where identifiers may be keywords.
fn list<T: Item>(input: ParseStream<'_>) -> syn::Result<Vec<T>> {
    let content;
    syn::parenthesized!(content in input);
    let items = Punctuated::<T, Token![,]>::parse_terminated_with(&content, T::parse_item)?;
    if items.is_empty() {
        return Err(content.error(T::EMPTY));
    }
    Ok(items.into_iter().collect())
}

trait Item: Sized {
    const EMPTY: &'static str;

    fn parse_item(input: ParseStream<'_>) -> syn::Result<Self>;
}

impl Item for Ident {
    const EMPTY: &'static str = "expected the names of text fields";

    fn parse_item(input: ParseStream<'_>) -> syn::Result<Self> {
        Self::parse_any(input)
    }
}

impl Item for LitStr {
    const EMPTY: &'static str = "expected names of query parameters, in quotes";

    fn parse_item(input: ParseStream<'_>) -> syn::Result<Self> {
        <Self as Parse>::parse(input)
    }
}
