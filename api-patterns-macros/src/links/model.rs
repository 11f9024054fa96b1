//! What the derive knows about a struct.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{DeriveInput, Expr, Generics, LitStr, Type};

use super::address::Address;
use super::attr::{CurieAttr, LinkAttr, StructAttr, links_attributes};
use super::suggest;
use super::template::{self, Part};
use crate::errors::Errors;
use crate::names::{self, Case};
use crate::{fields, types};

pub(super) struct Model<'a> {
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    /// Whether it is a struct with named fields, as it has to be.
    pub(super) has_names: bool,
    pub(super) fields: Vec<Field<'a>>,
    pub(super) attr: StructAttr,
    /// In the order in which they are written; that of the base is first.
    pub(super) links: Vec<Link>,
    pub(super) values: Vec<Value>,
    pub(super) conditions: Vec<Expr>,
    /// The plural name of the resource.
    pub(super) resource: String,
    /// The place of the field that tells items apart.
    pub(super) id: Option<usize>,
}

pub(super) struct Field<'a> {
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    /// The member it becomes in JSON, where it becomes one.
    pub(super) serialized: Option<String>,
}

/// A link. One that has mistakes has less in it than was meant.
pub(super) struct Link {
    /// Where the relation is written; for `self`, the base.
    pub(super) rel: LitStr,
    pub(super) name: String,
    /// What is written about it; nothing for the link of the base.
    pub(super) attr: Option<LinkAttr>,
    pub(super) address: Address,
    /// The values in the address, in its order, by their place in [`Model::values`].
    pub(super) slots: Vec<usize>,
    pub(super) each: Option<usize>,
    pub(super) condition: Option<usize>,
    /// The places of the fields that a request may send.
    pub(super) properties: Vec<usize>,
}

/// What stands in addresses: a field in one of its forms.
pub(super) struct Value {
    pub(super) field: usize,
    pub(super) form: Form,
    /// Where it is named first.
    pub(super) span: Span,
    /// Where the field is named, if elsewhere.
    pub(super) field_span: Span,
}

/// `each = field`.
#[derive(Clone, Copy)]
struct Each {
    /// The place of the field, where there is one of this name.
    field: Option<usize>,
    span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) slashes: bool,
    pub(super) each: bool,
}

impl Field<'_> {
    pub(super) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

impl Model<'_> {
    /// The place of the field that `name` names; a mistake where there is none.
    fn field(&self, name: &str, span: Span, errors: &Errors) -> Option<usize> {
        let found = self.fields.iter().position(|field| field.name() == name);
        // Without fields to name, the kind of the item is the mistake.
        if found.is_none() && self.has_names {
            let names: Vec<_> = self.fields.iter().map(Field::name).collect();
            let guess = suggest::guess(name, &names);
            let known = match names.is_empty() {
                true => String::new(),
                false => format!("; the fields are {}", suggest::list(&names)),
            };
            let message = format!("there is no field `{name}`{guess}{known}");
            errors.push(syn::Error::new(span, message));
        }
        found
    }

    fn named(&self, ident: &Ident, errors: &Errors) -> Option<usize> {
        self.field(&ident.unraw().to_string(), ident.span(), errors)
    }

    /// The same type without any links.
    pub(super) fn without_links(&self) -> Self {
        Self {
            fields: Vec::new(),
            attr: StructAttr {
                context: self.attr.context.clone(),
                ..StructAttr::default()
            },
            links: Vec::new(),
            values: Vec::new(),
            conditions: Vec::new(),
            resource: String::new(),
            id: None,
            ..*self
        }
    }

    /// The place of a value, which is a new one where nothing else uses it.
    fn slot(&mut self, value: Value) -> usize {
        let is_same = |known: &Value| known.field == value.field && known.form == value.form;
        self.values.iter().position(is_same).unwrap_or_else(|| {
            self.values.push(value);
            self.values.len() - 1
        })
    }

    /// The place of a condition; those with the same tokens are one.
    fn condition(&mut self, condition: &Expr) -> usize {
        let tokens = |condition: &Expr| condition.to_token_stream().to_string();
        let known = (self.conditions.iter()).position(|known| tokens(known) == tokens(condition));
        known.unwrap_or_else(|| {
            self.conditions.push(condition.clone());
            self.conditions.len() - 1
        })
    }
}

