//! Where a link leads, compared with the path templates of a document.

use crate::links::{LinkSpec, Piece};
use crate::query::decode;

/// The first of the characters that stand for values: private use, while addresses are ASCII.
const FIRST_VALUE: u32 = 0xE000;
/// What the client puts in.
const CLIENT: char = '\u{F8FF}';

/// The address of a link, without a fragment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// With a character for each value.
    path: String,
    /// The parameters of the query, decoded names first.
    pub(super) query: Vec<(String, String)>,
}

/// A parameter of the path with the text that it takes.
pub(super) type Argument = (String, String);

impl Address {
    /// Where `link` leads in a router that is mounted at `mount`.
    pub(super) fn new(mount: &str, link: &LinkSpec) -> Self {
        let mut expansion = Expansion::default();
        expansion.text.push_str(mount);
        for piece in link.href {
            match *piece {
                Piece::Text(text) if link.templated => expansion.template(text),
                Piece::Text(text) => expansion.text.push_str(text),
                Piece::Segment(value) | Piece::Value(value) => expansion.text.push(mark(value)),
            }
        }
        let Expansion { text, mut query } = expansion;
        let text = text.split('#').next().unwrap_or_default();
        let (path, rest) = text.split_once('?').unwrap_or((text, ""));
        let pairs = rest.split('&').filter(|pair| !pair.is_empty());
        query.extend(pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), value.to_owned())
        }));
        Self {
            path: path.to_owned(),
            query,
        }
    }

    /// The parameters of a documented path that answers this one, or `None` where it does not.
    pub(super) fn fit(&self, template: &str) -> Option<Vec<Argument>> {
        let (mut ours, mut theirs) = (self.path.split('/'), template.split('/'));
        let mut arguments = Vec::new();
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return Some(arguments),
                (Some(segment), Some(documented)) => fit(segment, documented, &mut arguments)?,
                _ => return None,
            }
        }
    }

    /// The path as it is written in the derive, with the names of `values`.
    pub(super) fn shown(&self, values: &[&str]) -> String {
        write(&self.path, |value| match value {
            Some(value) => format!("{{{}}}", name(values, value)),
            None => "{…}".to_owned(),
        })
    }
}

fn fit(mut segment: &str, mut documented: &str, arguments: &mut Vec<Argument>) -> Option<()> {
    while let Some((before, rest)) = documented.split_once('{') {
        let (name, rest) = rest.split_once('}')?;
        segment = segment.strip_prefix(before)?;
        let after = rest.split('{').next().unwrap_or_default();
        let end = match after {
            "" => segment.len(),
            _ => segment.rfind(after)?,
        };
        let (value, tail) = segment.split_at(end);
        if value.is_empty() {
            return None;
        }
        arguments.push((name.to_owned(), value.to_owned()));
        (segment, documented) = (tail, rest);
    }
    (segment == documented).then_some(())
}

/// A text with what `value` makes of its values, `None` being the client's.
fn write(text: &str, value: impl Fn(Option<u8>) -> String) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            CLIENT => out.push_str(&value(None)),
            _ => match value_of(c) {
                Some(index) => out.push_str(&value(Some(index))),
                None => out.push(c),
            },
        }
    }
    out
}

/// The values in a text.
pub(super) fn values_in(text: &str) -> impl Iterator<Item = u8> {
    text.chars().filter_map(value_of)
}

/// A text as the runtime expression of OpenAPI (§4.8.20.3) that has the members of a response in
/// the place of its values; decoded where it has none.
pub(super) fn expression(text: &str, values: &[&str]) -> String {
    let pointer = |value| {
        let name = name(values, value).replace('~', "~0").replace('/', "~1");
        format!("$response.body#/{name}")
    };
    let mut characters = text.chars();
    match (characters.next().and_then(value_of), characters.next()) {
        (Some(value), None) => pointer(value),
        _ if values_in(text).next().is_none() => decoded(text),
        _ => write(text, |value| {
            value.map_or_else(String::new, |value| format!("{{{}}}", pointer(value)))
        }),
    }
}

/// The member that a value comes from.
pub(super) fn name<'a>(values: &[&'a str], value: u8) -> &'a str {
    values.get(usize::from(value)).copied().unwrap_or_default()
}

fn mark(value: u8) -> char {
    char::from_u32(FIRST_VALUE + u32::from(value)).unwrap_or(CLIENT)
}

fn value_of(c: char) -> Option<u8> {
    let index = u32::from(c).checked_sub(FIRST_VALUE)?;
    u8::try_from(index).ok()
}

