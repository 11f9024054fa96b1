//! Patches against plain implementations of both RFCs.

use api_patterns::patch::{JsonPatch, MergePatch};
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use serde_json::{Map, Value, json};

use super::{JSON, MERGE, changes, lamp};

/// Few names, so that patches meet documents.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a"),
        Just("b"),
        Just("0"),
        Just("1"),
        Just(""),
        Just("a/b"),
        Just("~")
    ]
    .prop_map(str::to_owned)
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2_i64..3).prop_map(Value::from),
        (-2_i32..3).prop_map(|n| Value::from(f64::from(n) / 2.0)),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(name(), inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn pointer() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        4 => name(),
        1 => prop_oneof![Just("-"), Just("2"), Just("01"), Just("+1")].prop_map(str::to_owned),
    ];
    vec(token, 0..4).prop_map(|tokens| {
        let encoded = tokens
            .iter()
            .map(|token| token.replace('~', "~0").replace('/', "~1"));
        encoded.map(|token| format!("/{token}")).collect()
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop_oneof![
        Just("add"),
        Just("remove"),
        Just("replace"),
        Just("move"),
        Just("copy"),
        Just("test"),
    ];
    (op, pointer(), pointer(), document()).prop_map(
        |(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}),
    )
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
        if value.is_null() {
            target.remove(name);
        } else {
            let before = target.remove(name).unwrap_or_default();
            target.insert(name.clone(), merged(before, value));
        }
    }
    Value::Object(target)
}

/// RFC 6902 §4, without any care for cost.
fn applied(document: &Value, operation: &Value) -> Option<Value> {
    let text = |name: &str| operation[name].as_str().expect("text");
    let path = tokens(text("path"));
    match text("op") {
        "add" => put(document, &path, &operation["value"]),
        "remove" => without(document, &path),
        "replace" => {
            get(document, &path)?;
            match path.is_empty() {
                true => Some(operation["value"].clone()),
                false => put(&without(document, &path)?, &path, &operation["value"]),
            }
        }
        "copy" => put(document, &path, get(document, &tokens(text("from")))?),
        "move" => {
            let from = tokens(text("from"));
            let value = get(document, &from)?;
            let into_itself = path.len() > from.len() && path.starts_with(&from);
            (!into_itself).then(|| put(&without(document, &from)?, &path, value))?
        }
        _ => same(get(document, &path)?, &operation["value"]).then(|| document.clone()),
    }
}

fn tokens(pointer: &str) -> Vec<String> {
    let tokens = pointer.split('/').skip(1);
    tokens
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect()
}

fn index(token: &str, bound: usize) -> Option<usize> {
    let number: usize = token.parse().ok()?;
    (number.to_string() == token && number < bound).then_some(number)
}

fn get<'a>(document: &'a Value, path: &[String]) -> Option<&'a Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(document);
    };
    let inner = match document {
        Value::Object(members) => members.get(first)?,
        Value::Array(values) => &values[index(first, values.len())?],
        _ => return None,
    };
    get(inner, rest)
}

/// The document with what is at `path` made of what was there.
fn changed(
    document: &Value,
    path: &[String],
    change: &dyn Fn(&Value, &str) -> Option<Value>,
) -> Option<Value> {
    match path {
        [] => None,
        [last] => change(document, last),
        [first, rest @ ..] => {
            let inner = changed(get(document, std::slice::from_ref(first))?, rest, change)?;
            let mut document = document.clone();
            match &mut document {
                Value::Object(members) => drop(members.insert(first.clone(), inner)),
                Value::Array(values) => *values.get_mut(first.parse::<usize>().ok()?)? = inner,
                _ => return None,
            }
            Some(document)
        }
    }
}

fn put(document: &Value, path: &[String], value: &Value) -> Option<Value> {
    if path.is_empty() {
        return Some(value.clone());
    }
    changed(document, path, &|parent, last| {
        let mut parent = parent.clone();
        match &mut parent {
            Value::Object(members) => drop(members.insert(last.to_owned(), value.clone())),
            Value::Array(values) if last == "-" => values.push(value.clone()),
            Value::Array(values) => values.insert(index(last, values.len() + 1)?, value.clone()),
            _ => return None,
        }
        Some(parent)
    })
}

