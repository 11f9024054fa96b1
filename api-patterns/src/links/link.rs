//! A link that is made at run time.

use std::borrow::Cow;

use http::Method;

use super::values::Encoder;
use crate::link::push_reference;

/// A link beside those of a [`Links`](super::Links) definition, for a document that has more:
/// see [`Linked::link`](super::Linked::link).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub(super) rel: Cow<'static, str>,
    pub(super) href: String,
    pub(super) method: Method,
    pub(super) title: Option<Cow<'static, str>>,
    pub(super) templated: bool,
}

impl Link {
    /// A link to `href` that is followed with `GET`.
    ///
    /// `href` is a path (`/products?sort=name`), which the base URL goes before, or an absolute
    /// URL. Characters that a reference must not have are percent-encoded; percent signs stay, so
    /// that what is encoded already is not encoded twice.
    pub fn new(rel: impl Into<Cow<'static, str>>, href: &str) -> Self {
        Self::of(rel.into(), href, "")
    }

    /// A link to an RFC 6570 template that the client expands: `/products{?q,category_id}`.
    pub fn template(rel: impl Into<Cow<'static, str>>, template: &str) -> Self {
        Self {
            templated: true,
            ..Self::of(rel.into(), template, "{}|")
        }
    }

    /// A link to `path` with any of the query parameters `names`, as the template of RFC 6570 that
    /// says so: `/products{?q,price_cents%5Bgte%5D}`.
    pub fn query<N: AsRef<str>>(
        rel: impl Into<Cow<'static, str>>,
        path: &str,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let mut expression = Vec::new();
        for name in names {
            expression.push(if expression.is_empty() { b'?' } else { b',' });
            write_variable(&mut expression, name.as_ref());
        }
        let mut link = Self::of(rel.into(), path, "");
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

    fn of(rel: Cow<'static, str>, href: &str, kept: &str) -> Self {
        let mut text = Vec::with_capacity(href.len());
        push_reference(&mut text, href, kept);
        Self {
            rel,
            // What is not ASCII has been encoded.
            href: String::from_utf8_lossy(&text).into_owned(),
            method: Method::GET,
            title: None,
            templated: false,
        }
    }

    pub(super) fn is_absolute(&self) -> bool {
        self.href.starts_with("http://") || self.href.starts_with("https://")
    }
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
