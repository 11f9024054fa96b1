//! The links of each rendering, compiled into a [`Program`].

use std::borrow::Cow;

use super::definition::{Curie, Property, PropertyKind};
use super::entry::{Entry, expand_rel, groups};
use super::program::Program;
use super::rendering::Rendering;
use super::values::Encoder;
use super::view::View;

/// The links of an item or a page, and what they are written with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) entries: &'a [Entry<'a>],
    pub(super) curies: &'a [Curie],
    pub(super) view: &'a View,
}

/// A part of a document that links stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// An item among others.
    Item(Rendering),
    /// The document itself, which explains the curies to clients.
    Document(Rendering),
    /// The value of the `Link` header.
    Header,
    /// The value of the `Link-Template` header.
    Templates,
    /// The address of the item.
    Address,
}

impl Source<'_> {
    /// What writes this part.
    pub(super) fn program(&self, part: Part) -> Program {
        match part {
            Part::Item(rendering) => self.members(rendering, false),
            Part::Document(rendering) => self.members(rendering, true),
            Part::Header => self.header(),
            Part::Templates => self.template_header(),
            Part::Address => self.address("self"),
        }
    }

    /// The members that hold the links of an item, as `"links":[…]`.
    fn members(&self, rendering: Rendering, outermost: bool) -> Program {
        let mut program = Program::new();
        match rendering {
            Rendering::Plain => self.plain(&mut program),
            Rendering::Header => {}
            Rendering::Hal => self.hal(&mut program, outermost),
            Rendering::HalForms => {
                self.hal(&mut program, outermost);
                self.templates(&mut program);
            }
            Rendering::JsonApi => self.json_api(&mut program),
        }
        program.finish()
    }

    fn plain(&self, program: &mut Program) {
        program.text("\"links\":[");
        for entry in self.entries {
            program.link(entry, |program| {
                program.text("{\"href\":\"").href(entry, self.view);
                program.text("\",\"rel\":").quoted(&self.rel(entry));
                program.text(",\"method\":").quoted(entry.method);
                optional(program, entry);
                program.text("},");
            });
        }
        program.end_list(b",").text("]");
    }

    fn hal(&self, program: &mut Program, outermost: bool) {
        program.text("\"_links\":{");
        for (rel, group) in groups(self.entries) {
            let mut group: Vec<_> = group.into_iter().filter(|entry| entry.is_get()).collect();
            match rel {
                // An item is in one place.
                "self" => group.truncate(1),
                // The name is HAL's own.
                "curies" => group.clear(),
                _ => {}
            }
            let list = group.len() > 1 || group.iter().any(|entry| entry.list);
            match group[..] {
                [] => {}
                [entry] if !list => program.link(entry, |program| {
                    program.quoted(rel).text(":");
                    self.hal_link(program, entry);
                }),
                _ => {
                    program.quoted(rel).text(":[");
                    for entry in group {
                        program.link(entry, |program| self.hal_link(program, entry));
                    }
                    program.end_list(b",").text("],");
                }
            }
        }
        if outermost && !self.curies.is_empty() {
            self.hal_curies(program);
        }
        program.end_list(b",").text("}");
    }

    fn hal_link(&self, program: &mut Program, entry: &Entry<'_>) {
        program
            .text("{\"href\":\"")
            .href(entry, self.view)
            .text("\"");
        optional(program, entry);
        program.text("},");
    }

    fn hal_curies(&self, program: &mut Program) {
        program.text("\"curies\":[");
        for curie in self.curies {
            program.text("{\"name\":").quoted(curie.name);
            program.text(",\"href\":").quoted(curie.href);
            program.text(",\"templated\":true},");
        }
        program.end_list(b",").text("]");
    }

    /// HAL-FORMS: a template for each link that is not followed with `GET` and needs no expansion;
    /// `default` where there can only be one, else by relation.
    fn templates(&self, program: &mut Program) {
        let forms = self.entries.iter();
        let forms = forms.filter(|entry| !entry.is_get() && !entry.templated);
        let forms: Vec<_> = forms.collect();
        if forms.is_empty() {
            return;
        }
        program.text(",\"_templates\":{");
        for (nth, entry) in forms.iter().enumerate() {
            let earlier = forms.iter().take(nth);
            let same = earlier.filter(|other| other.rel == entry.rel).count();
            program.link(entry, |program| {
                match (forms.len(), same) {
                    (1, _) if entry.each.is_none() => program.quoted("default"),
                    (_, 0) => template_key(program, entry, ""),
                    (_, same) => template_key(program, entry, &format!(" {}", same + 1)),
                };
                program.text(":");
                self.template(program, entry);
                program.text(",");
            });
        }
        program.end_list(b",").text("}");
    }

    fn template(&self, program: &mut Program, entry: &Entry<'_>) {
        program.text("{\"method\":").quoted(entry.method);
        program.text(",\"target\":\"").href(entry, self.view);
        program.text("\",\"contentType\":");
        program.quoted(entry.media_type.unwrap_or("application/json"));
        if let Some(title) = entry.title {
            program.text(",\"title\":").quoted(title);
        }
        properties(program, entry.fields);
        program.text("}");
    }

    fn json_api(&self, program: &mut Program) {
        program.text("\"links\":{");
        let mut names = Vec::new();
        for (rel, group) in groups(self.entries) {
            let fits = |entry: &&&Entry<'_>| !entry.list && !entry.templated;
            let mut group = group.iter().filter(fits);
            let first = group.clone().find(|entry| entry.is_get()).or(group.next());
            let name = member_name(rel).filter(|name| !names.contains(name));
            if let (Some(entry), Some(name)) = (first, name) {
                names.push(name);
                program.link(entry, |program| {
                    program.quoted(name);
                    self.json_api_link(program, entry);
                });
            }
        }
        program.end_list(b",").text("}");
    }

    fn json_api_link(&self, program: &mut Program, entry: &Entry<'_>) {
        let plain = entry.is_get() && entry.title.is_none() && entry.media_type.is_none();
        if plain {
            program.text(":\"").href(entry, self.view).text("\",");
            return;
        }
        program
            .text(":{\"href\":\"")
            .href(entry, self.view)
            .text("\"");
        if let Some(title) = entry.title {
            program.text(",\"title\":").quoted(title);
        }
        if let Some(media_type) = entry.media_type {
            program.text(",\"type\":").quoted(media_type);
        }
        if !entry.is_get() {
            program
                .text(",\"meta\":{\"method\":")
                .quoted(entry.method)
                .text("}");
        }
        program.text("},");
    }

    /// The value of the `Link` header (RFC 8288 §3): what is followed with `GET` and needs no
    /// expansion.
    fn header(&self) -> Program {
        let mut program = Program::new();
        for entry in self.entries {
            if entry.is_get() && !entry.templated {
                program.link(entry, |program| {
                    program.text("<").href(entry, self.view).text(">");
                    self.parameters(program, entry, title_parameter);
                    program.text(", ");
                });
            }
        }
        program.end_list(b", ");
        program.finish()
    }

    /// Whether there is anything in the `Link-Template` header.
    pub(super) fn has_templates(&self) -> bool {
        self.entries.iter().any(|entry| entry.templated)
    }

    /// The value of the `Link-Template` header (RFC 9652).
    fn template_header(&self) -> Program {
        let mut program = Program::new();
        for entry in self.entries {
            if entry.is_get() && entry.templated {
                program.link(entry, |program| {
                    program.text("\"").href(entry, self.view).text("\"");
                    self.parameters(program, entry, title_item);
                    program.text(", ");
                });
            }
        }
        program.end_list(b", ");
        program.finish()
    }

    /// The address of the link with this relation.
    fn address(&self, rel: &str) -> Program {
        let mut program = Program::new();
        if let Some(entry) = self.entries.iter().find(|entry| entry.rel == rel) {
            program.link(entry, |program| {
                program.href(entry, self.view);
            });
        }
        program.finish()
    }

    fn parameters(&self, program: &mut Program, entry: &Entry<'_>, title_as: fn(&str) -> Vec<u8>) {
        program.text("; rel=\"").text(&*self.rel(entry)).text("\"");
        if let Some(media_type) = entry.media_type {
            program.text("; type=").text(quoted_string(media_type));
        }
        if let Some(title) = entry.title {
            program.text("; title").text(title_as(title));
        }
    }

    fn rel<'e>(&self, entry: &Entry<'e>) -> Cow<'e, str> {
        expand_rel(entry.rel, self.curies)
    }
}