/// Reads the struct; what is wrong with it is kept in `errors`.
pub(super) fn build<'a>(input: &'a DeriveInput, errors: &Errors) -> Model<'a> {
    let mut attr = StructAttr::parse(&input.attrs, errors);
    let links = std::mem::take(&mut attr.links);
    let case = Case::of(&input.attrs);
    let named = fields::named(input, "Links", errors);
    let fields: Option<Vec<_>> =
        named.map(|named| named.map(|field| read_field(field, case, errors)).collect());
    let mut model = Model {
        ident: &input.ident,
        generics: &input.generics,
        has_names: fields.is_some(),
        fields: fields.unwrap_or_default(),
        attr,
        links: Vec::new(),
        values: Vec::new(),
        conditions: Vec::new(),
        resource: String::new(),
        id: None,
    };
    let base = read_base(&mut model, errors);
    for link in links {
        if let Some(link) = read_link(&mut model, link, base.as_ref(), errors) {
            model.links.push(link);
        }
    }
    model.resource = resource(&model, base.as_ref());
    model.id = id(&model, base.as_ref(), errors);
    model
}

fn read_field<'a>(
    (ident, field): (&'a Ident, &'a syn::Field),
    case: Case,
    errors: &Errors,
) -> Field<'a> {
    for attribute in links_attributes(&field.attrs) {
        errors.on(
            attribute.path(),
            "`links` is not expected here; it belongs on the struct",
        );
    }
    Field {
        ident,
        ty: &field.ty,
        serialized: names::serialized(ident, &field.attrs, case),
    }
}

/// The item's own address, and its link.
fn read_base(model: &mut Model<'_>, errors: &Errors) -> Option<Address> {
    let base = model.attr.base.clone()?;
    let parts = parts(&base, errors).unwrap_or_default();
    for part in &parts {
        let mistake = match part {
            Part::Base => "the base cannot stand in itself",
            Part::Each { .. } => "`{each}` stands in a `link(..)` that has `each = field`",
            Part::Expression(_) => {
                "an item's own address has nothing left to fill in; this belongs in a `link(..)`"
            }
            Part::Text(text) if text.contains(['?', '#']) => {
                "the base is a path: a query belongs in the `href` of a `link(..)`"
            }
            Part::Text(_) | Part::Field { .. } => continue,
        };
        errors.on(&base, mistake);
        return None;
    }
    let address = address(&parts, None, &base, errors)?;
    let slots = slots(model, &address, None, base.span(), None, errors);
    model.links.push(Link {
        rel: base,
        name: "self".to_owned(),
        attr: None,
        address: address.clone(),
        slots,
        each: None,
        condition: None,
        properties: Vec::new(),
    });
    Some(address)
}

fn read_link(
    model: &mut Model<'_>,
    attr: LinkAttr,
    base: Option<&Address>,
    errors: &Errors,
) -> Option<Link> {
    let each = attr.each.as_ref().map(|each| Each {
        field: model.named(each, errors),
        span: each.span(),
    });
    let properties = attr.fields.iter().flat_map(|fields| &fields.names);
    let properties = properties
        .filter_map(|name| model.named(name, errors))
        .collect();
    let condition = attr.when.as_ref().map(|when| model.condition(when));
    let Some(rel) = attr.rel.clone() else {
        errors.on(&attr.token, "`rel` is missing: a link has a relation");
        return None;
    };
    let span = attr.href.as_ref().unwrap_or(&rel).span();
    let address = link_address(model, &attr, base, errors).unwrap_or_default();
    let slots = slots(model, &address, base, span, each, errors);
    let each = (slots.iter().copied()).find(|slot| model.values[*slot].form.each);
    Some(Link {
        name: rel.value(),
        rel,
        attr: Some(attr),
        address,
        slots,
        each,
        condition,
        properties,
    })
}

fn link_address(
    model: &Model<'_>,
    attr: &LinkAttr,
    base: Option<&Address>,
    errors: &Errors,
) -> Option<Address> {
    let has_base = model.attr.base.is_some();
    let Some(href) = &attr.href else {
        if !has_base {
            errors.on(
                &attr.token,
                "`href` is missing, and there is no `base` that it could be",
            );
        }
        if let Some(each) = &attr.each {
            errors.on(
                each,
                "one link for each element needs an `href` with `{each}`",
            );
        }
        return base.cloned();
    };
    let parts = parts(href, errors)?;
    if parts.contains(&Part::Base) && base.is_none() {
        // A base with mistakes has told of them.
        if !has_base {
            errors.on(
                href,
                "`{base}` stands for `base = \"..\"`, which is missing",
            );
        }
        return None;
    }
    let forms: Vec<_> = parts
        .iter()
        .filter(|part| matches!(part, Part::Each { .. }))
        .collect();
    match &attr.each {
        None if !forms.is_empty() => errors.on(
            href,
            "`{each}` is an element of a field, which is missing: add `each = field`",
        ),
        Some(each) if forms.is_empty() => errors.on(
            each,
            "all links would be the same: put `{each}`, the element, into `href`",
        ),
        _ if forms.windows(2).any(|pair| pair[0] != pair[1]) => {
            errors.on(href, "`{each}` and `{*each}` cannot stand in one link");
        }
        _ => {}
    }
    address(&parts, base, href, errors)
}

