use std::collections::BTreeSet;
use std::fmt;

use api_patterns::links::{Links, Values};

struct Sku(&'static str);

impl fmt::Display for Sku {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

#[derive(Links)]
#[links(
    base = "/{a}/{b}/{c}/{d}/{e}",
    link(rel = "item", href = "/1/{each}", each = numbers),
    link(rel = "item", href = "/2/{each}", each = names),
    link(rel = "item", href = "/3/{*each}", each = set),
    link(rel = "item", href = "/4/{each}?again={each}", each = maybes),
    link(rel = "item", href = "/5/{each}", each = slice),
    link(rel = "item", href = "/6/{each}", each = one)
)]
struct Everything {
    a: i128,
    b: Option<u8>,
    c: std::option::Option<Sku>,
    d: Box<str>,
    e: uuid::Uuid,
    numbers: Vec<i64>,
    names: [Sku; 2],
    set: BTreeSet<String>,
    maybes: Vec<Option<u16>>,
    slice: &'static [&'static str],
    one: Option<i64>,
}

/// What `macro_rules!` hands over is in invisible groups.
macro_rules! row {
    ($name:ident, $ty:ty, $base:literal, $when:expr) => {
        #[derive(Links)]
        #[links(base = $base, context = bool, link(rel = "edit", when = $when))]
        struct $name {
            id: $ty,
        }
    };
}

row!(
    Row,
    Option<i64>,
    "/rows/{id}",
    "*context && self.id.is_some()"
);

macro_rules! own_self {
    ($name:ident) => {
        #[derive(Links)]
        #[links(base = "/rows", link(rel = "edit", when = self.open && *context), context = bool)]
        struct $name {
            open: bool,
        }
    };
}

own_self!(Own);

fn main() {
    let everything = Everything {
        a: -1,
        b: Some(2),
        c: Some(Sku("a/b")),
        d: "é".into(),
        e: uuid::Uuid::nil(),
        numbers: vec![1],
        names: [Sku("x"), Sku("y")],
        set: BTreeSet::from(["p/q".to_owned()]),
        maybes: vec![Some(1), None],
        slice: &["z"],
        one: Some(1),
    };
    everything.values(&mut Values::default());
    let names = [
        "a", "b", "c", "d", "e", "numbers", "names", "set", "maybes", "slice", "one",
    ];
    assert_eq!(Everything::DEFINITION.values, names);
    let each: Vec<_> = Everything::DEFINITION
        .links
        .iter()
        .filter_map(|link| link.each)
        .collect();
    assert_eq!(each, [5, 6, 7, 8, 9, 10]);
    let mut id = String::new();
    everything.write_id(&mut id);
    assert_eq!(id, "00000000-0000-0000-0000-000000000000");

    assert_eq!(Row { id: Some(1) }.conditions(&true), 1);
    assert_eq!(Row { id: None }.conditions(&true), 0);
    assert_eq!(Own { open: true }.conditions(&true), 1);
    assert_eq!(Own { open: true }.conditions(&false), 0);
}
