//! What is wrong with a model, each mistake on the token to change.

use quote::ToTokens as _;
use syn::LitStr;
use syn::spanned::Spanned as _;

use super::attr::{CurieAttr, LinkAttr};
use super::model::{Link, Model, is_member_name};
use super::rel;
use super::suggest;
use super::template::{self, Part};
use crate::errors::Errors;

/// The methods of RFC 9110 §9, RFC 5789 and the QUERY draft that lead somewhere.
const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY",
];

/// The members that the renderings write.
const MEMBERS: [&str; 4] = ["links", "_links", "_embedded", "_templates"];

/// How many different values, and conditions, a definition has at most: one bit of 64 each, and
/// some to spare.
const LIMIT: usize = 60;

pub(super) fn check(model: &Model<'_>, errors: &Errors) {
    relations(model, errors);
    for attr in model.links.iter().filter_map(|link| link.attr.as_ref()) {
        method(attr, errors);
        properties(attr, errors);
        media_type(attr, errors);
    }
    curies(model, errors);
    resource(model, errors);
    members(model, errors);
    limits(model, errors);
    nothing(model, errors);
}

/// The relations that the lint is about.
pub(super) fn unregistered<'a>(model: &'a Model<'_>) -> impl Iterator<Item = &'a LitStr> {
    let prefixes = prefixes(model);
    let is_checked = model.attr.any_rel.is_none();
    let links = model.links.iter();
    links
        .filter(move |link| {
            let kind = || rel::classify(&link.name, &prefixes);
            is_checked && link.attr.is_some() && kind() == Ok(rel::Kind::Unregistered)
        })
        .map(|link| &link.rel)
}

fn prefixes(model: &Model<'_>) -> Vec<String> {
    model.attr.curies.iter().map(CurieAttr::prefix).collect()
}

fn relations(model: &Model<'_>, errors: &Errors) {
    let prefixes = prefixes(model);
    for (nth, link) in model.links.iter().enumerate() {
        if link.attr.is_none() {
            continue;
        }
        let earlier = &model.links[..nth];
        if let Err(mistake) = rel::classify(&link.name, &prefixes) {
            errors.on(&link.rel, mistake);
        } else if link.name == "curies" {
            errors.on(
                &link.rel,
                "HAL declares curies under `curies`; choose another relation",
            );
        } else if let Some(first) = earlier.iter().find(|first| first.name == link.name) {
            duplicate(first, link, errors);
        }
    }
}

fn duplicate(first: &Link, link: &Link, errors: &Errors) {
    let name = &link.name;
    if first.attr.is_none() {
        errors.on(
            &link.rel,
            "there is a `self` already: the one of `base`; leave out one of them",
        );
    } else if !(first.is_list() && link.is_list()) {
        errors.on(
            &link.rel,
            format!(
                "the relation `{name}` is there already; where both are meant, add `list` to both"
            ),
        );
    }
}

fn method(attr: &LinkAttr, errors: &Errors) {
    let Some(method) = &attr.method else { return };
    let name = method.value();
    let upper = name.to_ascii_uppercase();
    if METHODS.contains(&name.as_str()) {
        return;
    }
    errors.on(
        method,
        match METHODS.contains(&upper.as_str()) {
            true => format!("methods are case-sensitive (RFC 9110 §9.1): write `{upper}`"),
            false => format!(
                "`{name}` is not a method{}; there are {}",
                suggest::guess(&upper, &METHODS),
                suggest::list(&METHODS)
            ),
        },
    );
}

fn properties(attr: &LinkAttr, errors: &Errors) {
    let Some(fields) = &attr.fields else { return };
    let method = attr.method.as_ref().map(LitStr::value);
    let method = method.as_deref().unwrap_or("GET");
    if matches!(method, "GET" | "HEAD") {
        errors.on(
            &fields.token,
            format!(
                "a {method} request has no body whose fields these could be; add `method = \"..\"`"
            ),
        );
    }
    for (nth, name) in fields.names.iter().enumerate() {
        if fields.names[..nth].contains(name) {
            errors.on(name, format!("`{name}` is named twice"));
        }
    }
}

fn media_type(attr: &LinkAttr, errors: &Errors) {
    let Some(media_type) = &attr.media_type else {
        return;
    };
    if !is_media_type(&media_type.value()) {
        errors.on(
            media_type,
            "a media type is `type/subtype`, such as `text/csv` (RFC 9110 §8.3.1)",
        );
    }
}

fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| {
        let others = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        !text.is_empty() && text.chars().all(others)
    };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let is_essence = essence
        .trim_end_matches(' ')
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype));
    is_essence && parameters.chars().all(|c| c.is_ascii_graphic() || c == ' ')
}

fn curies(model: &Model<'_>, errors: &Errors) {
    for (nth, curie) in model.attr.curies.iter().enumerate() {
        match &curie.name {
            None => errors.on(
                &curie.token,
                "`name` is missing: what stands before the colon",
            ),
            Some(name) if !rel::is_prefix(&name.value()) => errors.on(
                name,
                "a curie's name has letters, digits, `_`, `-` and `.`, begins with a letter or \
                 `_`, and is not the scheme of a URI",
            ),
            Some(name) => {
                let mut earlier = model.attr.curies[..nth].iter();
                if earlier.any(|earlier| earlier.prefix() == name.value()) {
                    let name = name.value();
                    errors.on(&curie.name, format!("the curie `{name}` is declared twice"));
                }
            }
        }
        match &curie.href {
            None => errors.on(
                &curie.token,
                "`href` is missing: the URI, with `{rel}` for what stands after the colon",
            ),
            Some(href) => curie_href(href, errors),
        }
    }
}

fn curie_href(href: &LitStr, errors: &Errors) {
    let text = href.value();
    let parts = match template::parse(&text) {
        Ok(parts) => parts,
        Err(mistakes) => {
            for mistake in mistakes {
                errors.on(href, mistake);
            }
            return;
        }
    };
    let mut places = parts.iter().filter(|part| !matches!(part, Part::Text(_)));
    let is_rel =
        |part: &Part| matches!(part, Part::Field { name, slashes: false } if name == "rel");
    if !(places.next().is_some_and(is_rel) && places.next().is_none()) {
        errors.on(
            href,
            "`{rel}` stands in a curie's address once, and no other placeholder",
        );
    } else if !["https://", "http://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
    {
        errors.on(
            href,
            "a curie stands for a whole URI: it begins with `https://` or `http://`",
        );
    }
}

fn resource(model: &Model<'_>, errors: &Errors) {
    let Some(resource) = &model.attr.resource else {
        return;
    };
    if !is_member_name(&resource.value()) {
        errors.on(
            resource,
            "a resource's name has ASCII letters and digits, with `-` and `_` inside",
        );
    }
}

fn members(model: &Model<'_>, errors: &Errors) {
    for field in &model.fields {
        let member = field.serialized.as_deref();
        if let Some(member) = member.filter(|member| MEMBERS.contains(member)) {
            errors.on(
                field.ident,
                format!(
                    "the member `{member}` is the links'; rename the field, or keep it out with \
                     `#[serde(skip)]`"
                ),
            );
        }
    }
}

fn limits(model: &Model<'_>, errors: &Errors) {
    if let Some(value) = model.values.get(LIMIT) {
        let count = model.values.len();
        errors.push(syn::Error::new(
            value.span,
            format!("links have {LIMIT} different values at most; these are {count}"),
        ));
    }
    if let Some(condition) = model.conditions.get(LIMIT) {
        let count = model.conditions.len();
        errors.push(syn::Error::new(
            condition.to_token_stream().span(),
            format!("links have {LIMIT} different conditions at most; these are {count}"),
        ));
    }
}

/// A derive without effect is a mistake: it was meant to link to something.
fn nothing(model: &Model<'_>, errors: &Errors) {
    let attr = &model.attr;
    if errors.is_empty() && model.links.is_empty() && attr.resource.is_none() {
        let name = model.ident;
        errors.on(
            name,
            format!(
                "`{name}` links to nothing; add `#[links(base = \"/..\")]` for its own address, \
                 or a `link(..)`"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::is_media_type;

    #[test]
    fn media_types_have_a_type_and_a_subtype() {
        for text in [
            "text/csv",
            "application/hal+json",
            "text/html; charset=utf-8",
        ] {
            assert!(is_media_type(text), "{text}");
        }
        for text in [
            "",
            "csv",
            "text/",
            "/csv",
            "text/c sv",
            "a/b/c",
            "text/csv\n",
            "text/csv;\r\n",
        ] {
            assert!(!is_media_type(text), "{text:?}");
        }
    }
}
