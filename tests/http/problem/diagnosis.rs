//! All data errors of a body at once.

use std::collections::HashMap;

use api_patterns::problem::{Json, Problem};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

fn problem<T: DeserializeOwned>(body: &str) -> Problem {
    match Json::<T>::from_bytes(body.as_bytes()) {
        Ok(_) => panic!("{body} was accepted"),
        Err(problem) => problem,
    }
}

/// `pointer: detail` of each error.
fn errors<T: DeserializeOwned>(body: &str) -> Vec<String> {
    let problem = problem::<T>(body);
    assert_eq!(problem.status().as_u16(), 422, "{body}");
    assert_eq!(problem.get_code(), Some("invalid_body"));
    let errors = problem.get_errors().iter();
    errors
        .map(|error| format!("{}: {}", error.get_place(), error.get_detail()))
        .collect()
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Product {
    name: String,
    price: i64,
    rating: Option<f64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(rename = "made/by", alias = "maker")]
    maker: Maker,
    kind: Kind,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Maker {
    id: Uuid,
    country: [char; 2],
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Kind {
    Plain,
    Sized { width: u8, height: u8 },
    Pair(u8, bool),
    Nested(Box<Kind>),
}

#[test]
fn wrong_and_missing_members_are_reported_together() {
    assert_eq!(
        errors::<Product>(
            r#"{"name": 5, "rating": "good", "tags": ["a", 1, null], "kind": "plain"}"#
        ),
        [
            "/made~1by: is missing",
            "/name: expected a string, found the number 5",
            "/price: is missing",
            "/rating: expected a number, found the string \"good\"",
            "/tags/1: expected a string, found the number 1",
            "/tags/2: expected a string, found null",
        ]
    );
}

#[test]
fn nested_members_and_refused_values_are_reported_together() {
    let body = r#"{"name": "é", "price": 1.5, "made/by": {"id": "x", "country": ["D"]}, "kind": {"sized": {"width": 256}}}"#;
    assert_eq!(
        errors::<Product>(body),
        [
            "/kind/sized/height: is missing",
            "/kind/sized/width: expected an integer from 0 to 255, found the number 256",
            "/made~1by/country: expected an array of 2 elements, found one of 1",
            "/made~1by/id: UUID parsing failed: invalid character: found `x` at 0",
            "/price: expected a 64-bit integer, found the number 1.5",
        ]
    );
}

#[test]
fn an_alias_is_not_missing() {
    let maker = r#"{"id": "00000000-0000-0000-0000-000000000000", "country": ["D", "E"]}"#;
    let one = format!(r#"{{"price": 1, "kind": "plain", "maker": {maker}}}"#);
    assert_eq!(errors::<Product>(&one), ["/name: is missing"]);
    // The second needs `made/by`, which the first has under its other name.
    let two = format!(r#"[{one}, {{"name": "a", "price": 1, "kind": "plain"}}, {one}]"#);
    assert_eq!(
        errors::<Vec<Product>>(&two),
        [
            "/0/name: is missing",
            "/1/made~1by: is missing",
            "/2/name: is missing"
        ]
    );
}

#[test]
fn variants_are_checked_inside() {
    let table: [(&str, &[&str]); 8] = [
        (
            r#""huge""#,
            &[": expected `plain`, `sized`, `pair` or `nested`, found \"huge\""],
        ),
        (
            r#"{"plain": 1}"#,
            &["/plain: expected null, found the number 1"],
        ),
        (
            r#"{"pair": [256, 1]}"#,
            &[
                "/pair/0: expected an integer from 0 to 255, found the number 256",
                "/pair/1: expected true or false, found the number 1",
            ],
        ),
        (
            r#"{"pair": []}"#,
            &["/pair: expected an array of 2 elements, found one of 0"],
        ),
        (
            r#""pair""#,
            &[": expected an object with the single member \"pair\", found the string \"pair\""],
        ),
        (
            r#"{"nested": {"nested": {"sized": 1}}}"#,
            &["/nested/nested/sized: expected an object, found the number 1"],
        ),
        (
            r#"{"a": 1, "b": 2}"#,
            &[": expected a string, or an object with a single member, found an object"],
        ),
        (
            "[]",
            &[": expected a string, or an object with a single member, found an array"],
        ),
    ];
    for (body, expected) in table {
        assert_eq!(errors::<Kind>(body), expected, "{body}");
    }
}

#[test]
fn unknown_members_are_reported_where_they_are_denied() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Strict {
        a: u8,
        b: u8,
    }
    assert_eq!(
        errors::<Strict>(r#"{"a": "1", "x": {"deep": [1]}, "b~": 1, "b": null}"#),
        [
            "/a: expected an integer from 0 to 255, found the string \"1\"",
            "/b: expected an integer from 0 to 255, found null",
            "/b~0: is not known here; expected `a` or `b`",
            "/x: is not known here; expected `a` or `b`",
        ]
    );
}

#[test]
fn what_comes_after_a_data_error_has_to_be_json() {
    let problem = problem::<Product>(r#"{"name": 5, "price" 1}"#);
    assert_eq!(problem.status().as_u16(), 400);
    assert_eq!(problem.get_code(), Some("malformed_json"));
}

#[test]
fn a_member_given_twice_is_reported_in_serdes_words() {
    let problem = problem::<HashMap<String, Maker>>(r#"{"a": {"id": "x", "id": "y"}}"#);
    assert_eq!(problem.status().as_u16(), 422);
    assert!(!problem.get_errors().is_empty());
    let problem = self::problem::<Twice>(r#"{"a": 1, "a": 2}"#);
    assert_eq!(
        problem.get_detail(),
        Some("duplicate field `a` at line 1 column 12")
    );
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Twice {
    a: u8,
}

#[test]
fn types_with_their_own_idea_are_reported_as_a_whole() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "(u8, u8)")]
    struct Range;
    impl TryFrom<(u8, u8)> for Range {
        type Error = String;

        fn try_from((from, to): (u8, u8)) -> Result<Self, String> {
            (from < to)
                .then_some(Self)
                .ok_or_else(|| format!("{from} is not below {to}"))
        }
    }
    #[derive(Debug, Deserialize)]
    #[serde(tag = "type")]
    #[allow(dead_code)]
    enum Tagged {
        A { x: u8 },
    }
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Untagged {
        Number(u8),
        Flag(bool),
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct All {
        range: Range,
        wrong: Range,
        tagged: Tagged,
        untagged: Untagged,
        optional: Option<Tagged>,
        plain: bool,
        #[serde(flatten)]
        rest: Rest,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Rest {
        inner: u8,
    }
    assert_eq!(
        errors::<All>(
            r#"{"range": [2, 1], "wrong": ["x", 1], "tagged": {"type": "A", "x": "1"},
                "untagged": "x", "optional": {"type": "B"}, "plain": 0, "inner": 1}"#
        ),
        [
            "/optional/type: expected `A`, found \"B\"",
            "/plain: expected true or false, found the number 0",
            "/range: 2 is not below 1",
            "/tagged: invalid type: string \"1\", expected u8",
            "/untagged: data did not match any variant of untagged enum Untagged",
            "/wrong/0: expected an integer from 0 to 255, found the string \"x\"",
        ]
    );
    let body = r#"{"range": [1, 2], "wrong": [1, 2], "tagged": {"type": "A"}, "untagged": 1, "plain": true}"#;
    // That `inner` is missing is only seen where there is something to stand in for `tagged`.
    assert_eq!(errors::<All>(body), ["/tagged/x: is missing"]);
}

#[test]
fn names_of_maps_are_values_too() {
    assert_eq!(
        errors::<HashMap<u8, bool>>(r#"{"1": true, "x": false, "2": 2}"#),
        [
            "/2: expected true or false, found the number 2",
            "/x: expected an integer from 0 to 255, found \"x\"",
        ]
    );
    assert_eq!(
        errors::<HashMap<Uuid, u8>>(r#"{"x": 1, "00000000-0000-0000-0000-000000000000": "1"}"#),
        [
            "/00000000-0000-0000-0000-000000000000: expected an integer from 0 to 255, found the string \"1\"",
            "/x: UUID parsing failed: invalid character: found `x` at 0",
        ]
    );
}

#[test]
fn the_whole_document_may_be_wrong() {
    assert_eq!(
        errors::<Vec<u8>>("{}"),
        [": expected an array, found an object"]
    );
    assert_eq!(
        errors::<u8>("null"),
        [": expected an integer from 0 to 255, found null"]
    );
    assert_eq!(errors::<()>("0"), [": expected null, found the number 0"]);
    assert_eq!(
        errors::<Twice>("[]"),
        [": expected an object, found an array"]
    );
    assert_eq!(
        problem::<u8>("null").get_detail(),
        Some("the whole: expected an integer from 0 to 255, found null")
    );
}

/// The places where an array stands in for a struct, in a body with no other mistake.
fn arrays<T: DeserializeOwned>(body: &str) -> Vec<String> {
    assert!(serde_json::from_str::<T>(body).is_ok(), "{body}");
    let errors = errors::<T>(body).into_iter().map(|error| {
        let place = error.strip_suffix(": expected an object, found an array");
        place.unwrap_or_else(|| panic!("{error}")).to_owned()
    });
    errors.collect()
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Point {
    x: u8,
    y: u8,
}

#[test]
fn an_array_is_no_struct_at_any_depth() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Wrapped(Point);
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code)]
    enum Shape {
        Dot(Point),
        Line(Point, Point),
        Circle { centre: Point, radius: u8 },
    }
    #[derive(Debug, Deserialize)]
    #[serde(tag = "is", content = "of")]
    #[allow(dead_code)]
    enum Adjacent {
        Dot(Point),
    }
    assert_eq!(arrays::<Point>("[1, 2]"), [""]);
    assert_eq!(arrays::<Option<Box<Wrapped>>>("[1, 2]"), [""]);
    assert_eq!(
        arrays::<Vec<Point>>(r#"[[1, 2], {"x": 1, "y": 2}, [3, 4]]"#),
        ["/0", "/2"]
    );
    assert_eq!(
        arrays::<HashMap<String, (u8, Point)>>(r#"{"a/b": [1, [1, 2]]}"#),
        ["/a~1b/1"]
    );
    assert_eq!(
        arrays::<Vec<Shape>>(
            r#"[{"dot": [1, 2]}, {"line": [[1, 2], {"x": 1, "y": 2}]},
                {"circle": [{"x": 1, "y": 2}, 3]}, {"circle": {"centre": [1, 2], "radius": 3}}]"#
        ),
        ["/0/dot", "/1/line/0", "/2/circle", "/3/circle/centre"]
    );
    assert_eq!(
        arrays::<Adjacent>(r#"{"is": "Dot", "of": [1, 2]}"#),
        ["/of"]
    );
    assert_eq!(arrays::<Adjacent>(r#"["Dot", {"x": 1, "y": 2}]"#), [""]);
}

#[test]
fn an_array_that_is_no_struct_does_not_hide_other_errors() {
    assert_eq!(
        errors::<HashMap<String, Point>>(r#"{"a": [1, "2"], "b": {"x": "1"}, "c": []}"#),
        [
            "/a: expected an object, found an array",
            "/b/x: expected an integer from 0 to 255, found the string \"1\"",
            "/b/y: is missing",
            "/c: expected an object, found an array",
        ]
    );
}

#[test]
fn arrays_are_read_where_they_are_asked_for() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Pair(u8, Option<char>);
    #[derive(Debug, Deserialize)]
    struct All {
        pair: Pair,
        list: Vec<(i8, f64)>,
        grid: [[u8; 2]; 2],
        raw: Box<RawValue>,
        any: serde_json::Value,
    }
    let body = br#"{"pair": [1, "a"], "list": [[-1, 2.5]], "grid": [[1, 2], [3, 4]],
        "raw": [[1]], "any": [[1]]}"#;
    let Json(all) = Json::<All>::from_bytes(body).expect("every array is asked for");
    assert_eq!(all.pair, Pair(1, Some('a')));
    assert_eq!(all.list, [(-1, 2.5)]);
    assert_eq!(all.grid, [[1, 2], [3, 4]]);
    assert_eq!(all.raw.get(), "[[1]]");
    assert_eq!(all.any, serde_json::json!([[1]]));
}

#[test]
fn members_beyond_64_bits_are_no_errors() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Wide {
        a: u128,
        b: i128,
        c: u8,
    }
    let body = format!(
        r#"{{"a": {}, "b": {}, "c": 300}}"#,
        u64::MAX as u128 + 1,
        i64::MIN as i128 - 1
    );
    assert_eq!(
        errors::<Wide>(&body),
        ["/c: expected an integer from 0 to 255, found the number 300"]
    );
}

#[test]
fn many_errors_are_cut() {
    let body = format!("[{}]", vec!["\"x\""; 100_000].join(","));
    assert_eq!(errors::<Vec<u8>>(&body).len(), 32);
    let body = format!("[{}]", vec!["{}"; 100_000].join(","));
    assert_eq!(errors::<Vec<Product>>(&body).len(), 32);
    let members: Vec<_> = (0..1000).map(|nth| format!("\"{nth}\": \"x\"")).collect();
    let body = format!("{{{}}}", members.join(","));
    assert_eq!(
        errors::<HashMap<u32, Uuid>>(&body)[0].split(':').next(),
        Some("/0")
    );
    let long = format!(
        r#"{{"a": "{}", "{}": 1}}"#,
        "é".repeat(10_000),
        "x".repeat(10_000)
    );
    assert!(
        errors::<HashMap<String, u8>>(&long)
            .iter()
            .all(|error| error.len() < 600)
    );
}

#[test]
fn types_that_contain_themselves_end() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    enum Tree {
        Node(Box<Tree>, Box<Tree>),
        Leaf,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Chain {
        next: Box<Chain>,
        value: u8,
    }
    assert_eq!(
        errors::<Vec<Tree>>(r#"["Leaf", 5, {"Node": ["Leaf", 1]}]"#)[0]
            .split(':')
            .next(),
        Some("/1")
    );
    assert!(!errors::<Chain>("{}").is_empty());
}

/// With `raw_value` on, as here, such a member made `Value` parse its text as a document of its own.
#[test]
fn names_that_serde_json_keeps_for_itself_are_refused() {
    #[derive(Debug, serde::Deserialize)]
    struct Free {
        #[allow(dead_code)]
        payload: serde_json::Value,
    }
    let nested = (0..5000).fold("1".to_owned(), |inside, _| {
        let escaped = inside.replace('\\', "\\u005c").replace('"', "\\u0022");
        match escaped.len() {
            0..100_000 => format!("{{\"$serde_json::private::RawValue\":\"{escaped}\"}}"),
            _ => inside,
        }
    });
    for (name, value) in [
        ("payload", nested.as_str()),
        ("payload", "{\"\\u0024serde_json::private::Number\":\"x\"}"),
    ] {
        let body = format!("{{\"{name}\":{value}}}");
        let problem = problem::<Free>(&body);
        assert_eq!(problem.status().as_u16(), 422);
        assert!(
            problem
                .get_detail()
                .is_some_and(|detail| detail.contains("reserved"))
        );
        // The body is of the wrong type, too, and is not taken apart.
        assert_eq!(self::problem::<u8>(&body).status().as_u16(), 422);
    }
}
