//! The `#[problem(…)]` attributes as they are written.

use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Token};

use crate::errors::Errors;

/// `key` or `key = value`.
struct Item {
    key: Ident,
    value: Option<Expr>,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        // `type` is a keyword.
        let key = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "expected a key, as in `status = 404`")
        })?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self { key, value })
    }
}

/// The attributes of a struct or a variant.
#[derive(Default)]
pub(super) struct CaseAttr {
    /// The first attribute, to point at where a key is missing.
    pub(super) first: Option<Attribute>,
    pub(super) status: Option<Expr>,
    pub(super) code: Option<LitStr>,
    pub(super) title: Option<LitStr>,
    pub(super) type_uri: Option<LitStr>,
    pub(super) detail: Option<LitStr>,
    pub(super) transparent: Option<Ident>,
    /// The keys beside `transparent`.
    pub(super) others: Vec<Ident>,
    /// Some key could not be read: what seems to be missing may be in it.
    pub(super) is_broken: bool,
}

impl CaseAttr {
    pub(super) fn parse(attributes: &[Attribute], errors: &Errors) -> Self {
        let mut attr = Self {
            first: ours(attributes).next().cloned(),
            ..Self::default()
        };
        match items(attributes, errors) {
            Some(items) => items.into_iter().for_each(|item| attr.take(item, errors)),
            None => attr.is_broken = true,
        }
        attr
    }

    fn take(&mut self, Item { key, value }: Item, errors: &Errors) {
        let name = key.to_string();
        if name != "transparent" {
            self.others.push(key.clone());
        }
        match name.as_str() {
            "transparent" => match value {
                Some(value) => {
                    self.is_broken = true;
                    errors.on(&value, "`transparent` takes no value");
                }
                None => once(&mut self.transparent, key.clone(), &key, errors),
            },
            "status" => match value {
                Some(value) => once(&mut self.status, value, &key, errors),
                None => {
                    self.is_broken = true;
                    errors.on(&key, "expected a number, as in `status = 404`");
                }
            },
            "code" => text(&mut self.code, value, &key, errors),
            "title" => text(&mut self.title, value, &key, errors),
            "type" => text(&mut self.type_uri, value, &key, errors),
            "detail" => text(&mut self.detail, value, &key, errors),
            "extension" => errors.on(&key, "not expected here; `extension` belongs on a field"),
            other => errors.on(
                &key,
                format!(
                    "unknown key `{other}`; expected `status`, `code`, `title`, `type`, `detail` \
                     or `transparent`"
                ),
            ),
        }
    }
}

/// `#[problem(extension)]` or `#[problem(extension = "name")]` on a field.
pub(super) struct Extension {
    pub(super) key: Ident,
    pub(super) name: Option<LitStr>,
}

pub(super) fn extension(attributes: &[Attribute], errors: &Errors) -> Option<Extension> {
    let mut found = None;
    for Item { key, value } in items(attributes, errors)? {
        match key.to_string().as_str() {
            "extension" => {
                let name = match value {
                    None => None,
                    Some(value) => match literal(value, &key, errors) {
                        None => continue,
                        name => name,
                    },
                };
                once(
                    &mut found,
                    Extension {
                        key: key.clone(),
                        name,
                    },
                    &key,
                    errors,
                );
            }
            "status" | "code" | "title" | "type" | "detail" | "transparent" => errors.on(
                &key,
                format!("not expected here; `{key}` belongs on the variant or the struct"),
            ),
            other => errors.on(&key, format!("unknown key `{other}`; expected `extension`")),
        }
    }
    found
}

/// Says where the attributes of an enum belong.
pub(super) fn none_on_the_enum(attributes: &[Attribute], errors: &Errors) {
    for attribute in ours(attributes) {
        errors.on(
            attribute.path(),
            "not expected here; `#[problem(…)]` belongs on the variants",
        );
    }
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("problem"))
}

/// The items of all attributes; `None` where one cannot be parsed.
fn items(attributes: &[Attribute], errors: &Errors) -> Option<Vec<Item>> {
    let mut all = Some(Vec::new());
    for attribute in ours(attributes) {
        let Meta::List(list) = &attribute.meta else {
            let message = "expected keys in parentheses, as in `#[problem(status = 404)]`";
            errors.on(attribute.path(), message);
            all = None;
            continue;
        };
        let parsed = list.parse_args_with(Punctuated::<Item, Token![,]>::parse_terminated);
        match (errors.keep(parsed), &mut all) {
            (Some(items), Some(all)) => all.extend(items),
            _ => all = None,
        }
    }
    all
}

fn once<T>(slot: &mut Option<T>, value: T, key: &Ident, errors: &Errors) {
    match slot {
        Some(_) => errors.on(key, format!("duplicate key `{key}`")),
        None => *slot = Some(value),
    }
}

fn text(slot: &mut Option<LitStr>, value: Option<Expr>, key: &Ident, errors: &Errors) {
    match value {
        None => errors.on(key, format!("expected a text, as in `{key} = \"…\"`")),
        Some(value) => {
            if let Some(text) = literal(value, key, errors) {
                once(slot, text, key, errors);
            }
        }
    }
}

/// A string literal that is not empty.
fn literal(value: Expr, key: &Ident, errors: &Errors) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if text.value().is_empty() => {
            errors.on(&text, format!("the value of `{key}` is empty"));
            None
        }
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        other => {
            errors.on(&other, format!("expected a text, as in `{key} = \"…\"`"));
            None
        }
    }
}