fn without(document: &Value, path: &[String]) -> Option<Value> {
    changed(document, path, &|parent, last| {
        let mut parent = parent.clone();
        match &mut parent {
            Value::Object(members) => drop(members.remove(last)?),
            Value::Array(values) => drop(values.remove(index(last, values.len())?)),
            _ => return None,
        }
        Some(parent)
    })
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// A patch of the lamp, mostly one that fits.
fn members() -> impl Strategy<Value = Value> {
    let name = prop_oneof!["[a-z]{1,3}".prop_map(Value::from), Just(json!("Lamp"))];
    let text = prop_oneof!["[a-z]{0,2}".prop_map(Value::from), Just(Value::Null)];
    let rating = prop_oneof![
        (0..3).prop_map(Value::from),
        Just(Value::Null),
        Just(json!(8))
    ];
    let labels = btree_map("colour|size", text.clone(), 0..3);
    let labels = labels.prop_map(|labels| Value::Object(labels.into_iter().collect()));
    let size = prop_oneof![
        Just(Value::Null),
        (0..3).prop_map(|width| json!({"width": width, "unit": null})),
        Just(json!({"width": 20, "height": 50})),
    ];
    let member = prop_oneof![
        name.prop_map(|value| ("name", value)),
        text.prop_map(|value| ("description", value)),
        rating.prop_map(|value| ("rating", value)),
        labels.prop_map(|value| ("labels", value)),
        size.prop_map(|value| ("size", value)),
        vec("[a-z]", 0..2).prop_map(|tags| ("tags", tags.into())),
    ];
    vec(member, 1..5).prop_map(|members| {
        let members = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Value::Object(members.collect())
    })
}

/// `rating` as the struct writes it, and the members that it writes where they are null.
fn written(mut document: Value) -> Value {
    for name in ["description", "rating", "size"] {
        document[name] = document[name].take();
    }
    if let Some(rating) = document["rating"].as_f64() {
        document["rating"] = json!(rating);
    }
    if document["size"].is_object() {
        document["size"]["unit"] = document["size"]["unit"].take();
    }
    document
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_merge_is_that_of_the_rfc(document in document(), patch in document()) {
        let merge: MergePatch = serde_json::from_value(patch.clone()).expect("any JSON");
        assert_eq!(merge.apply(document.clone()), merged(document, &patch));
    }

    #[test]
    fn operations_are_those_of_the_rfc(
        document in document(),
        operations in vec(operation(), 1..5),
    ) {
        let expected = operations.iter().try_fold(document.clone(), |document, operation| {
            applied(&document, operation)
        });
        let patch: JsonPatch = serde_json::from_value(operations.into()).expect("any JSON");
        let found = patch.apply(document);
        if let Err(problem) = &found {
            assert!([409, 422].contains(&problem.status().as_u16()), "{problem:?}");
        }
        assert_eq!(found.ok(), expected);
    }

    #[test]
    fn changes_make_the_resource_what_the_merge_makes_of_its_document(patch in members()) {
        let before = serde_json::to_value(lamp()).expect("JSON");
        let expected = written(merged(before.clone(), &patch));
        let changes = changes(MERGE, &patch).expect("changes");
        let changed: Vec<_> = changes.changed().collect();
        let mut after = lamp();
        changes.apply_to(&mut after);
        let after = serde_json::to_value(after).expect("JSON");
        assert_eq!(after, expected);
        let differing: Vec<_> = ["name", "description", "rating", "tags", "size", "labels"]
            .into_iter()
            .filter(|name| before[name] != after[name])
            .collect();
        assert_eq!(changed, differing);
    }

    #[test]
    fn both_forms_of_a_patch_change_the_same(patch in members()) {
        let before = serde_json::to_value(lamp()).expect("JSON");
        let after = merged(before, &patch);
        let members = patch.as_object().expect("an object").keys();
        let operations = members.map(|name| match after.get(name) {
            Some(value) => json!({"op": "replace", "path": format!("/{name}"), "value": value}),
            None => json!({"op": "remove", "path": format!("/{name}")}),
        });
        let operations = Value::Array(operations.collect());
        let merge = changes(MERGE, &patch).expect("changes");
        assert_eq!(changes(JSON, &operations).expect("changes"), merge);
    }
}
