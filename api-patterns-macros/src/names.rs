//! The names under which serde writes the fields.

use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Ident, LitStr, Token};

/// How `#[serde(rename_all = "..")]` spells the fields.
#[derive(Clone, Copy, Default)]
pub(crate) enum Case {
    #[default]
    AsIs,
    Upper,
    Pascal,
    Camel,
    Kebab,
    UpperKebab,
}

impl Case {
    /// The case that the attributes of a struct ask for.
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        let mut case = Self::default();
        each(attributes, |meta| {
            if meta.path.is_ident("rename_all") {
                case = written(meta)?.map_or(case, |name| Self::from_name(&name));
            }
            Ok(())
        });
        case
    }

    fn from_name(name: &str) -> Self {
        match name {
            "UPPERCASE" | "SCREAMING_SNAKE_CASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::UpperKebab,
            _ => Self::AsIs,
        }
    }

    /// The name of a field, which is in snake case, in this case.
    fn apply(self, name: &str) -> String {
        match self {
            Self::AsIs => name.to_owned(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Pascal => pascal(name),
            Self::Camel => {
                let mut name = pascal(name);
                if let Some(first) = name.get_mut(..1) {
                    first.make_ascii_lowercase();
                }
                name
            }
            Self::Kebab => name.replace('_', "-"),
            Self::UpperKebab => name.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

/// The member that a field becomes, or `None` where it becomes none of its own.
pub(crate) fn serialized(ident: &Ident, attributes: &[Attribute], case: Case) -> Option<String> {
    let (mut name, mut is_member) = (None, true);
    each(attributes, |meta| {
        if meta.path.is_ident("rename") {
            name = written(meta)?.or_else(|| name.take());
        } else if ["skip", "skip_serializing", "flatten"]
            .iter()
            .any(|key| meta.path.is_ident(key))
        {
            is_member = false;
        }
        Ok(())
    });
    is_member.then(|| name.unwrap_or_else(|| case.apply(&ident.unraw().to_string())))
}

/// `= ".."`, or the `serialize` of `(serialize = "..", deserialize = "..")`.
fn written(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<String>> {
    if meta.input.peek(Token![=]) {
        return Ok(Some(meta.value()?.parse::<LitStr>()?.value()));
    }
    let mut name = None;
    meta.parse_nested_meta(|meta| {
        let value = meta.value()?.parse::<LitStr>()?;
        if meta.path.is_ident("serialize") {
            name = Some(value.value());
        }
        Ok(())
    })?;
    Ok(name)
}

/// Calls `read` for each item of each `#[serde(..)]`; what is wrong with them is told by serde.
pub(crate) fn each(
    attributes: &[Attribute],
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        let _ = attribute.parse_nested_meta(|meta| {
            read(&meta)?;
            while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
                meta.input.parse::<proc_macro2::TokenTree>()?;
            }
            Ok(())
        });
    }
}

fn pascal(name: &str) -> String {
    let mut upper = true;
    let mut pascal = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '_' => upper = true,
            _ if upper => {
                pascal.push(letter.to_ascii_uppercase());
                upper = false;
            }
            _ => pascal.push(letter),
        }
    }
    pascal
}

/// The name of a type in snake case.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut letters = name.chars().peekable();
    let mut previous = '_';
    while let Some(letter) = letters.next() {
        let ends_run = letters.peek().is_some_and(|next| next.is_lowercase());
        let starts_word = letter.is_uppercase() && (!previous.is_uppercase() || ends_run);
        if starts_word && previous != '_' {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        previous = letter;
    }
    snake
}

#[cfg(test)]
mod tests {
    use quote::format_ident;
    use syn::{Attribute, parse_quote};

    use super::{Case, serialized, snake};

    #[test]
    fn fields_have_the_names_that_serde_gives_them() {
        for (rename_all, name) in [
            ("lowercase", "price_in_cents"),
            ("snake_case", "price_in_cents"),
            ("UPPERCASE", "PRICE_IN_CENTS"),
            ("SCREAMING_SNAKE_CASE", "PRICE_IN_CENTS"),
            ("PascalCase", "PriceInCents"),
            ("camelCase", "priceInCents"),
            ("kebab-case", "price-in-cents"),
            ("SCREAMING-KEBAB-CASE", "PRICE-IN-CENTS"),
        ] {
            let attribute: Attribute =
                parse_quote!(#[serde(deny_unknown_fields, rename_all = #rename_all)]);
            let case = Case::of(&[attribute]);
            let ident = format_ident!("price_in_cents");
            assert_eq!(serialized(&ident, &[], case).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_name_of_its_own_goes_before_the_case_of_all() {
        let cases: [(Attribute, Option<&str>); 5] = [
            (
                parse_quote!(#[serde(default = "f", rename = "a-b")]),
                Some("a-b"),
            ),
            (
                parse_quote!(#[serde(rename(deserialize = "in", serialize = "out"))]),
                Some("out"),
            ),
            (
                parse_quote!(#[serde(rename(deserialize = "in"))]),
                Some("FIELD"),
            ),
            (
                parse_quote!(#[serde(skip_serializing_if = "Option::is_none")]),
                Some("FIELD"),
            ),
            (parse_quote!(#[serde(with = "m", skip)]), None),
        ];
        for (attribute, name) in cases {
            let ident = format_ident!("field");
            assert_eq!(
                serialized(&ident, &[attribute], Case::Upper).as_deref(),
                name
            );
        }
    }

    #[test]
    fn types_have_names_in_snake_case() {
        for (name, expected) in [
            ("Product", "product"),
            ("OrderItem", "order_item"),
            ("HTTPServer", "http_server"),
            ("ABC", "abc"),
            ("Row2Col", "row2_col"),
            ("already_snake", "already_snake"),
        ] {
            assert_eq!(snake(name), expected);
        }
    }
}
