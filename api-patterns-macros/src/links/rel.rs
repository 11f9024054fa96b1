//! What kind of link relation a text is.

use super::registry;

/// What a relation is, as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Registered,
    Uri,
    Curie,
    /// None of these: the lint is about it.
    Unregistered,
}

/// Schemes whose URIs have no `//`, so that they look like curies.
const SCHEMES: [&str; 4] = ["http", "https", "tag", "urn"];

/// The kind of `rel` where the prefixes of curies are `prefixes`, or what is wrong with it.
pub(super) fn classify(rel: &str, prefixes: &[String]) -> Result<Kind, String> {
    characters(rel)?;
    if let Some((prefix, rest)) = rel.split_once(':') {
        return with_prefix(rel, prefix, rest, prefixes);
    }
    let lower = rel.to_ascii_lowercase();
    if registry::contains(rel) {
        Ok(Kind::Registered)
    } else if registry::contains(&lower) {
        Err(format!(
            "registered relations are in lower case (RFC 8288 §3.3): write `{lower}`"
        ))
    } else {
        Ok(Kind::Unregistered)
    }
}

fn with_prefix(rel: &str, prefix: &str, rest: &str, prefixes: &[String]) -> Result<Kind, String> {
    let is_declared = prefixes.iter().any(|declared| declared == prefix);
    let is_uri = is_scheme(prefix) && (rest.starts_with("//") || SCHEMES.contains(&prefix));
    if prefix.is_empty() || rest.is_empty() {
        Err(format!(
            "`{rel}` is neither a URI nor a curie: it lacks what stands on one side of the colon"
        ))
    } else if is_declared {
        Ok(Kind::Curie)
    } else if is_uri {
        Ok(Kind::Uri)
    } else {
        Err(format!(
            "the prefix `{prefix}` is not declared: add \
             `curie(name = \"{prefix}\", href = \"https://../{{rel}}\")`, or write the whole URI"
        ))
    }
}

/// What stands in a `Link` header between quotes, and in JSON, without an escape.
fn characters(rel: &str) -> Result<(), String> {
    if rel.is_empty() {
        return Err("a relation has at least one character".to_owned());
    }
    let refused = |c: &char| !c.is_ascii_graphic() || r#""'\<>^`{|}"#.contains(*c);
    match rel.chars().find(refused) {
        None => Ok(()),
        Some(' ') => Err("a relation has no spaces; write one `link(..)` for each".to_owned()),
        Some(c) => Err(format!(
            "{c:?} cannot stand in a relation: it is a name or a URI (RFC 8288 §2.1)"
        )),
    }
}

/// RFC 3986 §3.1.
fn is_scheme(text: &str) -> bool {
    let others = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(others)
}

/// Whether it can be the name of a curie: what could not be taken for a URI's scheme by clients.
pub(super) fn is_prefix(name: &str) -> bool {
    let others = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(others)
        && !SCHEMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::{Kind, classify, is_prefix};

    #[test]
    fn relations_are_names_uris_or_declared_curies() {
        for (rel, kind) in [
            ("self", Some(Kind::Registered)),
            ("working-copy-of", Some(Kind::Registered)),
            ("openid2.local_id", Some(Kind::Registered)),
            ("https://shop.example/rels/reviews", Some(Kind::Uri)),
            ("urn:example:reviews", Some(Kind::Uri)),
            ("tag:example.com,2026:reviews", Some(Kind::Uri)),
            ("coap+tcp://shop.example/reviews", Some(Kind::Uri)),
            ("shop:reviews", Some(Kind::Curie)),
            ("reviews", Some(Kind::Unregistered)),
            ("Reviews", Some(Kind::Unregistered)),
            ("Next", None),
            ("stop:reviews", None),
            ("shop:", None),
            (":reviews", None),
            ("", None),
            ("next prev", None),
            ("next\u{a0}", None),
            ("next\r\nLink: x", None),
            ("a\"b", None),
            ("a\\b", None),
            ("é", None),
            ("{rel}", None),
        ] {
            let found = classify(rel, &["shop".to_owned()]);
            assert_eq!(found.clone().ok(), kind, "{rel:?}: {found:?}");
        }
    }

    #[test]
    fn prefixes_are_names_and_no_schemes() {
        for name in ["shop", "_s", "a-b.c2"] {
            assert!(is_prefix(name), "{name}");
        }
        for name in ["", "a:b", "2a", "é", "https", "urn", "a b"] {
            assert!(!is_prefix(name), "{name}");
        }
    }
}
