//! JSON Patches (RFC 6902).

use api_patterns::patch::{Field, JsonPatch};
use api_patterns::problem::Problem;
use serde_json::{Value, json};

use super::{JSON, Size, changes, errors, lamp, problem, read};

pub(super) fn untyped(document: Value, operations: Value) -> Result<Value, Problem> {
    let patch: JsonPatch = serde_json::from_value(operations).expect("any JSON");
    patch.apply(document)
}

pub(super) fn refused(document: Value, operations: Value) -> (u16, String, String) {
    let problem = untyped(document, operations.clone());
    let problem = problem.expect_err(&operations.to_string());
    let place = problem.get_errors()[0].get_place().to_owned();
    let code = problem.get_code().unwrap_or_default().to_owned();
    (problem.status().as_u16(), code, place)
}

#[test]
fn operations_are_applied_in_order() {
    let document = json!({"a": [1, 2, 3], "b": {"c/d": 1, "e~f": 2}, "": 0});
    let table = [
        (
            json!([{"op": "add", "path": "/a/1", "value": 9}]),
            "/a",
            json!([1, 9, 2, 3]),
        ),
        (
            json!([{"op": "add", "path": "/a/-", "value": 9}]),
            "/a",
            json!([1, 2, 3, 9]),
        ),
        (
            json!([{"op": "add", "path": "/a/3", "value": 9}]),
            "/a",
            json!([1, 2, 3, 9]),
        ),
        (
            json!([{"op": "add", "path": "/a", "value": 9}]),
            "/a",
            json!(9),
        ),
        (
            json!([{"op": "remove", "path": "/a/0"}]),
            "/a",
            json!([2, 3]),
        ),
        (
            json!([{"op": "replace", "path": "/b/c~1d", "value": 9}]),
            "/b/c~1d",
            json!(9),
        ),
        (
            json!([{"op": "move", "from": "/a/0", "path": "/a/2"}]),
            "/a",
            json!([2, 3, 1]),
        ),
        (
            json!([{"op": "move", "from": "/b/e~0f", "path": "/"}]),
            "/",
            json!(2),
        ),
        (
            json!([{"op": "move", "from": "/a", "path": "/a"}]),
            "/a",
            json!([1, 2, 3]),
        ),
        (
            json!([{"op": "copy", "from": "/b", "path": "/b/x"}]),
            "/b/x/e~0f",
            json!(2),
        ),
        (
            json!([{"op": "copy", "from": "", "path": "/a/0"}]),
            "/a/0/b/c~1d",
            json!(1),
        ),
        (
            json!([{"op": "replace", "path": "", "value": 1}]),
            "",
            json!(1),
        ),
        (
            json!([{"op": "add", "path": "", "value": [1]}]),
            "/0",
            json!(1),
        ),
        (
            json!([{"op": "add", "path": "/n", "value": {}}, {"op": "add", "path": "/n/m", "value": 1},
                   {"op": "test", "path": "/n", "value": {"m": 1}}]),
            "/n/m",
            json!(1),
        ),
        // Members that the operation does not define are ignored.
        (
            json!([{"op": "add", "path": "/a", "value": 1, "from": 5, "more": {"from": "x"}}]),
            "/a",
            json!(1),
        ),
        (json!([]), "/", json!(0)),
    ];
    for (operations, place, expected) in table {
        let result = untyped(document.clone(), operations.clone());
        let result = result.unwrap_or_else(|problem| panic!("{operations}: {problem:?}"));
        assert_eq!(result.pointer(place), Some(&expected), "{operations}");
    }
}

/// RFC 6902 §4.6.
#[test]
fn a_test_compares_values_and_not_their_spelling() {
    let document = json!({
        "one": 1, "half": 0.5, "big": 9_007_199_254_740_993_u64, "max": u64::MAX, "text": "1",
        "list": [1, {"a": 1, "b": 2}], "null": null,
    });
    let equal = [
        ("/one", json!(1.0)),
        ("/one", json!(1)),
        ("/half", json!(5e-1)),
        ("/big", json!(9_007_199_254_740_993_u64)),
        ("/max", json!(u64::MAX)),
        ("/list", json!([1.0, {"b": 2, "a": 1.0}])),
        ("/null", json!(null)),
        ("/text", json!("1")),
    ];
    for (path, value) in equal {
        let operations = json!([{"op": "test", "path": path, "value": value}]);
        assert!(
            untyped(document.clone(), operations).is_ok(),
            "{path} {value}"
        );
    }
    let other = [
        ("/one", json!("1")),
        ("/one", json!(true)),
        ("/one", json!(1.5)),
        ("/big", json!(9_007_199_254_740_992.0)),
        ("/max", json!(u64::MAX - 1)),
        ("/max", json!(18_446_744_073_709_551_616.0)),
        ("/list", json!([1])),
        ("/list", json!([{"a": 1, "b": 2}, 1])),
        ("/list/1", json!({"a": 1})),
        ("/null", json!(false)),
        ("/null", json!({})),
    ];
    for (path, value) in other {
        let operations = json!([{"op": "test", "path": path, "value": value}]);
        let expected = (409, "patch_test_failed".to_owned(), "/0".to_owned());
        assert_eq!(
            refused(document.clone(), operations),
            expected,
            "{path} {value}"
        );
    }
}

