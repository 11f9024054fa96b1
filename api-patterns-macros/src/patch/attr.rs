//! What stands in `#[patch(..)]`.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Token, Type};

use crate::attr::{misplaced, once, unknown};
use crate::errors::Errors;

/// `#[patch(..)]` on the struct.
#[derive(Default)]
pub(super) struct StructAttr {
    pub(super) immutable: Vec<Ident>,
    pub(super) accept_json: Option<Ident>,
    pub(super) name: Option<Ident>,
}

/// `#[patch(..)]` on a field.
#[derive(Default)]
pub(super) struct FieldAttr {
    pub(super) immutable: Option<Ident>,
    pub(super) column: Option<LitStr>,
    pub(super) sql_as: Option<Type>,
}

const STRUCT_KEYS: &str = "expected `immutable(..)`, `accept_json` or `name = \"..\"`";
const FIELD_KEYS: &str = "expected `immutable`, `column = \"..\"` or `sql_as = Type`";

impl StructAttr {
    pub(super) fn parse(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut parsed = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("patch")) {
            errors.keep(attr.parse_nested_meta(|meta| parsed.entry(&meta, errors)));
        }
        parsed
    }

    fn entry(&mut self, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<()> {
        let Some(key) = meta.path.get_ident() else {
            return unknown(meta, STRUCT_KEYS, errors);
        };
        match key.to_string().as_str() {
            "immutable" => self.immutable.extend(fields(meta.input)?),
            "accept_json" => once(&mut self.accept_json, key.clone(), key, errors),
            "name" => {
                let name: LitStr = meta.value()?.parse()?;
                if let Some(name) = type_name(&name, errors) {
                    once(&mut self.name, name, key, errors);
                }
            }
            "column" | "sql_as" => misplaced(meta, key, "a field", errors)?,
            _ => unknown(meta, STRUCT_KEYS, errors)?,
        }
        Ok(())
    }
}

impl FieldAttr {
    pub(super) fn parse(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut parsed = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("patch")) {
            errors.keep(attr.parse_nested_meta(|meta| parsed.entry(&meta, errors)));
        }
        parsed
    }

    fn entry(&mut self, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<()> {
        let Some(key) = meta.path.get_ident() else {
            return unknown(meta, FIELD_KEYS, errors);
        };
        match key.to_string().as_str() {
            "immutable" => once(&mut self.immutable, key.clone(), key, errors),
            "column" => once(&mut self.column, meta.value()?.parse()?, key, errors),
            "sql_as" => once(&mut self.sql_as, meta.value()?.parse()?, key, errors),
            "accept_json" | "name" => misplaced(meta, key, "the struct", errors)?,
            _ => unknown(meta, FIELD_KEYS, errors)?,
        }
        Ok(())
    }
}

/// `(a, b)`, where names may be keywords.
fn fields(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    if !input.peek(syn::token::Paren) {
        return Err(input.error("expected the names of fields, as in `immutable(id, created_at)`"));
    }
    let content;
    syn::parenthesized!(content in input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
    if names.is_empty() {
        return Err(content.error("expected the names of fields"));
    }
    Ok(names.into_iter().collect())
}

fn type_name(name: &LitStr, errors: &Errors) -> Option<Ident> {
    let parsed = name.parse::<Ident>();
    if parsed.is_err() {
        errors.on(name, "a name of a type, as in `name = \"ProductPatch\"`");
    }
    parsed.ok()
}
