//! Merge patches (RFC 7396).

use api_patterns::patch::{Field, MergePatch, Patch, PatchRequest};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::{MERGE, Product, Size, changes, errors, lamp, problem, read};

/// RFC 7396, appendix A: the original, the patch, the result.
#[test]
fn the_table_of_the_rfc_holds() {
    let table = [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (
            json!({"a": "b"}),
            json!({"b": "c"}),
            json!({"a": "b", "b": "c"}),
        ),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (
            json!({"a": "b", "b": "c"}),
            json!({"a": null}),
            json!({"b": "c"}),
        ),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (
            json!({"a": {"b": "c"}}),
            json!({"a": {"b": "d", "c": null}}),
            json!({"a": {"b": "d"}}),
        ),
        (
            json!({"a": [{"b": "c"}]}),
            json!({"a": [1]}),
            json!({"a": [1]}),
        ),
        (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
        (json!({"a": "b"}), json!(["c"]), json!(["c"])),
        (json!({"a": "foo"}), json!(null), json!(null)),
        (json!({"a": "foo"}), json!("bar"), json!("bar")),
        (
            json!({"e": null}),
            json!({"a": 1}),
            json!({"e": null, "a": 1}),
        ),
        (
            json!([1, 2]),
            json!({"a": "b", "c": null}),
            json!({"a": "b"}),
        ),
        (
            json!({}),
            json!({"a": {"bb": {"ccc": null}}}),
            json!({"a": {"bb": {}}}),
        ),
    ];
    for (original, patch, result) in table {
        let merge: MergePatch = serde_json::from_value(patch.clone()).expect("any JSON");
        assert_eq!(
            merge.apply(original.clone()),
            result,
            "{original} + {patch}"
        );
    }
}

#[test]
fn only_what_differs_is_changed() {
    let same = json!({
        "name": "Lamp", "description": "It bends.", "priceCents": 1999, "rating": 8,
        "tags": ["light", "desk"], "size": {"width": 20}, "labels": {}, "on_sale": true,
    });
    let same = changes(MERGE, &same).expect("changes");
    assert!(same.is_empty(), "{same:?}");
    let one = changes(MERGE, &json!({"name": "Lamp", "priceCents": 2000})).expect("changes");
    assert_eq!(one.changed().collect::<Vec<_>>(), ["priceCents"]);
}

#[test]
fn objects_are_merged_and_everything_else_is_replaced() {
    let patch = json!({
        "size": {"height": 60, "unit": null}, "labels": {"colour": null, "style": "old"},
        "tags": ["new"],
    });
    let found = changes(MERGE, &patch).expect("changes");
    let size = Size {
        width: 20,
        height: 60,
        unit: None,
    };
    assert_eq!(found.size, Field::Value(Some(size)));
    assert_eq!(found.tags, Field::Value(vec!["new".to_owned()]));
    let labels = found.labels.into_value().expect("a value");
    assert_eq!(
        labels.into_iter().collect::<Vec<_>>(),
        [("style".to_owned(), "old".to_owned())]
    );
    let found = changes(MERGE, &json!({"size": null})).expect("changes");
    assert_eq!(found.size, Field::Value(None));
}

#[test]
fn an_object_where_nothing_is_must_be_whole() {
    let mut bare = lamp();
    bare.size = None;
    let patch = read(MERGE, &json!({"size": {"width": 1}})).expect("known with the value only");
    let problem = patch.changes(&bare).expect_err("no height");
    assert_eq!(errors(&problem), [("/size/height", "missing")]);
    let patch = read(
        MERGE,
        &json!({"size": {"width": 1, "height": 2, "unit": null}}),
    );
    let changes = patch.expect("a patch").changes(&bare).expect("changes");
    assert!(matches!(
        changes.size,
        Field::Value(Some(Size { unit: None, .. }))
    ));
}

#[test]
fn all_mistakes_are_told_at_once_with_what_is_allowed() {
    let patch = json!({
        "id": 7, "colour": "red", "version": 4, "name": null, "priceCents": "5", "tags": ["a", 1, 2],
        "createdAt": "now", "description": 5, "a/b~c": 1, "on_sale": null,
    });
    let problem = problem(MERGE, &patch);
    assert_eq!(
        (problem.status().as_u16(), problem.get_code()),
        (422, Some("invalid_body"))
    );
    let mut found = errors(&problem);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("/a~1b~0c", "unknown"),
            ("/colour", "unknown"),
            ("/createdAt", "immutable"),
            ("/description", "invalid"),
            ("/id", "immutable"),
            ("/name", "not_nullable"),
            ("/on_sale", "not_nullable"),
            ("/priceCents", "invalid"),
            ("/tags/1", "invalid"),
            ("/tags/2", "invalid"),
            ("/version", "unknown"),
        ]
    );
    let names =
        "`name`, `description`, `priceCents`, `rating`, `tags`, `size`, `labels`, `on_sale`";
    for error in problem.get_errors() {
        let is_about_names = matches!(error.get_code(), Some("unknown" | "immutable"));
        assert_eq!(
            error.get_detail().contains(names),
            is_about_names,
            "{error:?}"
        );
    }
    let detail = problem.get_detail().unwrap_or_default();
    assert!(detail.contains(names), "{detail}");
    assert!(detail.ends_with("(and 10 more errors)"), "{detail}");
}

#[test]
fn what_is_wrong_within_an_object_is_found_with_the_current_value() {
    let patch =
        json!({"size": {"width": -1, "height": "tall"}, "labels": {"a": 1}, "name": {"x": 1}});
    let patch = read(MERGE, &patch).expect("objects are merged later");
    let problem = patch.changes(&lamp()).expect_err("mistakes");
    let mut found = errors(&problem);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("/labels/a", "invalid"),
            ("/name", "invalid"),
            ("/size/height", "invalid"),
            ("/size/width", "invalid"),
        ]
    );
}

