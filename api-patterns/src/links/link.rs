//! A link that is made at run time.

use std::borrow::Cow;

use http::Method;

use super::definition::{Property, PropertyKind};
use super::values::Encoder;
use crate::link::{push_reference, relative_safe};

/// A link beside those of a [`Links`](super::Links) definition, for a document that has more:
/// see [`Linked::link`](super::Linked::link).
///
/// Relations are registered names or URIs. Characters that no reference may have are
/// percent-encoded in relations and addresses; percent signs stay, so that what is encoded already
/// is not encoded twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub(super) rel: String,
    pub(super) href: String,
    pub(super) method: Method,
    pub(super) title: Option<Cow<'static, str>>,
    pub(super) media_type: Option<Cow<'static, str>>,
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) list: bool,
    pub(super) templated: bool,
    pub(super) fields: Vec<Property>,
}

impl Link {
    /// A link to `href` that is followed with `GET`.
    ///
    /// `href` is a path (`/products?sort=name`), which the base URL goes before, or a URL with its
    /// scheme. A path that does not begin with a slash gets one.
    pub fn new(rel: &str, href: &str) -> Self {
        Self::of(rel, href, "")
    }

    /// A link to an RFC 6570 template that the client expands: `/products{?q,category_id}`.
    pub fn template(rel: &str, template: &str) -> Self {
        Self {
            templated: true,
            ..Self::of(rel, template, "{}|")
        }
    }

    /// A link to `path` with any of the query parameters `names`, as the template of RFC 6570 that
    /// says so: `/products{?q,price_cents%5Bgte%5D}`. A path that has a query already goes on with
    /// `{&q}`.
    ///
    /// Some clients encode the percent signs in such names once more; names of letters, digits and
    /// underscores are understood by all.
    pub fn query<N: AsRef<str>>(rel: &str, path: &str, names: impl IntoIterator<Item = N>) -> Self {
        let mut link = Self::of(rel, path, "");
        let first = if path.contains('?') { b'&' } else { b'?' };
        let mut expression = Vec::new();
        for name in names {
            expression.push(if expression.is_empty() { first } else { b',' });
            write_variable(&mut expression, name.as_ref());
        }
        link.templated = !expression.is_empty();
        if link.templated {
            let expression = String::from_utf8_lossy(&expression);
            link.href.extend(["{", &*expression, "}"]);
        }
        link
    }

    /// The method to follow it with. Default: `GET`.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// A label for people. Default: none.
    #[must_use]
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The media type of what it leads to. Default: not said.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<Cow<'static, str>>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Tells it from others of its relation. Default: nothing.
    #[must_use]
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Makes its relation an array in HAL, whatever the number of its links. Default: an array only
    /// where there are several.
    #[must_use]
    pub fn list(mut self) -> Self {
        self.list = true;
        self
    }

    /// What a request along it may send, for HAL-FORMS. Default: not said.
    #[must_use]
    pub fn field(mut self, name: &'static str, kind: PropertyKind, required: bool) -> Self {
        self.fields.push(Property {
            name,
            kind,
            required,
        });
        self
    }

    fn of(rel: &str, href: &str, kept: &str) -> Self {
        let href = match href.as_bytes() {
            _ if has_scheme(href) => href.into(),
            [b'/', ..] => relative_safe(href),
            _ => format!("/{href}"),
        };
        Self {
            rel: reference(rel, ""),
            href: reference(&href, kept),
            method: Method::GET,
            title: None,
            media_type: None,
            name: None,
            list: false,
            templated: false,
            fields: Vec::new(),
        }
    }

    pub(super) fn is_absolute(&self) -> bool {
        has_scheme(&self.href)
    }
}

/// Whether `href` begins with a scheme (RFC 3986 §3.1).
fn has_scheme(href: &str) -> bool {
    let scheme = href.split_once(':').map_or("", |(scheme, _)| scheme);
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(legal)
}

fn reference(text: &str, kept: &str) -> String {
    let mut safe = Vec::with_capacity(text.len());
    push_reference(&mut safe, text, kept);
    // What is not ASCII has been encoded.
    String::from_utf8_lossy(&safe).into_owned()
}

/// Appends the name of a variable (RFC 6570 §2.3): letters, digits and underscores, and whatever
/// else percent-encoded.
fn write_variable(out: &mut Vec<u8>, name: &str) {
    for byte in name.bytes() {
        match byte {
            b'-' | b'~' | b'.' => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            _ => Encoder::new(out).byte(byte),
        }
    }
}
