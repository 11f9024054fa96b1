//! What stands in `#[links(..)]`.

use proc_macro2::TokenTree;
use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Token, Type, parenthesized};

use super::suggest;
use crate::errors::Errors;

/// `#[links(..)]` on the struct.
#[derive(Default)]
pub(super) struct StructAttr {
    pub(super) base: Option<LitStr>,
    pub(super) links: Vec<LinkAttr>,
    pub(super) curies: Vec<CurieAttr>,
    pub(super) context: Option<Type>,
    pub(super) resource: Option<LitStr>,
    pub(super) id: Option<Ident>,
    pub(super) any_rel: Option<Ident>,
}

/// `link(..)`.
pub(super) struct LinkAttr {
    pub(super) token: Ident,
    pub(super) rel: Option<LitStr>,
    pub(super) href: Option<LitStr>,
    pub(super) method: Option<LitStr>,
    pub(super) when: Option<Expr>,
    pub(super) title: Option<LitStr>,
    pub(super) media_type: Option<LitStr>,
    pub(super) name: Option<LitStr>,
    pub(super) list: Option<Ident>,
    pub(super) each: Option<Ident>,
    pub(super) fields: Option<Named>,
}

/// `fields(a, b)`.
pub(super) struct Named {
    pub(super) token: Ident,
    pub(super) names: Vec<Ident>,
}

/// `curie(..)`.
pub(super) struct CurieAttr {
    pub(super) token: Ident,
    pub(super) name: Option<LitStr>,
    pub(super) href: Option<LitStr>,
}

const STRUCT_KEYS: &[&str] = &[
    "base", "link", "context", "resource", "id", "curie", "any_rel",
];
const LINK_KEYS: &[&str] = &[
    "rel", "href", "method", "when", "title", "type", "name", "list", "each", "fields",
];
const CURIE_KEYS: &[&str] = &["name", "href"];

impl StructAttr {
    pub(super) fn parse(attributes: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self::default();
        for attribute in links_attributes(attributes) {
            errors.keep(attribute.parse_nested_meta(|meta| {
                let entry = attr.entry(&meta, errors);
                recover(entry, &meta, errors)
            }));
        }
        attr
    }

    fn entry(&mut self, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<()> {
        let key = key(meta, STRUCT_KEYS)?;
        match key.to_string().as_str() {
            "base" => once(&mut self.base, meta.value()?.parse()?, key),
            "link" => {
                self.links.push(LinkAttr::parse(key, meta, errors)?);
                Ok(())
            }
            "context" => once(&mut self.context, meta.value()?.parse()?, key),
            "resource" => once(&mut self.resource, meta.value()?.parse()?, key),
            "id" => once(&mut self.id, field_name(meta)?, key),
            "curie" => {
                self.curies.push(CurieAttr::parse(key, meta, errors)?);
                Ok(())
            }
            "any_rel" => once(&mut self.any_rel, flag(key, meta)?, key),
            name if LINK_KEYS.contains(&name) => Err(meta.error(format!(
                "`{name}` is not expected here; it belongs in `link(..)`"
            ))),
            _ => Err(unknown(key, STRUCT_KEYS)),
        }
    }
}

impl LinkAttr {
    fn parse(token: &Ident, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<Self> {
        let mut attr = Self {
            token: token.clone(),
            rel: None,
            href: None,
            method: None,
            when: None,
            title: None,
            media_type: None,
            name: None,
            list: None,
            each: None,
            fields: None,
        };
        meta.parse_nested_meta(|meta| {
            let entry = attr.entry(&meta);
            recover(entry, &meta, errors)
        })?;
        Ok(attr)
    }

    fn entry(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let key = key(meta, LINK_KEYS)?;
        match key.to_string().as_str() {
            "rel" => once(&mut self.rel, meta.value()?.parse()?, key),
            "href" => once(&mut self.href, meta.value()?.parse()?, key),
            "method" => once(&mut self.method, method(meta.value()?)?, key),
            "when" => once(&mut self.when, condition(meta.value()?)?, key),
            "title" => once(&mut self.title, meta.value()?.parse()?, key),
            "type" => once(&mut self.media_type, meta.value()?.parse()?, key),
            "name" => once(&mut self.name, meta.value()?.parse()?, key),
            "list" => once(&mut self.list, flag(key, meta)?, key),
            "each" => once(&mut self.each, field_name(meta)?, key),
            "fields" => {
                let (token, names) = (key.clone(), names(meta.input)?);
                once(&mut self.fields, Named { token, names }, key)
            }
            name if STRUCT_KEYS.contains(&name) => Err(meta.error(format!(
                "`{name}` is not expected here; it belongs beside `link(..)`"
            ))),
            _ => Err(unknown(key, LINK_KEYS)),
        }
    }
}

impl CurieAttr {
    fn parse(token: &Ident, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<Self> {
        let mut attr = Self {
            token: token.clone(),
            name: None,
            href: None,
        };
        meta.parse_nested_meta(|meta| {
            let entry = attr.entry(&meta);
            recover(entry, &meta, errors)
        })?;
        Ok(attr)
    }

    fn entry(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let key = key(meta, CURIE_KEYS)?;
        match key.to_string().as_str() {
            "name" => once(&mut self.name, meta.value()?.parse()?, key),
            "href" => once(&mut self.href, meta.value()?.parse()?, key),
            _ => Err(unknown(key, CURIE_KEYS)),
        }
    }
}

/// The `#[links(..)]` among `attributes`.
pub(super) fn links_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("links"))
}

/// Notes what is wrong with an entry and passes over the rest of it, so that its mistake does not
/// hide those after it.
fn recover(entry: syn::Result<()>, meta: &ParseNestedMeta<'_>, errors: &Errors) -> syn::Result<()> {
    if let Err(error) = entry {
        errors.push(error);
        while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
            meta.input.parse::<TokenTree>()?;
        }
    }
    Ok(())
}