/// serde reads a struct from an array, too.
#[test]
fn an_array_is_no_object() {
    let problem = problem(MERGE, &json!({"size": [1, 2, null]}));
    assert_eq!(errors(&problem), [("/size", "invalid")]);
}

#[test]
fn what_is_no_object_is_no_patch() {
    for body in [json!(null), json!(5), json!("a"), json!(["c"]), json!([])] {
        let problem = read(MERGE, &body).expect_err("no object");
        assert_eq!(
            (problem.status().as_u16(), problem.get_code()),
            (422, Some("invalid_body"))
        );
        assert_eq!(errors(&problem), [("", "invalid")], "{body}");
        let detail = problem.get_detail().unwrap_or_default();
        assert!(detail.contains("expected an object, found"), "{detail}");
    }
}

#[test]
fn long_names_and_many_mistakes_are_cut() {
    let many = (0..1000).map(|nth| (format!("{nth}{}", "x".repeat(500)), json!(1)));
    let problem = problem(MERGE, &Value::Object(many.collect()));
    assert_eq!(problem.get_errors().len(), 32);
    assert!(
        problem
            .get_errors()
            .iter()
            .all(|error| error.get_place().chars().count() < 140)
    );
    let detail = problem.get_detail().unwrap_or_default();
    assert!(detail.ends_with("(and 999 more errors)"), "{detail}");
}

/// The forms of serialization that serde knows for a field.
#[derive(Debug, Serialize, Patch)]
struct Forms {
    #[serde(with = "halved")]
    both: i64,
    #[serde(serialize_with = "as_text")]
    out: u8,
    #[serde(with = "halved_or_null")]
    maybe: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sparse: Option<i64>,
    #[serde(rename(serialize = "seen", deserialize = "unseen"))]
    renamed: i64,
    #[serde(skip_deserializing)]
    derived: i64,
    #[serde(alias = "other")]
    r#type: i64,
}

mod halved {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &i64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(*value / 2)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
        i64::deserialize(deserializer).map(|half| half * 2)
    }
}

mod halved_or_null {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(
        value: &Option<i64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(|value| value / 2).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<i64>, D::Error> {
        let half = Option::<i64>::deserialize(deserializer)?;
        Ok(half.map(|half| half * 2))
    }
}

fn as_text<S: Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[test]
fn values_are_read_and_compared_in_the_form_that_serde_gives_them() {
    let current = || Forms {
        both: 10,
        out: 3,
        maybe: Some(8),
        sparse: None,
        renamed: 1,
        derived: 1,
        r#type: 1,
    };
    let changes = |body: Value| {
        let patch = PatchRequest::<Forms>::from_bytes(MERGE, body.to_string().as_bytes());
        patch.and_then(|patch| patch.changes(&current()))
    };
    let same =
        changes(json!({"both": 5, "out": 3, "maybe": 4, "sparse": null, "seen": 1, "type": 1}));
    assert!(same.expect("changes").is_empty());
    let found =
        changes(json!({"both": 6, "out": 4, "maybe": null, "sparse": 2, "seen": 2, "type": 2}));
    let found = found.expect("changes");
    let expected = FormsPatch {
        both: Field::Value(12),
        out: Field::Value(4),
        maybe: Field::Value(None),
        sparse: Field::Value(Some(2)),
        renamed: Field::Value(2),
        r#type: Field::Value(2),
    };
    assert_eq!(found, expected);
    for body in [
        json!({"derived": 1}),
        json!({"unseen": 1}),
        json!({"other": 1}),
    ] {
        assert_eq!(changes(body).expect_err("refused").status(), 422);
    }
}

/// Not `Clone`, not `Debug`, not comparable.
#[derive(Serialize, Deserialize)]
struct Opaque(u8);

#[derive(Serialize, Patch)]
struct Holder {
    held: Opaque,
    other: Option<Opaque>,
}

#[test]
fn fields_need_nothing_but_serde() {
    let current = Holder {
        held: Opaque(1),
        other: None,
    };
    let patch = PatchRequest::<Holder>::from_bytes(MERGE, br#"{"held": 1, "other": 2}"#);
    let changes = patch.expect("a patch").changes(&current).expect("changes");
    assert!(changes.held.is_absent());
    assert_eq!(
        changes
            .other
            .value()
            .and_then(Option::as_ref)
            .map(|value| value.0),
        Some(2)
    );
}

/// A resource whose JSON fails, or is no object.
#[test]
fn a_resource_without_a_document_is_our_own_mistake() {
    #[derive(Patch)]
    struct Bare {
        name: String,
    }
    impl Serialize for Bare {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.name.serialize(serializer)
        }
    }
    let patch = PatchRequest::<Bare>::from_bytes(MERGE, br#"{"name": "a"}"#).expect("a patch");
    let problem = patch
        .changes(&Bare {
            name: String::new(),
        })
        .err();
    assert_eq!(problem.expect("no object").status(), 500);
}

#[test]
fn the_members_are_described() {
    let spec = |name: &str| {
        let mut members = Product::members().iter();
        let spec = members.find(|spec| spec.name() == name)?;
        Some((spec.is_mutable(), spec.is_nullable()))
    };
    assert_eq!(spec("id"), Some((false, false)));
    assert_eq!(spec("priceCents"), Some((true, false)));
    assert_eq!(spec("rating"), Some((true, true)));
    assert_eq!(spec("version"), None);
}