fn parts(template: &LitStr, errors: &Errors) -> Option<Vec<Part>> {
    template::parse(&template.value())
        .map_err(|mistakes| tell(&mistakes, template, errors))
        .ok()
}

fn address(
    parts: &[Part],
    base: Option<&Address>,
    template: &LitStr,
    errors: &Errors,
) -> Option<Address> {
    // What has no parts is wrong already, unless it is empty.
    if parts.is_empty() && !template.value().is_empty() {
        return None;
    }
    Address::new(parts, base)
        .map_err(|mistakes| tell(&mistakes, template, errors))
        .ok()
}

fn tell(mistakes: &[String], template: &LitStr, errors: &Errors) {
    for mistake in mistakes {
        errors.on(template, mistake);
    }
}

/// The places of the values in an address, which is written at `span`.
fn slots(
    model: &mut Model<'_>,
    address: &Address,
    base: Option<&Address>,
    span: Span,
    each: Option<Each>,
    errors: &Errors,
) -> Vec<usize> {
    let of_base = |part: &Part| base.is_some_and(|base| base.parts.contains(part));
    // The base has told of its own mistakes.
    let (silent, mut slots) = (Errors::default(), Vec::new());
    for part in &address.parts {
        let errors = if of_base(part) { &silent } else { errors };
        let (field, slashes, is_each) = match part {
            Part::Field { name, slashes } => (model.field(name, span, errors), *slashes, false),
            Part::Each { slashes } => (each.and_then(|each| each.field), *slashes, true),
            Part::Text(_) | Part::Expression(_) | Part::Base => continue,
        };
        let Some(field) = field else { continue };
        slots.push(model.slot(Value {
            field,
            form: Form {
                slashes,
                each: is_each,
            },
            span,
            field_span: each.filter(|_| is_each).map_or(span, |each| each.span),
        }));
    }
    slots
}

fn resource(model: &Model<'_>, base: Option<&Address>) -> String {
    if let Some(resource) = &model.attr.resource {
        return resource.value();
    }
    base.and_then(Address::collection)
        .filter(|name| is_member_name(name))
        .map_or_else(
            || names::snake(&model.ident.unraw().to_string()),
            str::to_owned,
        )
}

/// What JSON:API 1.1 recommends as a name.
pub(super) fn is_member_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let edge = |c: char| c.is_ascii_alphanumeric();
    name.starts_with(edge) && name.ends_with(edge) && name.chars().all(inner)
}

fn id(model: &Model<'_>, base: Option<&Address>, errors: &Errors) -> Option<usize> {
    if let Some(id) = &model.attr.id {
        return model.named(id, errors);
    }
    let last = base.and_then(|base| {
        base.parts.iter().rev().find_map(|part| match part {
            Part::Field { name, .. } => Some(name.as_str()),
            _ => None,
        })
    });
    let name = last.unwrap_or("id");
    model.fields.iter().position(|field| field.name() == name)
}

impl Link {
    /// The method to follow it with.
    pub(super) fn method(&self) -> String {
        let method = self.attr.as_ref().and_then(|attr| attr.method.as_ref());
        method.map_or_else(|| "GET".to_owned(), LitStr::value)
    }

    /// Whether the relation is an array whatever the number of its links.
    pub(super) fn is_list(&self) -> bool {
        let attr = self.attr.as_ref();
        attr.is_some_and(|attr| attr.list.is_some() || attr.each.is_some())
    }
}

impl CurieAttr {
    /// What stands before the colon.
    pub(super) fn prefix(&self) -> String {
        self.name.as_ref().map(LitStr::value).unwrap_or_default()
    }
}

/// Whether a request has to send the field.
pub(super) fn is_required(field: &Field<'_>, method: &str) -> bool {
    method != "PATCH" && types::inside_option(field.ty).is_none()
}