/// What a link object says only where it is so.
fn optional(program: &mut Program, entry: &Entry<'_>) {
    if entry.templated {
        program.text(",\"templated\":true");
    }
    for (member, value) in [
        (",\"title\":", entry.title),
        (",\"type\":", entry.media_type),
        (",\"name\":", entry.name),
    ] {
        if let Some(value) = value {
            program.text(member).quoted(value);
        }
    }
}

fn properties(program: &mut Program, fields: &[Property]) {
    if fields.is_empty() {
        return;
    }
    program.text(",\"properties\":[");
    for field in fields {
        let kind = match field.kind {
            PropertyKind::Text => "text",
            PropertyKind::Number => "number",
            PropertyKind::Checkbox => "checkbox",
        };
        program.text("{\"name\":").quoted(field.name);
        program.text(",\"type\":").quoted(kind);
        if field.required {
            program.text(",\"required\":true");
        }
        program.text("},");
    }
    program.end_list(b",").text("]");
}

/// The key of a template: its relation, and after a space, which no relation has, what tells it
/// from others, and the number of its element of an `each`.
fn template_key<'p>(program: &'p mut Program, entry: &Entry<'_>, suffix: &str) -> &'p mut Program {
    program.text("\"").escaped(entry.rel).text(suffix);
    if entry.each.is_some() {
        program.text(" ").number();
    }
    program.text("\"")
}

