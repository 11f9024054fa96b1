//! What the attributes of a case mean together.

use proc_macro2::TokenStream;
use syn::{Expr, ExprLit, Lit, LitStr, Member, Type};

use super::attr::Extension;
use super::model::{Case, Field};
use crate::errors::Errors;

/// The members that a problem has of itself.
const RESERVED: [&str; 7] = [
    "type", "title", "status", "detail", "instance", "code", "errors",
];

/// How one case becomes a problem.
pub(super) struct Plan<'a> {
    pub(super) path: TokenStream,
    pub(super) kind: Kind<'a>,
}

pub(super) enum Kind<'a> {
    /// The only field is one.
    Transparent { member: Member, ty: &'a Type },
    Described {
        status: u16,
        texts: Vec<(&'static str, LitStr)>,
        detail: Option<LitStr>,
        extensions: Vec<(Member, &'a Type, LitStr)>,
    },
}

/// A plan for the case; of use only where there was no mistake.
pub(super) fn check<'a>(case: &'a Case<'a>, errors: &Errors) -> Plan<'a> {
    let kind = match &case.attr.transparent {
        Some(_) => transparent(case, errors),
        None => described(case, errors),
    };
    Plan {
        path: case.path.clone(),
        kind,
    }
}

fn transparent<'a>(case: &'a Case<'a>, errors: &Errors) -> Kind<'a> {
    for key in &case.attr.others {
        errors.on(
            key,
            format!("not expected beside `transparent`; the inner error decides `{key}`"),
        );
    }
    for Extension { key, .. } in case
        .fields
        .iter()
        .filter_map(|field| field.extension.as_ref())
    {
        errors.on(
            key,
            "not expected beside `transparent`; the inner error has its own members",
        );
    }
    match case.fields.as_slice() {
        [Field { member, ty, .. }] => Kind::Transparent {
            member: member.clone(),
            ty,
        },
        fields => {
            errors.on(
                &case.attr.transparent,
                format!(
                    "`transparent` needs exactly one field, the inner error; `{}` has {}",
                    case.name,
                    fields.len()
                ),
            );
            // Not used: there is a mistake.
            described(case, &Errors::default())
        }
    }
}

fn described<'a>(case: &'a Case<'a>, errors: &Errors) -> Kind<'a> {
    let attr = &case.attr;
    let status = match (&attr.status, &attr.first) {
        (Some(status), _) => self::status(status, errors),
        (None, Some(first)) if !attr.is_broken => {
            errors.on(
                first.path(),
                "`status` is missing, as in `#[problem(status = 404)]`; \
                 without any `#[problem]` the client gets a masked 500",
            );
            None
        }
        _ => None,
    };
    let texts = [
        ("code", &attr.code),
        ("title", &attr.title),
        ("type_uri", &attr.type_uri),
    ];
    Kind::Described {
        status: status.unwrap_or(500),
        texts: texts
            .into_iter()
            .filter_map(|(key, text)| Some((key, text.clone()?)))
            .collect(),
        detail: attr.detail.clone(),
        extensions: extensions(&case.fields, errors),
    }
}

fn status(value: &Expr, errors: &Errors) -> Option<u16> {
    let number = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse::<u64>().ok(),
        _ => {
            errors.on(
                value,
                "expected a number from 400 to 599, as in `status = 404`",
            );
            return None;
        }
    };
    match number {
        Some(status @ 400..=599) => u16::try_from(status).ok(),
        _ => {
            errors.on(value, "a problem has a status from 400 to 599");
            None
        }
    }
}

fn extensions<'a>(fields: &'a [Field<'a>], errors: &Errors) -> Vec<(Member, &'a Type, LitStr)> {
    let mut found: Vec<(Member, &Type, LitStr)> = Vec::new();
    for field in fields {
        let Some(extension) = &field.extension else {
            continue;
        };
        let Some(name) = name(extension, &field.member, errors) else {
            continue;
        };
        if RESERVED.contains(&name.value().as_str()) {
            errors.on(
                &name,
                format!(
                    "`{}` is a member that every problem has; \
                     give this one another name, as in `extension = \"…\"`",
                    name.value()
                ),
            );
        } else if found
            .iter()
            .any(|(.., known)| known.value() == name.value())
        {
            errors.on(
                &name,
                format!("duplicate extension member `{}`", name.value()),
            );
        } else {
            found.push((field.member.clone(), field.ty, name));
        }
    }
    found
}

/// The name that is given, or else that of the field.
fn name(extension: &Extension, member: &Member, errors: &Errors) -> Option<LitStr> {
    match (&extension.name, member) {
        (Some(name), _) => Some(name.clone()),
        (None, Member::Named(ident)) => {
            let text = ident.to_string();
            let text = text.strip_prefix("r#").unwrap_or(&text);
            Some(LitStr::new(text, ident.span()))
        }
        (None, Member::Unnamed(_)) => {
            errors.on(
                &extension.key,
                "a field without a name needs one here, as in `extension = \"…\"`",
            );
            None
        }
    }
}