#[test]
fn what_is_not_there_is_named() {
    let document = json!({"a": [1, 2], "b": {"c": 1}, "d": "text"});
    let paths = [
        ("test", "/x"),
        ("test", "/a/2"),
        ("test", "/a/-"),
        ("test", "/a/01"),
        ("test", "/d/0"),
        ("replace", "/x"),
        ("replace", "/a/2"),
        ("replace", "/a/-"),
        ("replace", "/b/c/d"),
        ("remove", "/x"),
        ("remove", "/a/2"),
        ("remove", "/a/-"),
        ("remove", "/a/+1"),
        ("remove", ""),
        ("remove", "/a/99999999999999999999999999"),
        ("remove", "/d/length"),
        ("remove", "/a/1e0"),
        ("add", "/x/y"),
        ("add", "/a/3"),
        ("add", "/a/01"),
        ("add", "/a/x"),
        ("add", "/a/-/x"),
        ("add", "/d/0"),
        ("add", "/a/ 1"),
        ("add", "/a/-1"),
    ];
    for (op, path) in paths {
        let operations = json!([
            {"op": "test", "path": "/b/c", "value": 1}, {"op": op, "path": path, "value": 0},
        ]);
        let expected = (409, "patch_path_missing".to_owned(), "/1/path".to_owned());
        assert_eq!(
            refused(document.clone(), operations),
            expected,
            "{op} {path}"
        );
    }
    for op in ["move", "copy"] {
        for (from, path, place) in [
            ("/x", "/y", "/0/from"),
            ("/a/2", "/y", "/0/from"),
            ("/a/-", "/y", "/0/from"),
            ("/b", "/x/y", "/0/path"),
            ("/b", "/a/9", "/0/path"),
        ] {
            let operations = json!([{"op": op, "from": from, "path": path}]);
            let expected = (409, "patch_path_missing".to_owned(), place.to_owned());
            assert_eq!(
                refused(document.clone(), operations),
                expected,
                "{op} {from} {path}"
            );
        }
    }
}

#[test]
fn nothing_is_moved_into_itself() {
    let document = json!({"a": {"b": {}}, "ab": 1});
    for (from, path) in [("/a", "/a/b"), ("/a", "/a/b/c"), ("", "/a")] {
        let operations = json!([{"op": "move", "from": from, "path": path}]);
        let expected = (422, "invalid_body".to_owned(), "/0/path".to_owned());
        assert_eq!(
            refused(document.clone(), operations),
            expected,
            "{from} {path}"
        );
    }
    let moved = untyped(
        document,
        json!([{"op": "move", "from": "/ab", "path": "/a"}]),
    );
    assert_eq!(moved.ok(), Some(json!({"a": 1})));
}

#[test]
fn all_that_is_no_operation_is_told_at_once() {
    let operations = json!([
        {"op": "test", "path": "/name", "value": "Lamp"},
        {},
        {"op": "append", "path": "/name"},
        {"op": "Add", "path": "/name", "value": 1},
        {"op": "add", "path": "/name"},
        {"op": "test", "path": "name", "value": 1},
        {"op": "copy", "path": "/a~2", "from": "/b~"},
        {"op": "move", "path": "/a"},
        {"op": 5, "path": null},
        "remove",
        {"op": "replace", "path": "/name", "value": null},
    ]);
    let problem = read(JSON, &operations).expect_err("mistakes");
    assert_eq!(
        (problem.status().as_u16(), problem.get_code()),
        (422, Some("invalid_body"))
    );
    assert_eq!(
        errors(&problem),
        [
            ("/1/op", "missing"),
            ("/1/path", "missing"),
            ("/2/op", "invalid"),
            ("/3/op", "invalid"),
            ("/4/value", "missing"),
            ("/5/path", "invalid"),
            ("/6/path", "invalid"),
            ("/6/from", "invalid"),
            ("/7/from", "missing"),
            ("/8/op", "invalid"),
            ("/8/path", "invalid"),
            ("/9", "invalid"),
        ]
    );
    for body in [
        json!({"op": "remove", "path": "/a"}),
        json!(null),
        json!("[]"),
    ] {
        let problem = read(JSON, &body).expect_err("no list");
        assert_eq!(errors(&problem), [("", "invalid")], "{body}");
    }
}

