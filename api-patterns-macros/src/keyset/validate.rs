//! What the attributes mean, once all of them fit together.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::{Ident, LitStr};

use super::model::Keyset;
use crate::errors::Errors;

/// Which fields take part, by their place in the struct, and how.
pub(super) struct Plan {
    /// The fields of the keyset, in the order of the struct.
    pub(super) used: Vec<usize>,
    pub(super) unique: Vec<usize>,
    pub(super) sortable: Vec<usize>,
    pub(super) nulls_first: Vec<usize>,
    /// Field and whether it descends.
    pub(super) default: Vec<(usize, bool)>,
}

pub(super) fn check(keyset: &Keyset<'_>, errors: &Errors) -> Option<Plan> {
    let attr = &keyset.attr;
    let unique = resolve(keyset, attr.unique.as_deref(), errors);
    let sortable = resolve(keyset, attr.sortable.as_deref(), errors);
    let nulls_first = resolve(keyset, attr.nulls_first.as_deref(), errors);
    let default = attr
        .default
        .as_ref()
        .map(|order| parse_order(keyset, order, errors));
    if unique.is_empty() && attr.unique.as_ref().is_none_or(Vec::is_empty) {
        let help = "a keyset needs a unique field, so that no two rows have the same place: add `#[keyset(unique = id)]`";
        errors.push(syn::Error::new(keyset.name.span(), help));
    }
    // Without a default, rows come in the order of the unique fields.
    let default = default.unwrap_or_else(|| unique.iter().map(|field| (*field, false)).collect());
    nullable_only(keyset, &nulls_first, errors);
    not_nullable(keyset, &unique, errors);
    let ordered = default.iter().map(|(field, _)| *field);
    let mut used: Vec<usize> = unique
        .iter()
        .chain(&sortable)
        .copied()
        .chain(ordered)
        .collect();
    used.sort_unstable();
    used.dedup();
    placed(keyset, &used, &nulls_first, errors);
    distinct_names(keyset, &used, errors);
    unused_attributes(keyset, &used, errors);
    Some(Plan {
        used,
        unique,
        sortable,
        nulls_first,
        default,
    })
}

fn resolve(keyset: &Keyset<'_>, names: Option<&[Ident]>, errors: &Errors) -> Vec<usize> {
    let mut found = Vec::new();
    for name in names.unwrap_or_default() {
        match keyset.find(&name.unraw().to_string()) {
            None => errors.on(name, unknown(keyset, &name.to_string())),
            Some(field) if found.contains(&field) => {
                errors.on(name, format!("`{name}` is named twice"))
            }
            Some(field) => found.push(field),
        }
    }
    found
}

fn unknown(keyset: &Keyset<'_>, name: &str) -> String {
    let fields: Vec<_> = keyset
        .fields
        .iter()
        .map(|field| format!("`{}`", field.plain()))
        .collect();
    format!("no field `{name}`; there are {}", fields.join(", "))
}

/// `-created_at,name`, each name that of a field.
fn parse_order(keyset: &Keyset<'_>, order: &LitStr, errors: &Errors) -> Vec<(usize, bool)> {
    let mut terms: Vec<(usize, bool)> = Vec::new();
    for part in order.value().split(',') {
        let part = part.trim();
        let (name, descending) = part
            .strip_prefix('-')
            .map_or((part, false), |name| (name, true));
        match keyset.find(name) {
            None => errors.on(order, unknown(keyset, name)),
            Some(field) if terms.iter().any(|(seen, _)| *seen == field) => {
                errors.on(order, format!("`{name}` is named twice"));
            }
            Some(field) => terms.push((field, descending)),
        }
    }
    terms
}

fn is_option(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Option"),
        _ => false,
    }
}

fn not_nullable(keyset: &Keyset<'_>, unique: &[usize], errors: &Errors) {
    for field in unique
        .iter()
        .map(|field| &keyset.fields[*field])
        .filter(|field| is_option(field.ty))
    {
        errors.on(
            field.ty,
            format!("`{}` is unique, so it cannot be NULL", field.plain()),
        );
    }
}

fn nullable_only(keyset: &Keyset<'_>, nulls_first: &[usize], errors: &Errors) {
    let named = keyset.attr.nulls_first.iter().flatten();
    for name in named {
        let field = keyset
            .find(&name.unraw().to_string())
            .filter(|field| nulls_first.contains(field));
        // An alias of `Option` is let through: only the compiler knows what it stands for.
        let plain = [
            "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool", "String", "f32", "f64",
        ];
        let is_plain = |ty: &syn::Type| {
            plain
                .iter()
                .any(|name| matches!(ty, syn::Type::Path(path) if path.path.is_ident(name)))
        };
        if field.is_some_and(|field| is_plain(keyset.fields[field].ty)) {
            errors.on(
                name,
                format!("`{name}` is never NULL; `nulls_first` is for `Option` fields"),
            );
        }
    }
}

fn placed(keyset: &Keyset<'_>, used: &[usize], nulls_first: &[usize], errors: &Errors) {
    for name in keyset.attr.nulls_first.iter().flatten() {
        let field = keyset.find(&name.unraw().to_string());
        if field.is_some_and(|field| nulls_first.contains(&field) && !used.contains(&field)) {
            errors.on(
                name,
                format!("nothing is ordered by `{name}`; name it in `sortable` or `default` too"),
            );
        }
    }
}

fn distinct_names(keyset: &Keyset<'_>, used: &[usize], errors: &Errors) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for &index in used {
        let field = &keyset.fields[index];
        let name = field.public();
        let span = field
            .attr
            .rename
            .as_ref()
            .map_or_else(|| field.ident.span(), LitStr::span);
        if name.is_empty() || name.contains([',', '-', ' ']) {
            errors.push(syn::Error::new(
                span,
                "a name for clients has no commas, hyphens or spaces",
            ));
        }
        let column = field.attr.column.as_ref();
        if let Some(column) = column.filter(|column| !is_column(&column.value())) {
            errors.on(
                column,
                "names a column of the result: `price`, not `p.price`; rename it in the query where it has a dot",
            );
        }
        if seen.insert(name.clone(), index).is_some() {
            errors.push(syn::Error::new(
                span,
                format!("two fields are called `{name}` by clients"),
            ));
        }
    }
}

fn is_column(name: &str) -> bool {
    !name.is_empty() && !name.contains(['.', '\0'])
}

fn unused_attributes(keyset: &Keyset<'_>, used: &[usize], errors: &Errors) {
    let spare = |index: &usize| !used.contains(index);
    for field in (0..keyset.fields.len())
        .filter(spare)
        .map(|index| &keyset.fields[index])
    {
        let attr = &field.attr;
        let spans = [
            attr.rename.as_ref().map(LitStr::span),
            attr.column.as_ref().map(LitStr::span),
            attr.sql_as.as_ref().map(syn::spanned::Spanned::span),
        ];
        for span in spans.into_iter().flatten() {
            errors.push(unused(span, &field.plain()));
        }
    }
}

fn unused(span: Span, name: &str) -> syn::Error {
    syn::Error::new(
        span,
        format!("has no effect: nothing is ordered by `{name}`"),
    )
}
