//! Members of objects within a resource: none that its type does not know is passed over, and none
//! that its JSON does not show is lost (issue 4).

use std::collections::{BTreeMap, HashSet};

use api_patterns::patch::{Patch, PatchRequest};
use api_patterns::problem::{Problem, Validate as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{JSON, MERGE, errors};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    street_name: String,
    zip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default = "one", skip_serializing_if = "is_one")]
    flats: u8,
    #[serde(default, alias = "levels")]
    floors: u8,
}

fn one() -> u8 {
    1
}

fn is_one(number: &u8) -> bool {
    *number == 1
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Payment {
    Card {
        number: String,
    },
    Bill {
        #[serde(default, skip_serializing_if = "is_zero")]
        days: u8,
    },
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    payment: Payment,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Shape {
    Circle {
        radius: f64,
    },
    Square {
        side: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        corner: Option<f64>,
    },
}

/// Written in lower case, whatever the case it is read in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String")]
struct Lower(String);

impl From<String> for Lower {
    fn from(text: String) -> Self {
        Self(text.to_lowercase())
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
    word: Lower,
}

#[derive(Debug, Serialize, Patch)]
struct Customer {
    address: Address,
    home: Option<Address>,
    others: Vec<Address>,
    payment: Payment,
    flat: Flat,
    shape: Shape,
    point: Point,
    labels: BTreeMap<Lower, String>,
    extra: Value,
}

fn address() -> Address {
    Address {
        street_name: "High Street".to_owned(),
        zip: Some("1000".to_owned()),
        note: None,
        tags: Vec::new(),
        flats: 1,
        floors: 0,
    }
}

fn customer() -> Customer {
    Customer {
        address: address(),
        home: None,
        others: vec![address(), address()],
        payment: Payment::Card {
            number: "4".to_owned(),
        },
        flat: Flat {
            name: "a".to_owned(),
            payment: Payment::Bill { days: 0 },
        },
        shape: Shape::Square {
            side: 1.0,
            corner: None,
        },
        point: Point {
            x: 1.0,
            y: 2.5,
            word: Lower("a".to_owned()),
        },
        labels: BTreeMap::from([(Lower("a".to_owned()), "b".to_owned())]),
        extra: json!({"a": {"b": 1}}),
    }
}

fn changes(form: &str, body: &Value) -> Result<CustomerPatch, Problem> {
    let patch = PatchRequest::<Customer>::from_bytes(form, body.to_string().as_bytes());
    patch.and_then(|patch| patch.changes(&customer()))
}

fn refused(form: &str, body: &Value) -> Problem {
    let problem = changes(form, body).expect_err(&body.to_string());
    let told = (problem.status().as_u16(), problem.get_code());
    assert_eq!(told, (422, Some("invalid_body")), "{body}");
    problem
}

#[test]
fn members_that_a_nested_type_does_not_know_are_refused_at_their_pointer() {
    let whole = json!({"streetName": "S", "zip": null, "floors": 0, "steet": "x"});
    let table = [
        (json!({"address": {"steet": "x"}}), "/address/steet"),
        (
            json!({"address": {"steet": "x", "zip": "1"}}),
            "/address/steet",
        ),
        // Removing what cannot be there is the same mistake as setting it.
        (json!({"address": {"steet": null}}), "/address/steet"),
        (json!({"address": {"steet": {"a": 1}}}), "/address/steet"),
        (
            json!({"address": {"street_name": "x"}}),
            "/address/street_name",
        ),
        (json!({"address": {"a/b~": 1}}), "/address/a~1b~0"),
        (json!({"home": whole}), "/home/steet"),
        (json!({"others": [address(), whole]}), "/others/1/steet"),
        (
            json!({"payment": {"numbr": "x", "number": "5"}}),
            "/payment/numbr",
        ),
        (json!({"flat": {"nam": "x"}}), "/flat/nam"),
        (json!({"shape": {"radiu": 1}}), "/shape/radiu"),
        (json!({"point": {"z": 1}}), "/point/z"),
    ];
    for (body, place) in table {
        let problem = refused(MERGE, &body);
        assert_eq!(errors(&problem), [(place, "unknown")], "{body}");
    }
    let body = json!({"address": {"steet": 1, "ctiy": null, "zip": "2"}, "point": {"z": {}}});
    let problem = refused(MERGE, &body);
    let mut found = errors(&problem);
    found.sort_unstable();
    let expected = ["/address/ctiy", "/address/steet", "/point/z"];
    assert_eq!(found, expected.map(|place| (place, "unknown")));
    let detail = problem.get_errors()[0].get_detail();
    assert!(
        detail.contains("`floors`, `streetName`, `zip`"),
        "what is there: {detail}"
    );
}

#[test]
fn operations_that_write_what_a_nested_type_does_not_know_are_named() {
    let other = json!({"op": "replace", "path": "/address/zip", "value": "2"});
    let table = [
        (
            json!({"op": "add", "path": "/address/steet", "value": "x"}),
            "/1/value",
        ),
        (
            json!({"op": "add", "path": "/address/steet", "value": null}),
            "/1/value",
        ),
        (
            json!({"op": "copy", "from": "/address/zip", "path": "/address/steet"}),
            "/1/path",
        ),
        (
            json!({"op": "replace", "path": "/shape", "value": {"side": 1, "colour": "red"}}),
            "/1/value/colour",
        ),
        (
            json!({"op": "add", "path": "/others/0", "value": {
                "streetName": "S", "floors": 1, "steet": 1, "tags": [], "flats": 1}}),
            "/1/value/steet",
        ),
    ];
    for (operation, place) in table {
        let problem = refused(JSON, &json!([other, operation]));
        assert_eq!(errors(&problem), [(place, "unknown")], "{operation}");
    }
}

/// What reading makes of them is not what was sent, and yet they are known.
#[test]
fn members_that_are_written_in_another_way_or_not_at_all_are_known() {
    let same = [
        json!({"address": {"note": null, "tags": [], "flats": 1, "floors": 0}}),
        json!({"address": {"tags": null}, "labels": {"style": null}, "extra": {"c": null}}),
        json!({"flat": {"days": 0}, "shape": {"corner": null}}),
        json!({"point": {"x": 1, "word": "A"}}),
        json!({"others": [
            {"streetName": "High Street", "zip": "1000", "tags": [], "flats": 1, "note": null},
            {"streetName": "High Street", "zip": "1000", "levels": 0},
        ]}),
    ];
    for body in same {
        let changes = changes(MERGE, &body).unwrap_or_else(|problem| panic!("{body}: {problem}"));
        assert!(changes.is_empty(), "{body}: {changes:?}");
    }
    let other = [
        (json!({"address": {"tags": ["a"], "flats": 2}}), "address"),
        (
            json!({"address": {"tags": [], "flats": 1, "zip": null}}),
            "address",
        ),
        (json!({"labels": {"Style": "old"}}), "labels"),
        (
            json!({"extra": {"a": {"c": null, "d": {"e": []}}}}),
            "extra",
        ),
        (json!({"extra": {}}), ""),
        (json!({"extra": {"a": {"b": 1.0}}}), "extra"),
        (json!({"flat": {"days": 3}}), "flat"),
        (json!({"shape": {"corner": 0}}), "shape"),
        (json!({"point": {"x": 2, "word": "B"}}), "point"),
    ];
    for (body, member) in other {
        let changes = changes(MERGE, &body).unwrap_or_else(|problem| panic!("{body}: {problem}"));
        let changed: Vec<_> = changes.changed().collect();
        assert_eq!(changed.join(""), member, "{body}");
    }
}

/// As far as it is known without the current value.
#[test]
fn an_array_is_checked_before_the_current_value_is_known() {
    let body = json!({"others": [{"streetName": "S", "steet": 1}]});
    let patch: api_patterns::patch::MergePatch<Customer> =
        serde_json::from_value(body).expect("a patch");
    let problem = patch.validated().expect_err("unknown");
    assert_eq!(errors(&problem), [("/others/0/steet", "unknown")]);
}

#[test]
fn unknown_members_are_found_among_many_that_are_known() {
    let known = || json!({"streetName": "S", "tags": [], "flats": 1, "levels": 0});
    let mut list = vec![known(); 40];
    for nth in [3, 17, 18] {
        list[nth]["steet"] = json!(nth);
    }
    let problem = refused(MERGE, &json!({"others": list}));
    let expected = ["/others/3/steet", "/others/17/steet", "/others/18/steet"];
    assert_eq!(errors(&problem), expected.map(|place| (place, "unknown")));
    let unknown = (0..5000).map(|nth| (format!("{nth}{}", "x".repeat(200)), json!(nth)));
    let unknown = Value::Object(unknown.collect());
    let problem = refused(MERGE, &json!({"address": unknown}));
    assert_eq!(problem.get_errors().len(), 32);
    let longest = problem.get_errors().iter();
    let longest = longest.map(|error| error.get_place().len() + error.get_detail().len());
    assert!(longest.max().unwrap_or(0) < 1000);
}

/// Nested values with what JSON does not show, or does not read.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Located {
    city: String,
    #[serde(skip)]
    geocode: Option<i64>,
}

/// Not comparable.
#[derive(Serialize, Deserialize)]
struct Sized {
    width: u32,
    #[serde(skip_deserializing)]
    area: u32,
    #[serde(default)]
    names: HashSet<String>,
}

#[derive(Serialize, Patch)]
struct Shop {
    located: Located,
    maybe: Option<Located>,
    list: Vec<Located>,
    sized: Sized,
}

fn shop(geocode: Option<i64>, area: u32) -> Shop {
    let located = || Located {
        city: "A".to_owned(),
        geocode,
    };
    let names = ["a", "b", "c", "d", "e", "f", "g"].map(str::to_owned);
    Shop {
        located: located(),
        maybe: Some(located()),
        list: vec![located()],
        sized: Sized {
            width: 2,
            area,
            names: names.into(),
        },
    }
}

fn changed(current: &Shop, form: &str, body: &Value) -> Result<Vec<&'static str>, Problem> {
    let patch = PatchRequest::<Shop>::from_bytes(form, body.to_string().as_bytes())?;
    Ok(patch.changes(current)?.changed().collect())
}

#[test]
fn what_json_does_not_show_is_not_lost_by_a_change_beside_it() {
    let part = |path: &str| json!([{"op": "replace", "path": path, "value": "B"}]);
    let table = [
        (MERGE, json!({"located": {"city": "B"}}), "/located"),
        (MERGE, json!({"maybe": {"city": "B"}}), "/maybe"),
        (JSON, part("/located/city"), "/0/path"),
        (JSON, part("/list/0/city"), "/0/path"),
    ];
    for (form, body, place) in table {
        let problem = changed(&shop(Some(42), 0), form, &body).expect_err("a loss");
        assert_eq!(problem.status(), 422, "{body}");
        assert_eq!(errors(&problem), [(place, "indivisible")], "{body}");
        let names = changed(&shop(None, 0), form, &body).expect("nothing to lose");
        assert_eq!(names.len(), 1, "{body}");
    }
    let whole = json!([{"op": "replace", "path": "/located", "value": {"city": "B"}}]);
    let names = changed(&shop(Some(42), 0), JSON, &whole).expect("replaced by intent");
    assert_eq!(names, ["located"]);
    let same = json!({"located": {"city": "A"}, "maybe": null, "list": [{"city": "B"}]});
    let names = changed(&shop(Some(42), 0), MERGE, &same).expect("nothing is merged");
    assert_eq!(names, ["maybe", "list"]);
}

#[test]
fn what_json_shows_but_does_not_read_is_not_lost_either() {
    let width = json!({"sized": {"width": 3}});
    let problem = changed(&shop(None, 4), MERGE, &width).expect_err("a loss");
    assert_eq!(errors(&problem), [("/sized", "indivisible")]);
    assert_eq!(
        changed(&shop(None, 0), MERGE, &width).ok(),
        Some(vec!["sized"])
    );
    let area = json!({"sized": {"area": 5}});
    let problem = changed(&shop(None, 4), MERGE, &area).expect_err("not read");
    assert_eq!(errors(&problem), [("/sized/area", "immutable")]);
    let list = json!([{"op": "replace", "path": "/sized/area", "value": 5}]);
    let problem = changed(&shop(None, 0), JSON, &list).expect_err("not read");
    assert_eq!(errors(&problem), [("/0/value", "immutable")]);
}
