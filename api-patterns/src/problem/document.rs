//! The members of a problem, and their two renderings.

use std::borrow::Cow;
use std::fmt::DebugStruct;

use http::StatusCode;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::FieldError;

/// What the client reads in place of a masked detail.
const MASK: &str = "the request could not be completed because of an error on the server";

const RESERVED: [&str; 7] = [
    "type", "title", "status", "detail", "instance", "code", "errors",
];

/// The members of a problem, serialized by RFC 9457.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) status: StatusCode,
    pub(super) type_uri: Option<Cow<'static, str>>,
    pub(super) title: Option<Cow<'static, str>>,
    pub(super) detail: Option<Cow<'static, str>>,
    pub(super) instance: Option<Cow<'static, str>>,
    pub(super) code: Option<Cow<'static, str>>,
    pub(super) errors: Vec<FieldError>,
    pub(super) extensions: Map<String, Value>,
}

impl Document {
    pub(super) fn new(status: StatusCode) -> Self {
        Self {
            status,
            type_uri: None,
            title: None,
            detail: None,
            instance: None,
            code: None,
            errors: Vec::new(),
            extensions: Map::new(),
        }
    }

    pub(super) fn is_reserved(name: &str) -> bool {
        RESERVED.contains(&name)
    }

    /// RFC 9457 §4.2.1: the title of `about:blank` is the reason phrase.
    pub(super) fn title(&self) -> &str {
        let reason = || self.status.canonical_reason().unwrap_or("Error");
        self.title.as_deref().unwrap_or_else(reason)
    }

    /// The same problem without what only the log may keep.
    pub(super) fn masked(&self, detail: Option<Cow<'static, str>>) -> Self {
        Self {
            detail: Some(detail.unwrap_or(Cow::Borrowed(MASK))),
            errors: Vec::new(),
            ..self.clone()
        }
    }

    pub(super) fn debug_into(&self, debug: &mut DebugStruct<'_, '_>) {
        debug.field("status", &self.status.as_u16());
        for (name, text) in self.texts() {
            if let Some(text) = text {
                debug.field(name, text);
            }
        }
        if !self.errors.is_empty() {
            debug.field("errors", &self.errors);
        }
        for (name, value) in &self.extensions {
            debug.field(name, value);
        }
    }

    fn texts(&self) -> [(&'static str, &Option<Cow<'static, str>>); 5] {
        [
            ("type", &self.type_uri),
            ("title", &self.title),
            ("detail", &self.detail),
            ("instance", &self.instance),
            ("code", &self.code),
        ]
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        // It may be left out (RFC 9457 §3.1.1), but many clients read it without asking.
        let type_uri = self.type_uri.as_deref().unwrap_or("about:blank");
        map.serialize_entry("type", type_uri)?;
        map.serialize_entry("title", self.title())?;
        map.serialize_entry("status", &self.status.as_u16())?;
        optional(&mut map, "detail", self.detail.as_deref())?;
        optional(&mut map, "instance", self.instance.as_deref())?;
        optional(&mut map, "code", self.code.as_deref())?;
        if !self.errors.is_empty() {
            map.serialize_entry("errors", &self.errors)?;
        }
        for (name, value) in &self.extensions {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The classic envelope: `{success: false, error_code, message, details}`.
pub(super) struct Classic<'a>(pub(super) &'a Document);

impl Classic<'_> {
    /// The code, or the reason phrase in its manner: `not_found`.
    fn error_code(&self) -> Cow<'_, str> {
        match &self.0.code {
            Some(code) => Cow::Borrowed(code),
            None => Cow::Owned(self.reason_code()),
        }
    }

    fn reason_code(&self) -> String {
        let reason = self.0.status.canonical_reason().unwrap_or("Error");
        let words = reason.split(|c: char| !c.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        words.join("_").to_ascii_lowercase()
    }
}

impl Serialize for Classic<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("success", &false)?;
        map.serialize_entry("error_code", &self.error_code())?;
        let message = self.0.detail.as_deref().unwrap_or_else(|| self.0.title());
        map.serialize_entry("message", message)?;
        map.serialize_entry("details", &ClassicDetails(self.0))?;
        map.end()
    }
}

/// What has no member of its own in the envelope; `{}` when there is nothing.
struct ClassicDetails<'a>(&'a Document);

impl Serialize for ClassicDetails<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        optional(&mut map, "type", self.0.type_uri.as_deref())?;
        optional(&mut map, "instance", self.0.instance.as_deref())?;
        if !self.0.errors.is_empty() {
            map.serialize_entry("errors", &self.0.errors)?;
        }
        for (name, value) in &self.0.extensions {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn optional<M: SerializeMap>(map: &mut M, name: &str, text: Option<&str>) -> Result<(), M::Error> {
    match text {
        Some(text) => map.serialize_entry(name, text),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::json;

    use super::{Classic, Document};

    #[test]
    fn the_envelope_falls_back_to_the_reason_phrase() {
        let table = [
            (StatusCode::NOT_FOUND, "not_found", "Not Found"),
            (
                StatusCode::NON_AUTHORITATIVE_INFORMATION,
                "non_authoritative_information",
                "",
            ),
            (StatusCode::IM_A_TEAPOT, "i_m_a_teapot", "I'm a teapot"),
        ];
        for (status, code, message) in table {
            let mut document = Document::new(status);
            document.title = Some(message.into());
            assert_eq!(
                serde_json::to_value(Classic(&document)).expect("serializable"),
                json!({ "success": false, "error_code": code, "message": message, "details": {} }),
            );
        }
    }
}
