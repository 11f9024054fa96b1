//! Patches: bodies of both forms, against a resource and against documents without a type.

use api_patterns::patch::{JsonPatch, MergePatch, Patch, PatchRequest};
use api_patterns::problem::{Json, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check_refusal;

const MERGE: &str = "application/merge-patch+json";
const JSON: &str = "application/json-patch+json";

/// Bytes that a patch may add to a document beside its own: what `copy` may, written down. A value
/// is never longer on paper than twice what it is counted as.
const COPIED: usize = 2 * 1024 * 1024;
/// Levels below which nothing is put.
const DEEPEST: usize = 127;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Patch)]
#[patch(immutable(id))]
struct Resource {
    id: u64,
    a: String,
    b: Option<f64>,
    c: Vec<Option<u8>>,
    d: Option<Inner>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    a: i8,
    b: Option<Box<Inner>>,
    c: Value,
}

fn resource() -> Resource {
    let inner = |a, b| Inner {
        a,
        b,
        c: serde_json::json!({"x": [1, null]}),
    };
    Resource {
        id: 7,
        a: "text".to_owned(),
        b: Some(0.5),
        c: vec![Some(1), None],
        d: Some(inner(1, Some(Box::new(inner(2, None))))),
    }
}

/// The bytes are a patch, or a document and a patch with a newline between them. A merge patch of a
/// document is that of RFC 7396; what comes of a JSON Patch is bounded and can be read again; a
/// resource that is changed is still one, what is immutable is as before, the changes name what
/// differs, no name was passed over, and a merge patch does to it what RFC 7396 does to its document.
pub fn patch(data: &[u8]) {
    if let Some(newline) = data.iter().position(|byte| *byte == b'\n')
        && let Ok(document) = serde_json::from_slice::<Value>(&data[..newline])
    {
        check_merge(&document, &data[newline + 1..]);
        check_operations(&document, &data[newline + 1..]);
    }
    check_resource(MERGE, data);
    check_resource(JSON, data);
}

fn check_merge(document: &Value, body: &[u8]) {
    match Json::<MergePatch>::from_bytes(body) {
        Ok(Json(patch)) => {
            let body = serde_json::from_slice(body).expect("JSON, as it was accepted");
            assert_eq!(
                patch.apply(document.clone()),
                merged(document.clone(), &body)
            );
        }
        Err(problem) => check(&problem),
    }
}

fn check_operations(document: &Value, body: &[u8]) {
    let Ok(Json(patch)) = Json::<JsonPatch>::from_bytes(body) else {
        return;
    };
    match patch.apply(document.clone()) {
        Ok(patched) => {
            let written = patched.to_string();
            let most = document.to_string().len() + body.len() + COPIED;
            assert!(written.len() <= most, "{} bytes", written.len());
            assert!(depth(&patched) <= depth(document).max(DEEPEST));
            // Not compared: serde_json may read a long number as its neighbour.
            serde_json::from_str::<Value>(&written).expect("what was written is read");
        }
        Err(problem) => check(&problem),
    }
}

fn check_resource(content_type: &str, body: &[u8]) {
    let current = resource();
    let patch = PatchRequest::<Resource>::from_bytes(content_type, body);
    let changes = patch.and_then(|patch| patch.changes(&current));
    assert_eq!(current, resource());
    let changes = match changes {
        Ok(changes) => changes,
        Err(problem) => return check(&problem),
    };
    let changed: Vec<_> = changes.changed().collect();
    assert_eq!(changes.is_empty(), changed.is_empty());
    let mut after = current.clone();
    changes.apply_to(&mut after);
    assert_eq!(after.id, current.id);
    let (before, after_json) = (document(&current), document(&after));
    let names = ["a", "b", "c", "d"];
    let differing: Vec<_> = names
        .into_iter()
        .filter(|name| before[*name] != after_json[*name])
        .collect();
    assert_eq!(changed, differing);
    if content_type == MERGE {
        let body = serde_json::from_slice(body).expect("JSON, as it was accepted");
        let merged = merged(before, &body);
        assert!(is_within(&merged, &after_json), "{merged} {after_json}");
        let expected = Resource::deserialize(merged).expect("a resource");
        assert_eq!(after_json, document(&expected));
    } else {
        let patch: JsonPatch = serde_json::from_slice(body).expect("as it was accepted");
        let patched = patch.apply(before).expect("as it was applied");
        assert!(is_within(&patched, &after_json), "{patched} {after_json}");
    }
}

/// Whether nothing that was asked for was passed over: the types here leave out no member.
fn is_within(asked: &Value, found: &Value) -> bool {
    match (asked, found) {
        (Value::Object(asked), Value::Object(found)) => asked
            .iter()
            .all(|(name, asked)| found.get(name).is_some_and(|found| is_within(asked, found))),
        (Value::Array(asked), Value::Array(found)) => {
            asked.len() == found.len()
                && asked
                    .iter()
                    .zip(found)
                    .all(|(asked, found)| is_within(asked, found))
        }
        _ => true,
    }
}

fn document(resource: &Resource) -> Value {
    serde_json::to_value(resource).expect("JSON")
}

fn check(problem: &Problem) {
    check_refusal(problem, &[400, 409, 422]);
    assert!(problem.get_errors().len() <= 32, "{problem:?}");
    let longest = problem
        .get_errors()
        .iter()
        .map(|error| error.get_place().len() + error.get_detail().len());
    assert!(longest.max().unwrap_or(0) <= 8 * 1024, "{problem:?}");
}

/// RFC 7396 §2, word for word.
fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else {
        return patch.clone();
    };
    let mut target = match target {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        let before = target.remove(name);
        if !value.is_null() {
            target.insert(name.clone(), merged(before.unwrap_or_default(), value));
        }
    }
    Value::Object(target)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
