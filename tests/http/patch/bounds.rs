//! What a JSON Patch may cost, and what serde_json makes of its names and numbers.

use api_patterns::patch::PatchRequest;
use serde_json::{Value, json};

use super::json::{refused, untyped};
use super::{JSON, ProductPatch, changes, errors, lamp, problem, read};

#[test]
fn operations_are_counted() {
    let operation = json!({"op": "test", "path": "", "value": {}});
    let patch = |count| Value::Array(vec![operation.clone(); count]);
    assert!(untyped(json!({}), patch(256)).is_ok());
    let expected = (422, "invalid_body".to_owned(), String::new());
    assert_eq!(refused(json!({}), patch(257)), expected);
    let problem = read(JSON, &patch(257)).expect_err("too many");
    assert_eq!(errors(&problem), [("", "too_many_operations")]);
}

#[test]
fn copies_do_not_grow_without_bound() {
    let doubling = |count: usize| {
        let double = json!([
            {"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/c", "value": {}},
            {"op": "copy", "from": "/a", "path": "/c/a"}, {"op": "move", "from": "/b", "path": "/c/b"},
            {"op": "move", "from": "/c", "path": "/a"},
        ]);
        let steps = double.as_array().expect("a list");
        Value::Array(steps.iter().cloned().cycle().take(5 * count).collect())
    };
    let small = untyped(json!({"a": "xxxxxxxx"}), doubling(8)).expect("within bounds");
    assert!(small.to_string().len() > 8 << 8);
    let (status, code, place) = refused(json!({"a": "xxxxxxxx"}), doubling(50));
    assert_eq!((status, code.as_str()), (422, "patch_too_large"));
    assert!(place.len() > 1, "{place}");
    let text = "x".repeat(600_000);
    let twice = json!([{"op": "copy", "from": "/a", "path": "/b"}, {"op": "copy", "from": "/a", "path": "/c"}]);
    assert_eq!(refused(json!({"a": text}), twice).1, "patch_too_large");
}

#[test]
fn documents_do_not_grow_deeper_than_they_can_be_read() {
    let nest = |levels: usize| (0..levels).fold(json!(0), |inner, _| json!([inner]));
    let add = |path: &str, levels| json!({"op": "add", "path": path, "value": nest(levels)});
    let path = |tokens: usize| "/0".repeat(tokens);
    let deepest = untyped(json!([0]), json!([add("/0", 126)])).expect("127 levels");
    assert!(serde_json::from_str::<Value>(&deepest.to_string()).is_ok());
    assert_eq!(
        refused(json!([0]), json!([add("/0", 127)])).1,
        "patch_too_deep"
    );
    let grow = json!([add("/0", 100), {"op": "replace", "path": path(100), "value": nest(100)}]);
    let expected = (422, "patch_too_deep".to_owned(), "/1".to_owned());
    assert_eq!(refused(json!([0]), grow), expected);
    for op in ["copy", "move"] {
        let grow = json!([
            add("/0", 100), {"op": "add", "path": "/1", "value": nest(100)},
            {"op": op, "from": "/1", "path": path(50)},
        ]);
        assert_eq!(refused(json!([0]), grow).1, "patch_too_deep", "{op}");
    }
    let double = json!({"op": "copy", "from": "", "path": "/a"});
    let doubled = Value::Array(vec![double; 256]);
    assert!(["patch_too_deep", "patch_too_large"].contains(&&*refused(json!({"a": 1}), doubled).1));
}

#[test]
fn pointers_are_short() {
    let path = "/a".repeat(3000);
    let problem = read(JSON, &json!([{"op": "remove", "path": path}])).expect_err("too long");
    assert_eq!(errors(&problem), [("/0/path", "invalid")]);
    let path = format!("/{}", "a".repeat(4000));
    let problem = super::problem(JSON, &json!([{"op": "remove", "path": path}]));
    assert_eq!(problem.get_code(), Some("patch_path_missing"));
    assert!(
        problem.get_detail().unwrap_or_default().len() < 300,
        "{problem:?}"
    );
}

/// As a member of that name in the body itself, which is refused when the body is read.
#[test]
fn pointers_do_not_make_names_that_serde_json_keeps_for_itself() {
    let reserved = "$serde_json::private::RawValue";
    for path in [
        format!("/{reserved}"),
        format!("/labels/{reserved}/a"),
        format!("/a~1/{reserved}x"),
    ] {
        for operation in [
            json!({"op": "add", "path": path, "value": "[[[["}),
            json!({"op": "move", "from": "/name", "path": path}),
        ] {
            let problem = read(JSON, &json!([operation])).expect_err("reserved");
            assert_eq!(errors(&problem), [("/0/path", "invalid")]);
            assert!(
                problem
                    .get_detail()
                    .unwrap_or_default()
                    .contains("reserved")
            );
        }
    }
    let price = json!([{"op": "replace", "path": "/name", "value": reserved}]);
    assert!(changes(JSON, &price).is_ok(), "a value is no name");
}

#[test]
fn many_unknown_members_are_counted() {
    let members = (0..5000).map(|nth| (nth.to_string(), json!(nth)));
    let mut whole = serde_json::to_value(lamp()).expect("JSON");
    whole.as_object_mut().expect("an object").extend(members);
    let problem = problem(
        JSON,
        &json!([{"op": "replace", "path": "", "value": whole}]),
    );
    assert_eq!(problem.get_errors().len(), 32);
    let detail = problem.get_detail().unwrap_or_default();
    assert!(detail.ends_with("(and 4999 more errors)"), "{detail}");
}

/// serde_json reads some numbers of 17 digits as their neighbours, unless a feature is on.
#[test]
fn a_number_that_is_repeated_is_the_same() {
    let reread = |number: f64| number.to_string().parse::<serde_json::Number>();
    let is_lossy = |number: &f64| reread(*number).is_ok_and(|read| read.as_f64() != Some(*number));
    let numbers = || (1..200_000).map(|nth| f64::from(nth) * 0.1 / 3.0);
    for number in numbers()
        .find(is_lossy)
        .into_iter()
        .chain([0.1 + 0.2, 1e300, 5e-324])
    {
        let mut current = lamp();
        current.rating = Some(number);
        let shown = serde_json::to_string(&number).expect("JSON");
        for (content_type, body) in [
            (super::MERGE, format!(r#"{{"rating": {shown}}}"#)),
            (
                JSON,
                format!(r#"[{{"op": "test", "path": "/rating", "value": {shown}}}]"#),
            ),
            (
                JSON,
                format!(r#"[{{"op": "replace", "path": "/rating", "value": {shown}}}]"#),
            ),
        ] {
            let patch = PatchRequest::from_bytes(content_type, body.as_bytes()).expect("a patch");
            let changes: ProductPatch = patch.changes(&current).expect(&body);
            assert!(changes.is_empty(), "{body}: {changes:?}");
        }
    }
}
