//! The items of bulk requests: a document cut into its elements, and bytes cut into lines.

use api_patterns::bulk::{Bulk, Line, Splitter};
use api_patterns::problem::{FieldErrors, Validate};
use axum::body::Body;
use axum::extract::FromRequest as _;
use axum::http::{Request, header};
use serde::Deserialize;
use serde_json::Value;

use crate::{check_refusal, ready};

/// Most items of a request, and most bytes of a line.
const MOST: usize = 5;
const LONGEST: usize = 16;

#[derive(Debug, Deserialize, PartialEq)]
struct Item {
    id: u8,
    #[serde(default)]
    name: Option<String>,
}

impl Validate for Item {
    fn validate(&self, errors: &mut FieldErrors) {
        errors.check("id", self.id > 0, "must be 1 or more");
    }
}

/// The bytes are a body. As a document, it has the elements that serde_json finds, each at its
/// place, and one that is no item fails alone. As lines, it has the same in whatever pieces it
/// arrives, and no more than one line is held.
pub fn bulk(data: &[u8]) {
    document(data);
    lines(data);
}

fn document(data: &[u8]) {
    let request = Request::post("/")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(data.to_vec()));
    let request = request.expect("a request");
    let Bulk(items) = match ready(Bulk::<Item, MOST>::from_request(request, &())) {
        Ok(bulk) => bulk,
        Err(problem) => return check_refusal(&problem, &[400, 422]),
    };
    assert!((1..=MOST).contains(&items.len()));
    // What nests too deeply for a value is the problem of its item.
    let Ok(value) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let members = value.as_object().expect("an object");
    assert_eq!(members.keys().collect::<Vec<_>>(), ["items"]);
    let expected = members["items"].as_array().expect("an array");
    assert_eq!(items.len(), expected.len());
    let mut found = vec![None; items.len()];
    for (index, item) in items.iter() {
        found[index] = Some(item);
    }
    for (element, found) in expected.iter().zip(found) {
        let read = Item::deserialize(element);
        let good = read.as_ref().ok().filter(|item| item.id > 0);
        match found {
            Some(item) => assert_eq!(Some(item), good),
            // An array is no item here, and a member given twice is gone from the value.
            None => assert!(good.is_none() || element.is_array() || element.is_object()),
        }
    }
}

fn lines(data: &[u8]) {
    let size = data.first().map_or(1, |first| usize::from(*first) % 40 + 1);
    let expected = data.split(|byte| *byte == b'\n').filter_map(expected);
    let expected: Vec<_> = expected.collect();
    let mut splitter = Splitter::new(LONGEST);
    let mut found = Vec::new();
    for piece in data.chunks(size) {
        splitter.push(piece);
        while let Some(line) = splitter.line() {
            found.push(line);
        }
        assert!(splitter.held() <= LONGEST + 1, "{} held", splitter.held());
    }
    found.extend(splitter.last());
    assert_eq!(found, expected);
}

/// What is to be found of a line without its end.
fn expected(line: &[u8]) -> Option<Line> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > LONGEST {
        return Some(Line::TooLong);
    }
    let text = line.trim_ascii();
    (!text.is_empty()).then(|| Line::Text(text.to_vec().into()))
}
