//! What is wrong with a model, each mistake on the token to change.

use syn::ext::IdentExt;

use super::attr::FieldAttr;
use super::model::{Field, Model};
use crate::errors::Errors;

pub(super) fn check(model: &Model<'_>, errors: &Errors) {
    listed(model, errors);
    for field in &model.fields {
        flatten(field, errors);
        column(field, errors);
        use_of_attribute(field, model, errors);
    }
    names(model, errors);
    if model.has_names && errors.is_empty() && model.mutable().next().is_none() {
        let name = model.ident;
        errors.on(
            name,
            format!("no field of `{name}` can be changed, so there is nothing to patch"),
        );
    }
}

/// `immutable(..)` names fields, each once.
fn listed(model: &Model<'_>, errors: &Errors) {
    for (nth, name) in model.immutable.iter().enumerate() {
        let is_same = |other: &syn::Ident| other.unraw() == name.unraw();
        if model.immutable[..nth].iter().any(is_same) {
            errors.on(name, format!("`{name}` is listed twice"));
            continue;
        }
        let field = model.fields.iter().find(|field| is_same(field.ident));
        match field {
            None if model.has_names => errors.on(
                name,
                format!("there is no field `{name}`{}", known_fields(model)),
            ),
            Some(Field { name: None, .. }) => errors.on(
                name,
                format!("serde skips `{name}`, so no patch reaches it"),
            ),
            _ => {}
        }
    }
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

fn flatten(field: &Field<'_>, errors: &Errors) {
    if let Some(flatten) = &field.serde.flatten {
        errors.on(
            flatten,
            "the members of a flattened field are not known here, so they cannot be patched; \
             write them as fields",
        );
    }
}

/// The left side of a `SET` has no qualifier.
fn column(field: &Field<'_>, errors: &Errors) {
    let Some(column) = &field.attr.column else {
        return;
    };
    let name = column.value();
    if name.is_empty() || name.contains(['.', '\0']) {
        errors.on(
            column,
            "the column of an `UPDATE` is one name, without a table before it",
        );
    }
}

/// An attribute that has no effect is a mistake: it was meant to change something.
fn use_of_attribute(field: &Field<'_>, model: &Model<'_>, errors: &Errors) {
    if field.serde.flatten.is_some() {
        return;
    }
    let FieldAttr {
        immutable,
        column,
        sql_as,
    } = &field.attr;
    let is_skipped = field.name.is_none();
    let listed = |name: &syn::Ident| name.unraw() == field.ident.unraw();
    if let Some(token) = immutable {
        if is_skipped {
            errors.on(token, "serde skips this field, so no patch reaches it");
        } else if model.immutable.iter().any(listed) {
            errors.on(token, "the struct lists this field as immutable already");
        }
    }
    if !is_skipped && !field.is_immutable {
        return;
    }
    let why = match is_skipped {
        true => "serde skips this field, so no patch writes it",
        false => "no patch writes an immutable field",
    };
    if let Some(column) = column {
        errors.on(column, why);
    }
    if let Some(sql_as) = sql_as {
        errors.on(sql_as, why);
    }
}

/// Each name in JSON, and each column, stands for one field.
fn names(model: &Model<'_>, errors: &Errors) {
    let mut names: Vec<&str> = Vec::new();
    for (field, name) in model.members() {
        if names.contains(&name) {
            errors.on(
                field.ident,
                format!("another field is called `{name}` in JSON, too"),
            );
        }
        names.push(name);
    }
    let mut columns: Vec<String> = Vec::new();
    for (_, field, _) in model.mutable() {
        let column = field.column();
        if columns.contains(&column) {
            let text = format!("another field is written to the column `{column}`, too");
            match &field.attr.column {
                Some(token) => errors.on(token, text),
                None => errors.on(field.ident, text),
            }
        }
        columns.push(column);
    }
}
