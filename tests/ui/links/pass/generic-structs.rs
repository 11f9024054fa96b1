use std::fmt::Display;

use api_patterns::links::{Links, Values};

/// The bound that `Display` needs is added; it is not on the struct.
#[derive(Links)]
#[links(
    base = "/items/{id}",
    link(rel = "item", href = "/of/{each}", each = others),
    link(rel = "up", href = "/up/{parent}")
)]
struct Item<Id, const N: usize = 2> {
    id: Id,
    others: [Id; N],
    parent: Option<Id>,
}

#[derive(Links)]
#[links(base = "/named/{name}", context = C, link(rel = "edit", when = (self.allowed)(self.name)))]
struct Borrowed<'a, T: ?Sized + Display, C>
where
    C: Fn(&T) -> bool,
{
    name: &'a T,
    allowed: C,
}

#[derive(Links)]
#[links(base = "/x", context = String, link(rel = "edit", when = "context.starts_with(self.prefix)"))]
struct Prefixed<'a> {
    prefix: &'a str,
}

fn main() {
    let item = Item {
        id: "a",
        others: ["b", "c"],
        parent: None,
    };
    item.values(&mut Values::default());
    assert_eq!(
        <Item<u8> as Links>::DEFINITION.values,
        ["id", "others", "parent"]
    );
    let mut id = String::new();
    item.write_id(&mut id);
    assert_eq!(id, "a");

    let borrowed = Borrowed {
        name: "n",
        allowed: |name: &str| name.is_empty(),
    };
    assert!(!(borrowed.allowed)(borrowed.name));
    borrowed.write_id(&mut id);
    assert_eq!(id, "an");

    let prefixed = Prefixed { prefix: "ad" };
    assert_eq!(prefixed.conditions(&"admin".to_owned()), 1);
    assert_eq!(prefixed.conditions(&"guest".to_owned()), 0);
}
