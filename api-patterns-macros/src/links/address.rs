//! Whole addresses: templates in which the base has been put in its place.

use super::template::{Part, encoded};

/// A template that is an address whatever the values of its placeholders.
#[derive(Clone, Debug, Default)]
pub(super) struct Address {
    /// Neither bases, nor texts next to each other.
    pub(super) parts: Vec<Part>,
    /// For each placeholder in turn, whether it is one whole path segment.
    pub(super) whole: Vec<bool>,
    /// Whether it begins with a scheme.
    pub(super) absolute: bool,
    /// Whether clients have something to fill in.
    pub(super) templated: bool,
    /// The path segments that hold no placeholder, each with the number of placeholders before it.
    literals: Vec<(usize, String)>,
}

/// What stands for a placeholder, and for an expression, where only the shape of an address
/// matters. Neither is legal in an address.
const VALUE: char = '\u{1}';
const EXPRESSION: char = '\u{2}';

impl Address {
    /// The address that `parts` describe, or everything that is wrong with it.
    pub(super) fn new(parts: &[Part], base: Option<&Self>) -> Result<Self, Vec<String>> {
        if parts.iter().skip(1).any(|part| *part == Part::Base) {
            return Err(vec![
                "`{base}` is a whole address; it can only come first".to_owned(),
            ]);
        }
        let mut address = Self {
            parts: expand(parts, base),
            ..Self::default()
        };
        address.templated = (address.parts.iter()).any(|part| matches!(part, Part::Expression(_)));
        let mut mistakes = Vec::new();
        address.read(&mut mistakes);
        match mistakes.is_empty() {
            true => Ok(address),
            false => Err(mistakes),
        }
    }

    /// The name of the collection that this is the address of an item in.
    pub(super) fn collection(&self) -> Option<&str> {
        // Those after the last placeholder count only where there is no placeholder.
        let before = self.whole.len().max(1);
        let literal = (self.literals.iter()).rfind(|(values, _)| *values < before);
        literal.map(|(_, name)| name.as_str())
    }

    fn read(&mut self, mistakes: &mut Vec<String>) {
        let shape = shape(&self.parts);
        let (authority, rest) = match after_scheme(&shape) {
            Some(rest) => {
                self.absolute = true;
                rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
            }
            None => ("", shape.as_str()),
        };
        let (path, tail) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
        match self.absolute {
            true => check_authority(authority, mistakes),
            false => check_start(path, mistakes),
        }
        self.read_path(path, mistakes);
        self.whole
            .extend(tail.chars().filter(|c| *c == VALUE).map(|_| false));
        if let Some(bracket) = rest.chars().find(|c| matches!(c, '[' | ']')) {
            let code = encoded(bracket);
            mistakes.push(format!(
                "`{bracket}` stands in hosts only (RFC 3986 §3.2.2); write `{code}`"
            ));
        }
        if tail.matches('#').count() > 1 {
            mistakes.push("an address has one `#` at most; a second one is `%23`".to_owned());
        }
    }

    fn read_path(&mut self, path: &str, mistakes: &mut Vec<String>) {
        for segment in path.split('/') {
            let values = segment.chars().filter(|c| *c == VALUE).count();
            let is_whole = segment.len() == 1 && values == 1;
            let others: String = segment.chars().filter(|c| *c != VALUE).collect();
            if values == 0 && !segment.contains(EXPRESSION) && !segment.is_empty() {
                let literal = (self.whole.len(), segment.to_owned());
                self.literals.push(literal);
            }
            // Resolving an address takes these away, and what stands before them (RFC 3986 §5.2.4).
            match dots(&others) {
                1 | 2 if values == 0 => mistakes.push(format!(
                    "the segment `{segment}` leads to another address; leave it out"
                )),
                0..=2 if values > 0 && !is_whole => mistakes.push(
                    "a path segment of nothing but placeholders and dots can become `..`, which \
                     leads to another address; put a letter, `-` or `_` into it"
                        .to_owned(),
                ),
                _ => {}
            }
            self.whole.extend((0..values).map(|_| is_whole));
        }
        let mut values = self.parts.iter().filter(|part| is_value(part));
        let in_path = values.by_ref().zip(&self.whole);
        if in_path
            .into_iter()
            .any(|(part, whole)| has_slashes(part) && !whole)
        {
            mistakes.push(
                "a placeholder that keeps its slashes is whole path segments: it stands between \
                 slashes"
                    .to_owned(),
            );
        }
    }
}

fn expand(parts: &[Part], base: Option<&Address>) -> Vec<Part> {
    let mut expanded: Vec<Part> = Vec::new();
    let of_base = base.map_or(&[][..], |base| base.parts.as_slice());
    let (first, rest) = match parts.split_first() {
        Some((Part::Base, rest)) => (of_base, rest),
        _ => (&[][..], parts),
    };
    for part in first.iter().chain(rest) {
        match (expanded.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(text),
            _ => expanded.push(part.clone()),
        }
    }
    expanded
}

/// The address with one character for each placeholder; expressions begin as what they become.
fn shape(parts: &[Part]) -> String {
    let mut shape = String::new();
    for part in parts {
        match part {
            Part::Text(text) => shape.push_str(text),
            Part::Expression(text) => {
                shape.extend(match text.as_bytes().get(1) {
                    Some(b'?' | b'&') => Some('?'),
                    Some(b'#') => Some('#'),
                    Some(b'/') => Some('/'),
                    _ => None,
                });
                shape.push(EXPRESSION);
            }
            Part::Field { .. } | Part::Each { .. } | Part::Base => shape.push(VALUE),
        }
    }
    shape
}

fn is_value(part: &Part) -> bool {
    matches!(part, Part::Field { .. } | Part::Each { .. })
}