/// The relation as a member name of JSON:API, which has no colons: a curie without its prefix,
/// nothing for a URI.
fn member_name(rel: &str) -> Option<&str> {
    let name = rel.split_once(':').map_or(rel, |(_, name)| name);
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | 128..);
    name.bytes().all(legal).then_some(name)
}

/// Printable ASCII that means nothing in a quoted string, nor to those who look for the next link.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\' | b'<' | b'%')
}

/// A quoted string (RFC 9110 §5.6.4); what it cannot hold is left out, and `<`, which begins the
/// next link.
fn quoted_string(text: &str) -> Vec<u8> {
    let mut out = vec![b'"'];
    let fits = |byte: &u8| (b' '..=b'~').contains(byte) && *byte != b'<';
    for byte in text.bytes().filter(fits) {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
    out
}

/// The title of a `Link` header: a quoted string, or the extended form of RFC 8187 for what is not
/// printable ASCII.
fn title_parameter(title: &str) -> Vec<u8> {
    if title.bytes().all(is_plain) {
        return format!("=\"{title}\"").into_bytes();
    }
    let mut out = b"*=UTF-8''".to_vec();
    let mut encoder = Encoder::new(&mut out);
    title.bytes().for_each(|byte| encoder.byte(byte));
    out
}

/// The title of a `Link-Template` header: a String, or a Display String for what is not printable
/// ASCII (RFC 9651 §3.3.3 and §3.3.8).
fn title_item(title: &str) -> Vec<u8> {
    if title.bytes().all(is_plain) {
        return format!("=\"{title}\"").into_bytes();
    }
    let mut out = b"=%\"".to_vec();
    for byte in title.bytes() {
        match byte {
            b' '..=b'~' if !matches!(byte, b'"' | b'%') => out.push(byte),
            _ => out.extend_from_slice(format!("%{byte:02x}").as_bytes()),
        }
    }
    out.push(b'"');
    out
}
