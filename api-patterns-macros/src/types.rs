//! What the tokens of a type tell about it.

use syn::{GenericArgument, PathArguments, Type};

const INTEGERS: [&str; 12] = [
    "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
];

/// Whether it is a primitive integer.
pub(crate) fn is_integer(ty: &Type) -> bool {
    is_one_of(ty, &INTEGERS)
}

/// Whether it is a primitive number.
pub(crate) fn is_number(ty: &Type) -> bool {
    is_integer(ty) || is_one_of(ty, &["f32", "f64"])
}

pub(crate) fn is_bool(ty: &Type) -> bool {
    is_one_of(ty, &["bool"])
}

/// `T` of an `Option<T>`, however `Option` is qualified.
pub(crate) fn inside_option(ty: &Type) -> Option<&Type> {
    argument_of(ty, "Option")
}

/// `T` of a `Vec<T>`, an array or a slice, borrowed or not.
pub(crate) fn element(ty: &Type) -> Option<&Type> {
    match ungrouped(ty) {
        Type::Array(array) => Some(&array.elem),
        Type::Slice(slice) => Some(&slice.elem),
        Type::Reference(reference) => element(&reference.elem),
        other => argument_of(other, "Vec"),
    }
}

fn is_one_of(ty: &Type, names: &[&str]) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if names.iter().any(|name| path.path.is_ident(name)))
}

fn argument_of<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ungrouped(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(inner) if last.ident == name && arguments.args.len() == 1 => {
            Some(inner)
        }
        _ => None,
    }
}

/// What `macro_rules!` hands over is grouped.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}
