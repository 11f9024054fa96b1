//! Links of HTTP answers: the `Link` header of RFC 8288.

use http::{HeaderValue, Uri};

use crate::query;

/// A link with its relation, before it is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) rel: &'static str,
    pub(crate) href: String,
}

/// Longest `Link` header as long as something can be left out of it: many proxies take no more than
/// 4 KiB for all headers of a response together.
pub(crate) const ROOM: usize = 2 * 1024;
/// Longest `Link` header in any case: what reads it refuses longer ones, and a body has its cursors.
const LONGEST: usize = 8 * 1024;

/// The value of a `Link` header with `links` (RFC 8288 §3), each after `base`; `None` without any.
///
/// Where all of them are more than [`ROOM`], as under a long query, only the pages beside this one
/// are left, and then only the next one: a client that follows it must not take this page for the
/// last. A header of more than [`LONGEST`] is not sent at all.
pub(crate) fn header_value(links: &[Link], base: &str) -> Option<HeaderValue> {
    let all = write_header(links, base, |_| true);
    let fits = |value: &Vec<u8>| value.len() <= ROOM;
    let near = || write_header(links, base, |rel| matches!(rel, "prev" | "next"));
    let next = || write_header(links, base, |rel| rel == "next");
    let value = Some(all).filter(fits).or_else(|| Some(near()).filter(fits));
    let value = value.unwrap_or_else(next);
    let is_sent = !value.is_empty() && value.len() <= LONGEST;
    is_sent.then(|| HeaderValue::try_from(value).ok()).flatten()
}

fn write_header(links: &[Link], base: &str, is_kept: impl Fn(&str) -> bool) -> Vec<u8> {
    let kept = || links.iter().filter(|link| is_kept(link.rel));
    let length = |link: &Link| base.len() + link.href.len() + 18;
    let mut text = Vec::with_capacity(kept().map(length).sum());
    for (nth, link) in kept().enumerate() {
        if nth > 0 {
            text.extend_from_slice(b", ");
        }
        text.push(b'<');
        push_reference(&mut text, base, "");
        push_reference(&mut text, &link.href, "");
        text.extend_from_slice(b">; rel=\"");
        text.extend_from_slice(link.rel.as_bytes());
        text.push(b'"');
    }
    text
}

/// Appends `href` with what RFC 3986 does not allow in a reference percent-encoded, but for the
/// characters in `kept`. A request line may carry such characters; they would end the link.
pub(crate) fn push_reference(out: &mut Vec<u8>, href: &str, kept: &str) {
    let mut rest = href.as_bytes();
    while let Some(at) = rest.iter().position(|byte| !LEGAL[usize::from(*byte)]) {
        let (legal, tail) = rest.split_at(at);
        out.extend_from_slice(legal);
        match tail[0] {
            byte if kept.as_bytes().contains(&byte) => out.push(byte),
            byte => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
        rest = &tail[1..];
    }
    out.extend_from_slice(rest);
}

/// The bytes that may stand in a reference (RFC 3986 §2), percent signs among them.
const LEGAL: [bool; 256] = {
    let mut legal = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        legal[byte as usize] = !matches!(
            byte,
            b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
        );
        byte += 1;
    }
    legal
};

/// The path and query of a request, to link to other pages of the same collection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    path: String,
    kept: String,
}

impl Target {
    /// The target of `uri` without the query parameters in `dropped`; the others stay as they
    /// were written.
    pub(crate) fn new(uri: &Uri, dropped: &[&str]) -> Self {
        let mut kept = String::new();
        for pair in uri.query().unwrap_or_default().split('&') {
            let name = pair.split_once('=').map_or(pair, |(name, _)| name);
            // As it was read: `curs%6Fr` is `cursor`.
            let name = query::decode(name).unwrap_or_default();
            if !pair.is_empty() && !dropped.contains(&&*name) {
                kept.push_str(if kept.is_empty() { "?" } else { "&" });
                kept.push_str(pair);
            }
        }
        Self {
            path: relative_safe(uri.path()),
            kept,
        }
    }

    /// The target with further parameters, whose values need no escape.
    pub(crate) fn with(&self, parameters: &[(&str, &str)]) -> String {
        let mut href = String::with_capacity(
            self.path.len()
                + self.kept.len()
                + parameters
                    .iter()
                    .map(|(n, v)| n.len() + v.len() + 2)
                    .sum::<usize>(),
        );
        href.push_str(&self.path);
        href.push_str(&self.kept);
        let mut separator = if self.kept.is_empty() { '?' } else { '&' };
        for (name, value) in parameters {
            href.push(separator);
            href.push_str(name);
            href.push('=');
            href.push_str(value);
            separator = '&';
        }
        href
    }
}

/// A path as a reference: `//host/…` would name another host (RFC 3986 §4.2).
pub(crate) fn relative_safe(path: &str) -> String {
    if path.starts_with("//") {
        format!("/.{path}")
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Link, Target, header_value};

    #[test]
    fn a_target_keeps_the_other_parameters_as_they_were_written() {
        let uri = "/p?a=%20x&cursor=abc&b[gte]=1&&limit=5"
            .parse()
            .expect("a URI");
        let target = Target::new(&uri, &["cursor"]);
        assert_eq!(
            target.with(&[("cursor", "new")]),
            "/p?a=%20x&b[gte]=1&limit=5&cursor=new"
        );
        assert_eq!(target.with(&[]), "/p?a=%20x&b[gte]=1&limit=5");
        let bare = Target::new(&"/p".parse().expect("a URI"), &[]);
        assert_eq!(
            bare.with(&[("page", "2"), ("page_size", "5")]),
            "/p?page=2&page_size=5"
        );
    }

    #[test]
    fn a_path_cannot_become_another_host() {
        let uri = "//evil.example/p".parse().expect("a URI");
        assert_eq!(Target::new(&uri, &[]).with(&[]), "/.//evil.example/p");
    }

    #[test]
    fn a_link_cannot_end_its_own_brackets() {
        let link = |href: &str| Link {
            rel: "next",
            href: href.to_owned(),
        };
        let value = header_value(&[link("/p?q=a>; rel=\"x\""), link("/é")], "").expect("two links");
        assert_eq!(
            value,
            "</p?q=a%3E;%20rel=%22x%22>; rel=\"next\", </%C3%A9>; rel=\"next\""
        );
        assert_eq!(header_value(&[], ""), None);
    }

    #[test]
    fn a_header_without_room_keeps_the_next_page() {
        let links = |length: usize| {
            let query = "q".repeat(length);
            let link = |rel| Link {
                rel,
                href: format!("/{rel}?{query}"),
            };
            header_value(&["self", "first", "prev", "next"].map(link), "").expect("links")
        };
        for (length, rels) in [
            (400, vec!["self", "first", "prev", "next"]),
            (900, vec!["prev", "next"]),
            (8000, vec!["next"]),
        ] {
            let value = links(length);
            let value = value.to_str().expect("ASCII");
            let found = value.split("rel=\"").skip(1);
            let found: Vec<_> = found.filter_map(|rel| rel.split('"').next()).collect();
            assert_eq!(found, rels);
        }
    }
}
