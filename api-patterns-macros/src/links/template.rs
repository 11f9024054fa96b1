//! The templates of addresses, as they are written.

use std::collections::BTreeSet;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text in its final form.
    Text(String),
    /// An RFC 6570 expression for clients, with its braces.
    Expression(String),
    /// `{field}`, or `{*field}` with its slashes.
    Field { name: String, slashes: bool },
    /// `{each}`, or `{*each}` with its slashes.
    Each { slashes: bool },
    /// `{base}`.
    Base,
}

/// The operators of RFC 6570 §2.2, and those it keeps for later.
const OPERATORS: &str = "?&/#;.+";
const RESERVED: &str = "=,!@|";

/// Splits a template, or tells everything that is wrong with it.
pub(super) fn parse(template: &str) -> Result<Vec<Part>, Vec<String>> {
    let mut parser = Parser::default();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (text, braces) = rest.split_at(at);
        parser.text(text);
        rest = parser.braces(braces);
    }
    parser.text(rest);
    match parser.mistakes.is_empty() {
        true => Ok(parser.parts),
        false => Err(parser.mistakes),
    }
}

#[derive(Default)]
struct Parser {
    parts: Vec<Part>,
    mistakes: Vec<String>,
    /// The characters that were refused already.
    refused: BTreeSet<char>,
}

impl Parser {
    fn text(&mut self, text: &str) {
        for (at, c) in text.char_indices() {
            if c == '%' && !is_encoded(&text[at..]) && self.refused.insert(c) {
                self.mistakes.push(
                    "`%` stands before two hexadecimal digits; a percent sign itself is `%25`"
                        .to_owned(),
                );
            } else if c != '%' && !is_legal(c) && self.refused.insert(c) {
                self.mistakes.push(format!(
                    "{c:?} cannot stand in an address; write `{}`",
                    encoded(c)
                ));
            }
        }
        if !text.is_empty() {
            self.parts.push(Part::Text(text.to_owned()));
        }
    }

    /// Reads what begins with a brace and returns what comes after it.
    fn braces<'a>(&mut self, text: &'a str) -> &'a str {
        if text.starts_with('}') {
            self.mistakes
                .push("`}` closes nothing; a brace itself is `%7D`".to_owned());
            return text.trim_start_matches('}');
        }
        let (open, close) = match text.starts_with("{{") {
            true => ("{{", "}}"),
            false => ("{", "}"),
        };
        let inside = &text[open.len()..];
        let Some((inside, rest)) = inside.split_once(close) else {
            self.mistakes.push(format!(
                "`{open}` is not closed by `{close}`; a brace itself is `%7B`"
            ));
            return "";
        };
        let part = match open {
            _ if inside.contains(['{', '}']) => Err(format!(
                "`{open}{inside}{close}` has braces inside; placeholders do not nest"
            )),
            "{{" => expression(inside),
            _ => placeholder(inside),
        };
        match part {
            Ok(part) => self.parts.push(part),
            Err(mistake) => self.mistakes.push(mistake),
        }
        rest
    }
}

/// What stands between `{` and `}`.
fn placeholder(inside: &str) -> Result<Part, String> {
    if inside.starts_with(|c| OPERATORS.contains(c)) {
        return expression(inside);
    }
    if inside.starts_with(|c| RESERVED.contains(c)) {
        return Err(format!(
            "`{{{inside}}}` begins with an operator that RFC 6570 §2.2 keeps for later; \
             there are `?`, `&`, `/`, `#`, `;`, `.` and `+`"
        ));
    }
    let (slashes, name) = match inside.strip_prefix('*') {
        Some(name) => (true, name),
        None => (false, inside),
    };
    match name {
        "" => Err(format!("`{{{inside}}}` names no field")),
        "base" if slashes => Err("`{base}` keeps its slashes: write it without `*`".to_owned()),
        "base" => Ok(Part::Base),
        "each" => Ok(Part::Each { slashes }),
        _ if is_identifier(name) => Ok(Part::Field {
            name: name.to_owned(),
            slashes,
        }),
        _ => Err(match name.strip_prefix("r#") {
            Some(plain) => format!("fields stand here without `r#`: write `{{{plain}}}`"),
            None => format!(
                "`{inside}` is no field's name; what clients fill in is written `{{{{name}}}}`"
            ),
        }),
    }
}

/// An RFC 6570 expression, given without its braces.
fn expression(inside: &str) -> Result<Part, String> {
    let variables = inside.strip_prefix(|c| OPERATORS.contains(c));
    let mut variables = variables.unwrap_or(inside).split(',');
    match variables.find(|variable| !is_variable(variable)) {
        None => Ok(Part::Expression(format!("{{{inside}}}"))),
        Some("") => Err(format!("`{{{inside}}}` lacks the name of a variable")),
        Some(variable) => Err(format!(
            "`{variable}` is not a variable of RFC 6570 §2.3: letters, digits and `_`, \
             with dots inside, then `*` or `:` and a length at most"
        )),
    }
}

/// A `varspec` of RFC 6570 §2.3 and §2.4.
fn is_variable(text: &str) -> bool {
    let name = match text.split_once(':') {
        Some((name, length)) if is_length(length) => name,
        Some(_) => return false,
        None => text.strip_suffix('*').unwrap_or(text),
    };
    name.split('.').all(is_variable_part)
}

fn is_variable_part(mut text: &str) -> bool {
    if text.is_empty() {
        return false;
    }
    while let Some(c) = text.chars().next() {
        text = match c {
            '%' if is_encoded(text) => &text[3..],
            _ if c.is_ascii_alphanumeric() || c == '_' => &text[1..],
            _ => return false,
        };
    }
    true
}