#[test]
fn what_an_operation_does_to_a_member_is_judged_by_the_result() {
    let found = changes(
        JSON,
        &json!([
            {"op": "test", "path": "/createdAt", "value": "2026-11-20T20:00:00Z"},
            {"op": "add", "path": "/tags/-", "value": "new"},
            {"op": "remove", "path": "/rating"},
            {"op": "replace", "path": "/size/width", "value": 21},
            {"op": "replace", "path": "/priceCents", "value": 1999},
            {"op": "replace", "path": "/name", "value": "Other"},
            {"op": "replace", "path": "/name", "value": "Lamp"},
            {"op": "replace", "path": "/id", "value": 7},
        ]),
    );
    let found = found.expect("changes");
    assert_eq!(
        found.changed().collect::<Vec<_>>(),
        ["rating", "tags", "size"]
    );
    assert_eq!(found.rating, Field::Value(None));
    let size = Size {
        width: 21,
        ..lamp().size.expect("a size")
    };
    assert_eq!(found.size, Field::Value(Some(size)));
    let whole = json!([{"op": "replace", "path": "", "value": lamp()}]);
    assert!(changes(JSON, &whole).expect("changes").is_empty());
    let tests = json!([{"op": "test", "path": "/name", "value": "Lamp"}]);
    assert!(changes(JSON, &tests).expect("changes").is_empty());
}

#[test]
fn the_operation_that_is_to_blame_is_named() {
    let first = json!({"op": "replace", "path": "/priceCents", "value": 5});
    let table = [
        (
            json!({"op": "replace", "path": "/id", "value": 8}),
            "/1/value",
            "immutable",
        ),
        (
            json!({"op": "remove", "path": "/id"}),
            "/1/path",
            "immutable",
        ),
        (
            json!({"op": "copy", "from": "/priceCents", "path": "/id"}),
            "/1/path",
            "immutable",
        ),
        (
            json!({"op": "move", "from": "/createdAt", "path": "/name"}),
            "/1/from",
            "immutable",
        ),
        (
            json!({"op": "add", "path": "/colour", "value": 1}),
            "/1/value",
            "unknown",
        ),
        (
            json!({"op": "add", "path": "/version", "value": 1}),
            "/1/value",
            "unknown",
        ),
        (
            json!({"op": "remove", "path": "/name"}),
            "/1/path",
            "not_nullable",
        ),
        (
            json!({"op": "replace", "path": "/name", "value": null}),
            "/1/value",
            "not_nullable",
        ),
        (
            json!({"op": "replace", "path": "/name", "value": 5}),
            "/1/value",
            "invalid",
        ),
        (
            json!({"op": "copy", "from": "/tags", "path": "/name"}),
            "/1/path",
            "invalid",
        ),
        (
            json!({"op": "add", "path": "/tags/1", "value": 5}),
            "/1/value",
            "invalid",
        ),
        (
            json!({"op": "replace", "path": "/size", "value": {"width": 1, "height": "x"}}),
            "/1/value/height",
            "invalid",
        ),
        (
            json!({"op": "remove", "path": "/size/height"}),
            "/1/path",
            "missing",
        ),
    ];
    for (operation, place, code) in table {
        let problem = problem(JSON, &json!([first, operation]));
        assert_eq!(problem.status(), 422, "{operation}");
        assert_eq!(
            errors(&problem)[0],
            (place, code),
            "{operation}: {problem:?}"
        );
    }
    let problem = problem(JSON, &json!([{"op": "replace", "path": "", "value": []}]));
    assert_eq!(errors(&problem), [("/0/value", "invalid")]);
    let whole = json!([{"op": "replace", "path": "", "value": {"name": 5}}]);
    let problem = super::problem(JSON, &whole);
    let found = errors(&problem);
    assert!(found.contains(&("/0/value/name", "invalid")), "{found:?}");
    assert!(found.contains(&("/0/value/id", "immutable")), "{found:?}");
    let detail = problem.get_detail().unwrap_or_default();
    assert!(detail.contains("`/name`: expected"), "{detail}");
}

#[test]
fn one_failed_operation_leaves_nothing_behind() {
    let operations = json!([
        {"op": "replace", "path": "/name", "value": "Other"},
        {"op": "test", "path": "/priceCents", "value": 5},
    ]);
    let problem = problem(JSON, &operations);
    assert_eq!(
        (problem.status().as_u16(), problem.get_code()),
        (409, Some("patch_test_failed"))
    );
    assert_eq!(errors(&problem), [("/1", "patch_test_failed")]);
    assert_eq!(problem.get_extension("operation"), Some(&json!(1)));
    let detail = problem.get_detail().unwrap_or_default();
    assert!(
        detail.contains("operation 1") && detail.contains("`/priceCents`"),
        "{detail}"
    );
}