fn decoded(text: &str) -> String {
    decode(text).map_or_else(|_| text.to_owned(), Into::into)
}

/// An RFC 6570 template, expanded with something for every variable.
#[derive(Debug, Default)]
struct Expansion {
    text: String,
    query: Vec<(String, String)>,
}

impl Expansion {
    fn template(&mut self, mut text: &str) {
        while let Some((before, rest)) = text.split_once('{') {
            let (inside, after) = rest.split_once('}').unwrap_or((rest, ""));
            self.text.push_str(before);
            self.expression(inside);
            text = after;
        }
        self.text.push_str(text);
    }

    fn expression(&mut self, inside: &str) {
        let names = |inside: &'_ str| inside.split(',').count();
        match inside.split_at_checked(1) {
            Some(("?" | "&", variables)) => {
                let variables = variables.split(',');
                self.query.extend(variables.map(|variable| {
                    let name = variable.split([':', '*']).next().unwrap_or_default();
                    (decoded(name), CLIENT.to_string())
                }));
            }
            Some((separator @ ("/" | "."), variables)) => {
                for _ in 0..names(variables) {
                    self.text.push_str(separator);
                    self.text.push(CLIENT);
                }
            }
            // Neither matrix parameters nor fragments choose the operation.
            Some((";" | "#", _)) => {}
            _ => self.text.push(CLIENT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, expression};
    use crate::links::{LinkSpec, Piece};

    const fn link(href: &'static [Piece]) -> LinkSpec {
        LinkSpec {
            rel: "item",
            method: "GET",
            href,
            absolute: false,
            templated: false,
            list: false,
            each: None,
            when: 0,
            title: None,
            media_type: None,
            name: None,
            fields: &[],
        }
    }

    const FILE: &[Piece] = &[
        Piece::Text("/a%20b/"),
        Piece::Segment(0),
        Piece::Text("/v"),
        Piece::Value(1),
        Piece::Text(".csv?x%5Bgte%5D="),
        Piece::Value(1),
        Piece::Text("&y#z"),
    ];

    #[test]
    fn literals_are_equal_and_values_fit_parameters() {
        let address = Address::new("/m", &link(FILE));
        let fit = |template| address.fit(template).map(|found| found.len());
        assert_eq!(fit("/m/a%20b/{id}/{file}"), Some(2));
        assert_eq!(fit("/m/a%20b/{id}/v{n}.csv"), Some(2));
        assert_eq!(fit("/m/{any}/{id}/{n}.{kind}"), Some(4));
        for other in [
            "/m/a%20b/1/{file}",
            "/m/a%20b/{id}",
            "/m/a%20b/{id}/{file}/{more}",
            "/m/a%20b/{id}/w{n}.csv",
            "/m/a%20b/{id}/v{n}.cs",
            "/a%20b/{id}/{file}",
        ] {
            assert_eq!(fit(other), None, "{other}");
        }
        assert_eq!(address.shown(&["id", "n"]), "/m/a%20b/{id}/v{n}.csv");
    }

    #[test]
    fn arguments_become_expressions() {
        let address = Address::new("", &link(FILE));
        let arguments = address.fit("/{dir}/{id}/{file}").expect("a fit");
        let shown: Vec<_> = arguments
            .iter()
            .map(|(name, value)| (name.as_str(), expression(value, &["a/~b", "n"])))
            .collect();
        assert_eq!(
            shown,
            [
                ("dir", "a b".to_owned()),
                ("id", "$response.body#/a~1~0b".to_owned()),
                ("file", "v{$response.body#/n}.csv".to_owned()),
            ]
        );
        let names: Vec<_> = address.query.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["x[gte]", "y"]);
    }

    #[test]
    fn templates_are_expanded_with_anything() {
        let pieces = [Piece::Text(
            "/a/{id}{/more,parts}{.kind}?x=1{&q,price%5Bgte%5D,list*}{#part}",
        )];
        let link = LinkSpec {
            templated: true,
            ..link(Vec::leak(pieces.to_vec()))
        };
        let address = Address::new("", &link);
        let arguments = address.fit("/a/{id}/{more}/{parts}.{kind}");
        assert_eq!(arguments.map(|found| found.len()), Some(4));
        let mut names: Vec<_> = address.query.iter().map(|(name, _)| &**name).collect();
        names.sort_unstable();
        assert_eq!(names, ["list", "price[gte]", "q", "x"]);
    }
}
