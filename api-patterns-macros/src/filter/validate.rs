//! What is wrong with a model, each mistake on the token to change.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::LitStr;

use super::model::{Field, Model};
use super::operator::Kind;
use crate::errors::Errors;

/// What paging and sorting read from the same query string; the library skips these names.
const PAGING: [&str; 11] = [
    "cursor",
    "limit",
    "sort",
    "include_total",
    "page",
    "page_size",
    "offset",
    "first",
    "after",
    "last",
    "before",
];

pub(super) fn check(model: &Model<'_>, errors: &Errors) {
    for field in &model.fields {
        operators(field, errors);
        column(field, errors);
        use_of_attribute(field, model, errors);
    }
    public_names(model, errors);
    search(model, errors);
    if model.filterable().next().is_none() && model.search.is_none() && model.has_names {
        nothing_to_filter(model, errors);
    }
}

fn operators(field: &Field<'_>, errors: &Errors) {
    for (nth, operator) in field.operators.iter().enumerate() {
        let token = &operator.token;
        if field.operators[..nth]
            .iter()
            .any(|earlier| earlier.kind == operator.kind)
        {
            errors.on(token, format!("the operator `{token}` is given twice"));
        }
        if operator.kind == Kind::IsNull && !field.nullable {
            errors.on(
                token,
                format!(
                    "`is_null` needs a field that can be NULL; `{}` is not an `Option`",
                    field.ident
                ),
            );
        }
    }
}

fn column(field: &Field<'_>, errors: &Errors) {
    let Some(column) = &field.column else { return };
    if column
        .value()
        .split('.')
        .any(|part| part.is_empty() || part.contains('\0'))
    {
        errors.on(
            column,
            "a column is a name, or names separated by dots: `\"p.name\"`",
        );
    }
}

/// An attribute that has no effect is a mistake: it was meant to allow something.
fn use_of_attribute(field: &Field<'_>, model: &Model<'_>, errors: &Errors) {
    if !field.operators.is_empty() {
        check_sql_as(field, errors);
        return;
    }
    let Some(attr) = &field.attr else { return };
    let searched = model
        .searched()
        .any(|searched| searched.ident == field.ident);
    if !searched {
        // A mistake inside the attribute may be why no operator was found, and is told by itself.
        let empty = field.rename.is_none() && field.column.is_none() && field.sql_as.is_none();
        if !empty || is_bare(attr) {
            // On stable, the span of a whole attribute is that of its `#`.
            errors.on(
                attr.path(),
                "this field has no operator; list those a client may use, as in `#[filter(eq)]`",
            );
        }
        return;
    }
    if let Some(rename) = &field.rename {
        errors.on(
            rename,
            "a field that is only searched has no name in the query string",
        );
    }
    if let Some(sql_as) = &field.sql_as {
        errors.on(
            sql_as,
            "a field that is only searched binds no values of its type",
        );
    }
}

fn is_bare(attr: &syn::Attribute) -> bool {
    attr.meta
        .require_list()
        .map_or(true, |list| list.tokens.is_empty())
}

fn check_sql_as(field: &Field<'_>, errors: &Errors) {
    let takes_values = field
        .operators
        .iter()
        .any(|operator| operator.kind.takes_values());
    if let (Some(sql_as), false) = (&field.sql_as, takes_values) {
        errors.on(
            sql_as,
            "none of the operators of this field binds a value of its type",
        );
    }
}

/// The names a client writes: each stands for one thing.
fn public_names(model: &Model<'_>, errors: &Errors) {
    let mut taken: Vec<(String, &'static str)> = Vec::new();
    for ignored in &model.ignored {
        let name = ignored.value();
        if is_taken(&taken, &name).is_some() {
            errors.on(ignored, format!("`{name}` is ignored twice"));
        }
        taken.push((name, "is ignored"));
    }
    if let Some(search) = &model.search {
        let name = model.param_name();
        match &model.param {
            Some(param) => claim(param, &name, "is the search", &mut taken, errors),
            None => claim(&search.token, &name, "is the search", &mut taken, errors),
        }
    }
    for field in model.filterable() {
        let name = field.public_name();
        match &field.rename {
            Some(rename) => claim(rename, &name, "is another field", &mut taken, errors),
            None => claim(field.ident, &name, "is another field", &mut taken, errors),
        }
    }
}

fn claim(
    token: &impl ToTokens,
    name: &str,
    what: &'static str,
    taken: &mut Vec<(String, &'static str)>,
    errors: &Errors,
) {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || !name.chars().all(allowed) {
        errors.on(
            token,
            "a name in the query string has letters, digits, `_`, `-` and `.` only",
        );
    } else if PAGING.contains(&name) {
        errors.on(
            token,
            format!("`{name}` is reserved for paging; choose another name"),
        );
    } else if let Some(other) = is_taken(taken, name) {
        errors.on(token, format!("the name `{name}` is taken: it {other}"));
    }
    taken.push((name.to_owned(), what));
}

fn is_taken(taken: &[(String, &'static str)], name: &str) -> Option<&'static str> {
    taken
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, what)| *what)
}

fn search(model: &Model<'_>, errors: &Errors) {
    let Some(search) = &model.search else {
        if let Some(param) = &model.param {
            param_without_search(param, errors);
        }
        return;
    };
    for (nth, name) in search.fields.iter().enumerate() {
        if search.fields[..nth].contains(name) {
            errors.on(name, format!("`{name}` is searched twice"));
        } else if !model.fields.iter().any(|field| field.is_named(name)) {
            errors.on(
                name,
                format!("there is no field `{name}`{}", known_fields(model)),
            );
        }
    }
}

fn param_without_search(param: &LitStr, errors: &Errors) {
    errors.on(
        param,
        "`param` names the search, and there is none; add `search(..)`",
    );
}

fn known_fields(model: &Model<'_>) -> String {
    let names: Vec<_> = model
        .fields
        .iter()
        .map(|field| format!("`{}`", field.ident))
        .collect();
    match names.is_empty() {
        true => String::new(),
        false => format!("; the fields are {}", names.join(", ")),
    }
}

fn nothing_to_filter(model: &Model<'_>, errors: &Errors) {
    // Where an attribute was meant to allow something, its own mistake says so already.
    if model.fields.iter().all(|field| field.attr.is_none()) {
        let name: &Ident = model.ident;
        errors.on(
            name,
            format!("no field of `{name}` can be filtered; allow some with `#[filter(eq, ..)]`, or a search"),
        );
    }
}
