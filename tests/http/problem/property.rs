//! For any body and any type: no panic, the same verdict as serde's but for arrays in place of
//! structs, and no error that is none.

use std::collections::{BTreeMap, HashMap};

use api_patterns::problem::Json;
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Record {
    a: u8,
    #[serde(default)]
    b: Option<String>,
    c: Vec<Record>,
    d: Shape,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Strict {
    a: f64,
    b: Option<Uuid>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum Shape {
    A,
    B(u8),
    C { a: bool },
    D(i8, String),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "a", rename_all = "lowercase")]
#[allow(dead_code)]
enum Tagged {
    A { b: u8 },
    B,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Untagged {
    Number(i64),
    Record(Box<Record>),
    Strict(Strict),
}

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    rest: HashMap<String, Value>,
}

/// Few names, so that documents often fit a type in part.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-300_i64..300).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e3..1e3).prop_map(|number: f64| Value::from(number)),
        "[a-d]{0,2}".prop_map(Value::from),
        Just(json!("00000000-0000-0000-0000-000000000000")),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        let name = prop_oneof![4 => "[a-d]", 1 => any::<String>()];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A document that may or may not be a `T`, beside a member that is wrong for certain.
#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Beside<T> {
    checked: T,
    wrong: u8,
}

fn holds<T: DeserializeOwned>(document: &Value) {
    let body = document.to_string();
    let by_serde = serde_json::from_str::<T>(&body).is_ok();
    let outcome = Json::<T>::from_bytes(body.as_bytes());
    let accepted = outcome.is_ok();
    if let Err(problem) = outcome {
        let errors = problem.get_errors();
        let is_array = |detail| detail == "expected an object, found an array";
        let only_arrays = errors.iter().all(|error| is_array(error.get_detail()));
        assert_eq!(problem.status().as_u16(), 422, "{body}");
        assert!(!errors.is_empty(), "{body}: {problem:?}");
        assert!(!by_serde || only_arrays, "{body}: {problem:?}");
    } else {
        assert!(by_serde, "{body}");
    }
    let body = json!({ "checked": document, "wrong": "x" }).to_string();
    let problem = Json::<Beside<T>>::from_bytes(body.as_bytes())
        .err()
        .expect("wrong for certain");
    let places: Vec<_> = problem
        .get_errors()
        .iter()
        .map(|error| error.get_place())
        .collect();
    if accepted {
        assert_eq!(places, ["/wrong"], "{body}");
    } else {
        assert!(places[0].starts_with("/checked"), "{body}: {places:?}");
    }
}

proptest! {
    #[test]
    fn the_verdict_is_serdes_but_for_arrays_and_nothing_else_is_reported(document in document()) {
        holds::<Record>(&document);
        holds::<Strict>(&document);
        holds::<Shape>(&document);
        holds::<Tagged>(&document);
        holds::<Untagged>(&document);
        holds::<Flat>(&document);
        holds::<Value>(&document);
        holds::<Vec<Option<Shape>>>(&document);
        holds::<HashMap<String, Strict>>(&document);
        holds::<BTreeMap<i16, (u8, char)>>(&document);
        holds::<(u64, f32, Option<()>)>(&document);
        holds::<[String; 3]>(&document);
    }

    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Err(problem) = Json::<Record>::from_bytes(&body) {
            assert!([400, 422].contains(&problem.status().as_u16()));
        }
    }
}
