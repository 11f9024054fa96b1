//! Problems that come back as bytes.

use std::borrow::Cow;
use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::FieldError;
use super::document::Document;
use super::response::{PROBLEM_JSON, Rendered};

/// Marks a response that was a problem of this crate when it was kept, so that a layer renders it
/// as it rendered the first. `json` is its body; what is not exactly such a problem is not marked.
pub(crate) fn recognize(response: &mut Response, json: &[u8]) {
    if response.headers().get(CONTENT_TYPE) != Some(&PROBLEM_JSON) {
        return;
    }
    let document = read(response.status(), json);
    let same = |document: &Document| serde_json::to_vec(document).is_ok_and(|own| own == json);
    if let Some(document) = document.filter(same) {
        let document = Rendered(Arc::new(document));
        response.extensions_mut().insert(document);
    }
}

fn read(status: StatusCode, json: &[u8]) -> Option<Document> {
    let mut members: Map<String, Value> = serde_json::from_slice(json).ok()?;
    let mut document = Document::new(status);
    members.remove("status");
    // What is written where no type was set.
    document.type_uri = text(&mut members, "type").filter(|uri| uri != "about:blank");
    document.title = text(&mut members, "title");
    document.detail = text(&mut members, "detail");
    document.instance = text(&mut members, "instance");
    document.code = text(&mut members, "code");
    if let Some(Value::Array(errors)) = members.remove("errors") {
        let errors: Option<_> = errors.into_iter().map(error).collect();
        document.errors = errors?;
    }
    document.extensions = members;
    Some(document)
}

fn text(members: &mut Map<String, Value>, name: &str) -> Option<Cow<'static, str>> {
    match members.remove(name)? {
        Value::String(text) => Some(Cow::Owned(text)),
        _ => None,
    }
}

fn error(value: Value) -> Option<FieldError> {
    let Value::Object(mut members) = value else {
        return None;
    };
    let detail = text(&mut members, "detail")?;
    let mut place = |name| text(&mut members, name);
    let error = match (place("pointer"), place("parameter"), place("header")) {
        (Some(pointer), None, None) => FieldError::pointer(pointer, detail),
        (None, Some(name), None) => FieldError::parameter(name, detail),
        (None, None, Some(name)) => FieldError::header(name, detail),
        _ => return None,
    };
    Some(match text(&mut members, "code") {
        Some(code) => error.code(code),
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use http::{StatusCode, header};

    use super::recognize;
    use crate::problem::response::Rendered;
    use crate::problem::{FieldError, Problem};

    fn kept(content_type: &'static str, json: &[u8]) -> Option<Rendered> {
        let kind = [(header::CONTENT_TYPE, content_type)];
        let mut response = (StatusCode::CONFLICT, kind, json.to_vec()).into_response();
        recognize(&mut response, json);
        response.extensions_mut().remove()
    }

    #[test]
    fn problems_are_known_again() {
        let problem = Problem::conflict("taken")
            .code("sku_taken")
            .error(FieldError::pointer("/sku", "is taken").code("taken"))
            .error(FieldError::parameter("q", "is long"))
            .error(FieldError::header("If-Match", "is old"))
            .extension("a", 1)
            .extension("b", [1.5, 2.0]);
        let json = serde_json::to_vec(&problem).expect("serializable");
        let found = kept("application/problem+json", &json).expect("a problem");
        assert_eq!(serde_json::to_vec(&*found.0).expect("serializable"), json);
        assert_eq!(found.0.errors.len(), 3);
        assert!(kept("application/json", &json).is_none());
    }

    #[test]
    fn what_others_wrote_is_left_to_them() {
        for json in [
            "",
            "[]",
            r#"{"title":"Conflict","status":409}"#,
            r#"{"type":"about:blank","title":"Conflict","status":404}"#,
            r#"{"type":"about:blank", "title":"Conflict","status":409}"#,
            r#"{"type":"about:blank","title":"Conflict","status":409,"detail":7}"#,
            r#"{"type":"about:blank","title":"Conflict","status":409,"errors":[1]}"#,
        ] {
            let found = kept("application/problem+json", json.as_bytes());
            assert!(found.is_none(), "{json}");
        }
    }
}
