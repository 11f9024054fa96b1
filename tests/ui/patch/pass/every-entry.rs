use api_patterns::patch::{Field, MemberSpec, Patch, PatchRequest};
use serde::{Deserialize, Serialize};

/// Neither `Clone` nor `Debug` nor comparable.
#[derive(Serialize, Deserialize)]
pub struct Opaque(u8);

type Alias = Option<u8>;

/// A row.
#[derive(Serialize, Patch)]
#[serde(rename_all = "kebab-case")]
#[patch(immutable(id, r#type,), accept_json)]
#[patch(name = "RowChanges")]
pub struct Row {
    /// Which one it is.
    id: i64,
    r#type: u8,
    pub short_name: String,
    note: core::option::Option<String>,
    #[serde(rename = "Held")]
    #[patch(column = "held_by")]
    held: Opaque,
    #[patch(immutable)]
    at: jiff::Timestamp,
    #[patch(sql_as = i64)]
    size: Option<u32>,
    r#match: bool,
    alias: Alias,
    key: uuid::Uuid,
    #[serde(skip)]
    hidden: std::rc::Rc<u8>,
    #[serde(skip_serializing)]
    secret: u8,
    #[serde(skip_deserializing)]
    computed: u8,
    #[serde(with = "hex")]
    colour: u32,
}

mod hex {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

/// Under names that the generated code has to tell from its own.
mod shadowed {
    #[derive(serde::Serialize, super::Patch)]
    pub struct Option {
        pub value: String,
        pub changes: u8,
        pub member: u8,
        pub current: u8,
        pub new: u8,
        pub resource: u8,
        pub query: u8,
    }
}

/// A tree of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Patch)]
struct Tree {
    children: Vec<Self>,
    #[serde(with = "boxed")]
    first: Option<Box<Self>>,
}

mod boxed {
    pub(super) use serde::{Deserialize, Serialize};

    pub(super) fn serialize<T: Serialize, S: serde::Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// What a macro hands over.
macro_rules! row {
    ($name:ident, $field:ident: $ty:ty) => {
        #[derive(serde::Serialize, Patch)]
        struct $name {
            $field: $ty,
        }
    };
}
row!(Written, value: Option<u8>);

fn row() -> Row {
    Row {
        id: 1,
        r#type: 2,
        short_name: "a".to_owned(),
        note: None,
        held: Opaque(1),
        at: jiff::Timestamp::UNIX_EPOCH,
        size: Some(3),
        r#match: true,
        alias: None,
        key: uuid::Uuid::nil(),
        hidden: std::rc::Rc::new(1),
        secret: 1,
        computed: 1,
        colour: 255,
    }
}

fn main() {
    let mutable = Row::members().iter().filter(|member| member.is_mutable());
    let names: Vec<_> = mutable.map(MemberSpec::name).collect();
    assert_eq!(names, ["short-name", "note", "Held", "size", "match", "alias", "key", "colour"]);
    let nullable = Row::members().iter().filter(|member| member.is_nullable());
    let names: Vec<_> = nullable.map(MemberSpec::name).collect();
    assert_eq!(names, ["note", "size"]);
    assert!(Row::members().contains(&MemberSpec::immutable("computed")));
    assert!(PatchRequest::<Row>::ACCEPT.ends_with(", application/json"));

    let body = br#"{"short-name": "b", "Held": 2, "colour": "FF", "match": true, "size": null}"#;
    let patch = PatchRequest::<Row>::from_bytes("application/json", body).unwrap();
    let mut found = row();
    let changes: RowChanges = patch.changes(&found).unwrap();
    assert!(changes.colour.is_absent() && changes.r#match.is_absent());
    assert_eq!(changes.changed().collect::<Vec<_>>(), ["short-name", "Held", "size"]);
    changes.apply_to(&mut found);
    assert_eq!((found.short_name.as_str(), found.held.0, found.size), ("b", 2, None));
    assert_eq!((*found.hidden, found.secret), (1, 1));

    let changes = shadowed::OptionPatch {
        value: Field::Value("v".to_owned()),
        ..Default::default()
    };
    assert!(!changes.clone().is_empty());
    assert_eq!(changes, changes.clone());
    assert_eq!(WrittenPatch { value: Field::Value(None) }.changed().collect::<Vec<_>>(), ["value"]);
    let tree = Tree { children: Vec::new(), first: None };
    let body = br#"{"children": [{"children": [], "first": null}]}"#;
    let patch = PatchRequest::<Tree>::from_bytes("application/merge-patch+json", body).unwrap();
    let changes = patch.changes(&tree).unwrap();
    assert_eq!(changes, TreePatch { children: Field::Value(vec![tree]), ..Default::default() });
    assert!(Written::members()[0].is_nullable());
}
