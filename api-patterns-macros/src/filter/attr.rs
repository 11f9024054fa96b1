//! What stands in `#[filter(..)]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Token, Type};

use super::operator::{Kind, Operator};
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
                errors.on(
                    key,
                    format!("`{name}` is not expected here; it belongs on a field"),
                );
                skip_value(meta.input)?;
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
            name @ ("search" | "param" | "ignore") => {
                errors.on(
                    key,
                    format!("`{name}` is not expected here; it belongs on the struct"),
                );
                skip_value(meta.input)?;
            }
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

/// Notes an unknown entry and goes on with the next one.
fn unknown(meta: &ParseNestedMeta<'_>, expected: &str, errors: &Errors) -> syn::Result<()> {
    let segments = meta
        .path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string());
    let name = segments.collect::<Vec<_>>().join("::");
    errors.on(&meta.path, format!("unknown entry `{name}`: {expected}"));
    skip_value(meta.input)
}

/// Skips `= value` or `(..)`.
fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn once<T>(slot: &mut Option<T>, value: T, key: &Ident, errors: &Errors) {
    if slot.replace(value).is_some() {
        errors.on(key, format!("`{key}` is given twice"));
    }
}

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