fn key<'a>(meta: &'a ParseNestedMeta<'_>, known: &[&str]) -> syn::Result<&'a Ident> {
    meta.path
        .get_ident()
        .ok_or_else(|| meta.error(format!("unknown entry: expected {}", suggest::list(known))))
}

fn unknown(key: &Ident, known: &[&str]) -> syn::Error {
    let name = key.to_string();
    let guess = suggest::guess(&name, known);
    let message = format!(
        "unknown entry `{name}`{guess}: expected {}",
        suggest::list(known)
    );
    syn::Error::new(key.span(), message)
}

fn once<T>(slot: &mut Option<T>, value: T, key: &Ident) -> syn::Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(syn::Error::new(
            key.span(),
            format!("`{key}` is given twice"),
        )),
    }
}

/// An entry that stands alone.
fn flag(key: &Ident, meta: &ParseNestedMeta<'_>) -> syn::Result<Ident> {
    match meta.input.is_empty() || meta.input.peek(Token![,]) {
        true => Ok(key.clone()),
        false => Err(meta
            .input
            .error(format!("`{key}` stands alone, without a value"))),
    }
}

fn field_name(meta: &ParseNestedMeta<'_>) -> syn::Result<Ident> {
    Ident::parse_any(meta.value()?)
}

fn names(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let content;
    parenthesized!(content in input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)?;
    if names.is_empty() {
        return Err(content.error("expected the names of fields"));
    }
    Ok(names.into_iter().collect())
}

/// An expression, or a string literal with one inside.
fn condition(input: ParseStream<'_>) -> syn::Result<Expr> {
    let expression: Expr = input.parse()?;
    let Some(text) = text_of(&expression) else {
        return Ok(expression);
    };
    text.parse().map_err(|error| {
        let message = format!("`when` is not an expression: {error}");
        syn::Error::new(text.span(), message)
    })
}

fn text_of(expression: &Expr) -> Option<&LitStr> {
    match expression {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        // What `macro_rules!` hands over is grouped.
        Expr::Group(group) => text_of(&group.expr),
        _ => None,
    }
}

/// `"PUT"` or `PUT`. Clippy takes equal literals in two links for an attribute that is given twice;
/// an attribute that holds an identifier it does not read.
fn method(input: ParseStream<'_>) -> syn::Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    let name = input.call(Ident::parse_any)?;
    Ok(LitStr::new(&name.to_string(), name.span()))
}
