//! The attributes as they are written.

use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Token, Type, parenthesized};

use crate::attr::skip_value;
use crate::errors::Errors;

/// `#[keyset(…)]` on the struct.
#[derive(Default)]
pub(super) struct StructAttr {
    pub(super) unique: Option<Vec<Ident>>,
    pub(super) default: Option<LitStr>,
    pub(super) sortable: Option<Vec<Ident>>,
    pub(super) nulls_first: Option<Vec<Ident>>,
}

/// `#[keyset(…)]` on a field.
#[derive(Default)]
pub(super) struct FieldAttr {
    pub(super) rename: Option<LitStr>,
    pub(super) column: Option<LitStr>,
    pub(super) sql_as: Option<Type>,
}

impl StructAttr {
    pub(super) fn parse(attributes: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        each(attributes, errors, |meta| {
            if meta.path.is_ident("unique") {
                let fields = if meta.input.peek(Token![=]) {
                    vec![Ident::parse_any(meta.value()?)?]
                } else {
                    names(meta)?
                };
                once(&mut attr.unique, fields, meta)
            } else if meta.path.is_ident("default") {
                let value = meta.value()?.parse()?;
                once(&mut attr.default, value, meta)
            } else if meta.path.is_ident("sortable") {
                let fields = names(meta)?;
                once(&mut attr.sortable, fields, meta)
            } else if meta.path.is_ident("nulls_first") {
                let fields = names(meta)?;
                once(&mut attr.nulls_first, fields, meta)
            } else if ["rename", "column", "sql_as"]
                .iter()
                .any(|name| meta.path.is_ident(name))
            {
                skip_value(meta.input)?;
                Err(meta.error("belongs on a field, not on the struct"))
            } else {
                Err(meta
                    .error("unknown; expected `unique`, `default`, `sortable` or `nulls_first`"))
            }
        });
        attr
    }
}

impl FieldAttr {
    pub(super) fn parse(attributes: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        each(attributes, errors, |meta| {
            if meta.path.is_ident("rename") {
                let value = meta.value()?.parse()?;
                once(&mut attr.rename, value, meta)
            } else if meta.path.is_ident("column") {
                let value = meta.value()?.parse()?;
                once(&mut attr.column, value, meta)
            } else if meta.path.is_ident("sql_as") {
                let value = meta.value()?.parse()?;
                once(&mut attr.sql_as, value, meta)
            } else if ["unique", "default", "sortable", "nulls_first"]
                .iter()
                .any(|name| meta.path.is_ident(name))
            {
                skip_value(meta.input)?;
                Err(meta.error("belongs on the struct, not on a field"))
            } else {
                Err(meta.error("unknown; expected `rename`, `column` or `sql_as`"))
            }
        });
        attr
    }
}

/// Calls `read` for each item of each `#[keyset(…)]`. An item that is refused does not hide the
/// mistakes of the items after it.
fn each(
    attributes: &[Attribute],
    errors: &Errors,
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("keyset"))
    {
        let parsed = attribute.parse_nested_meta(|meta| {
            if let Err(error) = read(&meta) {
                errors.push(error);
                skip_value(meta.input)?;
            }
            Ok(())
        });
        errors.keep(parsed);
    }
}

fn once<T>(slot: &mut Option<T>, value: T, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
    if slot.is_some() {
        return Err(meta.error("given twice"));
    }
    *slot = Some(value);
    Ok(())
}

fn names(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<Ident>> {
    let content;
    parenthesized!(content in meta.input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
    Ok(names.into_iter().collect())
}