fn has_slashes(part: &Part) -> bool {
    matches!(part, Part::Field { slashes, .. } | Part::Each { slashes } if *slashes)
}

fn after_scheme(shape: &str) -> Option<&str> {
    shape
        .strip_prefix("https://")
        .or_else(|| shape.strip_prefix("http://"))
}

fn check_start(path: &str, mistakes: &mut Vec<String>) {
    if path.starts_with("//") {
        mistakes.push("an address that begins with `//` leads to another host".to_owned());
    } else if !path.starts_with('/') {
        mistakes.push(
            "an address begins with `/`, with `{base}`, or with `https://` or `http://`".to_owned(),
        );
    }
}

fn check_authority(authority: &str, mistakes: &mut Vec<String>) {
    if authority.is_empty() {
        mistakes.push("the host is missing".to_owned());
    } else if authority.contains([VALUE, EXPRESSION]) {
        mistakes.push("the host is fixed; placeholders stand after it".to_owned());
    } else if authority.contains('@') {
        mistakes.push("no names or passwords stand before a host (RFC 9110 §4.2.4)".to_owned());
    }
}

/// The number of dots that a text consists of; many where there is something else.
fn dots(text: &str) -> usize {
    let plain = text.replace("%2e", ".").replace("%2E", ".");
    match plain.bytes().all(|byte| byte == b'.') {
        true => plain.len(),
        false => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::super::template::parse;
    use super::Address;

    fn address(template: &str, base: Option<&Address>) -> Result<Address, Vec<String>> {
        Address::new(&parse(template).expect(template), base)
    }

    #[test]
    fn placeholders_are_whole_segments_or_parts_of_something() {
        for (template, whole) in [
            ("/products/{id}", &[true][..]),
            ("/products/{id}/reviews", &[true]),
            ("/{shop}/{id}?q={name}#{id}", &[true, true, false, false]),
            ("/products/{id}.json", &[false]),
            ("/products/{shop}-{id}", &[false, false]),
            ("/products/{id}{?q}", &[true]),
            ("/products/{id}{/y}", &[true]),
            ("/products/{id}{#z}", &[true]),
            ("/products/{id}{;m}", &[false]),
            ("/files/{*path}", &[true]),
            ("/files?path={*path}", &[false]),
            ("https://shop.example/{id}", &[true]),
            ("https://[::1]:8080?id={id}", &[false]),
            ("{base}", &[true]),
            ("{base}/images/{each}", &[true, true]),
            ("{base}-old", &[false]),
        ] {
            let base = address("/base/{id}", None).expect("a base");
            let found = address(template, Some(&base)).expect(template);
            assert_eq!(found.whole, whole, "{template}");
        }
    }

    #[test]
    fn what_is_no_address_or_could_become_another_is_refused() {
        for (template, words) in [
            ("", "begins with `/`"),
            ("products", "begins with `/`"),
            ("?q=1", "begins with `/`"),
            ("{id}/x", "begins with `/`"),
            ("HTTP://shop.example", "begins with `/`"),
            ("ftp://shop.example/", "begins with `/`"),
            ("//shop.example/x", "another host"),
            ("https://", "the host is missing"),
            ("https:///x", "the host is missing"),
            ("https://{id}/x", "the host is fixed"),
            ("https://{{id}}/x", "the host is fixed"),
            ("https://shop.example{id}", "the host is fixed"),
            ("https://me:secret@shop.example/", "no names or passwords"),
            ("/a/../b", "the segment `..`"),
            ("/a/.", "the segment `.`"),
            ("/a/%2e%2E/b", "the segment `%2e%2E`"),
            ("/a/.{id}", "can become `..`"),
            ("/a/{id}.", "can become `..`"),
            ("/a/{a}{b}", "can become `..`"),
            ("/a/%2E{a}", "can become `..`"),
            ("/a/v{*path}", "whole path segments"),
            ("/a{*path}", "whole path segments"),
            ("/a?price[gte]=1", "`%5B`"),
            ("/a/b]", "`%5D`"),
            ("/a#b#c", "one `#`"),
            ("/a{base}", "it can only come first"),
        ] {
            let mistakes = address(template, None).expect_err(template);
            assert!(mistakes[0].contains(words), "{template}: {mistakes:?}");
        }
    }

    #[test]
    fn the_base_stands_where_it_is_named() {
        let base = address("https://shop.example/products/{id}", None).expect("a base");
        let reviews = address("{base}/reviews", Some(&base)).expect("an address");
        let written = parse("https://shop.example/products/{id}/reviews").expect("a template");
        assert_eq!(reviews.parts, written);
        assert!(reviews.absolute);
        assert!(address("{base}.", Some(&base)).is_err());
        let home = address("/", None).expect("a base");
        assert_eq!(
            address("{base}x/y", Some(&home)).expect("an address").parts,
            parse("/x/y").expect("a template")
        );
        assert!(address("{base}/x", Some(&home)).is_err());
        assert!(address("{base}..", Some(&home)).is_err());
    }

    #[test]
    fn the_collection_is_named_by_the_segment_before_the_item() {
        for (template, name) in [
            ("/api/v1/products/{id}", Some("products")),
            ("/api/v1/products/{id}/details", Some("products")),
            ("/products/{product}/reviews/{id}", Some("reviews")),
            ("/products/{a}/{b}", Some("products")),
            ("/api/v1/products", Some("products")),
            ("/api/v1/products/", Some("products")),
            ("https://shop.example/products/{id}", Some("products")),
            ("https://shop.example/{id}", None),
            ("/{id}", None),
            ("/{id}/details", None),
            ("/", None),
        ] {
            let address = address(template, None).expect(template);
            assert_eq!(address.collection(), name, "{template}");
        }
    }
}