/// 1 to 9999.
fn is_length(text: &str) -> bool {
    matches!(text.len(), 1..=4)
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifier(name: &str) -> bool {
    let letter = |c: char| c.is_alphabetic() || c == '_';
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_alphanumeric())
}

/// Whether `text` begins with a percent-encoded byte.
fn is_encoded(text: &str) -> bool {
    let digits = text.as_bytes().get(1..3);
    text.starts_with('%') && digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// RFC 3986 §2.2 and §2.3.
fn is_legal(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/?#[]".contains(c)
}

/// Percent-encoded (RFC 3986 §2.1).
pub(super) fn encoded(c: char) -> String {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).bytes();
    bytes.map(|byte| format!("%{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Part, parse};

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn field(name: &str) -> Part {
        let name = name.to_owned();
        Part::Field {
            name,
            slashes: false,
        }
    }

    fn segments(name: &str) -> Part {
        let name = name.to_owned();
        Part::Field {
            name,
            slashes: true,
        }
    }

    fn expression(text: &str) -> Part {
        Part::Expression(text.to_owned())
    }

    #[test]
    fn templates_are_split() {
        let each = |slashes| Part::Each { slashes };
        for (template, parts) in [
            ("", vec![]),
            ("/products", vec![text("/products")]),
            ("/p/{id}", vec![text("/p/"), field("id")]),
            (
                "/{a}{b}/",
                vec![text("/"), field("a"), field("b"), text("/")],
            ),
            ("/f/{*path}", vec![text("/f/"), segments("path")]),
            ("{base}/x", vec![Part::Base, text("/x")]),
            (
                "/x/{each}{*each}",
                vec![text("/x/"), each(false), each(true)],
            ),
            ("/{type}", vec![text("/"), field("type")]),
            ("/{größe}", vec![text("/"), field("größe")]),
            ("/{{name}}", vec![text("/"), expression("{name}")]),
            ("{{a.b,c*,d:3,%41_}}", vec![expression("{a.b,c*,d:3,%41_}")]),
            ("/s{?q,page}", vec![text("/s"), expression("{?q,page}")]),
            ("{&x}{/y*}", vec![expression("{&x}"), expression("{/y*}")]),
            (
                "{#z}{;m:9999}",
                vec![expression("{#z}"), expression("{;m:9999}")],
            ),
            ("{.n}{+x}", vec![expression("{.n}"), expression("{+x}")]),
            ("{{?q}}", vec![expression("{?q}")]),
            ("/a%2Fb?c=d&e=(f)", vec![text("/a%2Fb?c=d&e=(f)")]),
            ("/@~$!'*+,;=:#-._", vec![text("/@~$!'*+,;=:#-._")]),
        ] {
            assert_eq!(parse(template), Ok(parts), "{template}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (template, words) in [
            ("/{", "`{` is not closed"),
            ("/{id", "`{` is not closed"),
            ("/{{id}", "`{{` is not closed by `}}`"),
            ("/{{{id}}}", "has braces inside"),
            ("/{a{b}", "has braces inside"),
            ("/{{a{b}}", "has braces inside"),
            ("/id}", "`}` closes nothing"),
            ("/}}", "`}` closes nothing"),
            ("/{id}}", "`}` closes nothing"),
            ("/{{id}}}", "`}` closes nothing"),
            ("/{}", "`{}` names no field"),
            ("/{*}", "`{*}` names no field"),
            ("/{{}}", "lacks the name of a variable"),
            ("/{?}", "lacks the name of a variable"),
            ("/{?a,}", "lacks the name of a variable"),
            ("/{?a b}", "`a b` is not a variable"),
            ("/{?a:0}", "`a:0` is not a variable"),
            ("/{?a:12345}", "is not a variable"),
            ("/{?a.}", "is not a variable"),
            ("/{?é}", "is not a variable"),
            ("/{?%zz}", "is not a variable"),
            ("/{?a**}", "is not a variable"),
            ("/{=a}", "keeps for later"),
            ("/{|a}", "keeps for later"),
            ("/{ id }", "` id ` is no field's name"),
            ("/{id:3}", "written `{{name}}`"),
            ("/{self.id}", "is no field's name"),
            ("/{1}", "is no field's name"),
            ("/{r#type}", "write `{type}`"),
            ("/{*base}", "without `*`"),
            ("/a b", "write `%20`"),
            ("/é", "write `%C3%A9`"),
            ("/🦀", "write `%F0%9F%A6%80`"),
            ("/a\\b", "write `%5C`"),
            ("/\u{0}", "write `%00`"),
            ("/\r\n", "write `%0D`"),
            ("/\"<>^`|", "write `%22`"),
            ("/%zz", "two hexadecimal digits"),
            ("/%4", "two hexadecimal digits"),
            ("/%é", "two hexadecimal digits"),
            ("/100%", "a percent sign itself is `%25`"),
        ] {
            let mistakes = parse(template).expect_err(template);
            assert!(mistakes[0].contains(words), "{template}: {mistakes:?}");
        }
    }

    #[test]
    fn all_mistakes_are_told_and_each_character_once() {
        let mistakes = parse("/a b c é {} } %zz").expect_err("wrong in five ways");
        assert_eq!(mistakes.len(), 5, "{mistakes:?}");
    }

    #[test]
    fn no_text_makes_it_panic() {
        const ALPHABET: [char; 10] = ['{', '}', '*', '?', '%', 'é', 'a', '/', ',', ':'];
        for mut number in 0..100_000_u32 {
            let template: String = (0..5)
                .map(|_| {
                    let c = ALPHABET[number as usize % 10];
                    number /= 10;
                    c
                })
                .collect();
            if let Ok(parts) = parse(&template) {
                assert!(!parts.is_empty(), "{template}");
            }
        }
    }
}
