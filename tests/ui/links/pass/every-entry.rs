use api_patterns::links::{Curie, LinkSpec, Links, Piece, Property, PropertyKind};

pub struct Caller {
    admin: bool,
}

#[derive(Links)]
#[links(base = "/api/v1/products/{id}", resource = "goods", id = sku, context = Caller, any_rel)]
#[links(curie(name = "shop", href = "https://shop.example/rels/{rel}"))]
#[links(
    link(
        rel = "update",
        method = "PATCH",
        title = "Change it",
        fields(name, price_cents, weight, on_sale)
    ),
    link(rel = "delete", method = "DELETE", when = "self.can_delete && context.admin"),
    link(rel = "shop:reviews", href = "{base}/reviews", name = "all", type = "text/csv"),
    link(rel = "replace", method = PUT, fields(name, weight), when = context.admin),
    link(rel = "category", href = "/categories/{category_id}?sort=name&near={id}"),
    link(rel = "item", href = "/a/{each}", each = tags),
    link(rel = "item", href = "https://b.example/{sku}.json", list, when = self.can_delete && context.admin),
    link(rel = "search", href = "/search{?q,page}"),
    link(rel = "find", href = "{base}/find/{{name}}{&x}", when = "self.tags.len() > 1"),
)]
struct Product {
    id: i64,
    sku: String,
    category_id: Option<u32>,
    tags: Vec<String>,
    name: String,
    price_cents: u64,
    weight: Option<f32>,
    on_sale: bool,
    can_delete: bool,
}

fn product() -> Product {
    Product {
        id: 7,
        sku: "a/b".to_owned(),
        category_id: None,
        tags: vec!["x".to_owned()],
        name: String::new(),
        price_cents: 0,
        weight: None,
        on_sale: true,
        can_delete: true,
    }
}

fn link(rel: &str) -> &'static LinkSpec {
    let links = Product::DEFINITION.links.iter();
    links.rev().find(|link| link.rel == rel).expect("a link")
}

fn property(name: &'static str, kind: PropertyKind, required: bool) -> Property {
    Property {
        name,
        kind,
        required,
    }
}

fn main() {
    let product = product();
    assert!(product.on_sale && product.price_cents == 0 && product.weight.is_none());
    assert!(product.name.is_empty() && product.category_id.is_none());
    the_definition();
    the_links();
    the_properties();

    let holds = |product: &Product, admin| product.conditions(&Caller { admin });
    assert_eq!(holds(&product, true), 0b011);
    assert_eq!(holds(&product, false), 0);
    let mut other = self::product();
    other.can_delete = false;
    other.tags.push("y".to_owned());
    assert_eq!(holds(&other, true), 0b110);
    let mut id = "id ".to_owned();
    product.write_id(&mut id);
    assert_eq!(id, "id a/b");
}

fn the_definition() {
    let definition = Product::DEFINITION;
    assert_eq!(definition.resource, "goods");
    assert_eq!(definition.id, "sku");
    assert_eq!(definition.values, ["id", "category_id", "tags", "sku"]);
    let href = "https://shop.example/rels/{rel}";
    assert_eq!(definition.curies, [Curie { name: "shop", href }]);
    let rels: Vec<_> = definition.links.iter().map(|link| link.rel).collect();
    assert_eq!(
        rels,
        [
            "self",
            "update",
            "delete",
            "shop:reviews",
            "replace",
            "category",
            "item",
            "item",
            "search",
            "find"
        ]
    );
}

fn the_links() {
    let base = [Piece::Text("/api/v1/products/"), Piece::Segment(0)];
    let own = link("self");
    assert_eq!(own.href, base);
    assert_eq!((own.method, own.when, own.list), ("GET", 0, false));
    assert!(!own.absolute && !own.templated && own.each.is_none());

    let update = link("update");
    assert_eq!(update.href, base);
    assert_eq!((update.method, update.title), ("PATCH", Some("Change it")));
    assert_eq!((link("delete").method, link("delete").when), ("DELETE", 1));
    assert_eq!(link("replace").when, 2);

    let reviews = link("shop:reviews");
    assert_eq!(
        reviews.href[1..],
        [Piece::Segment(0), Piece::Text("/reviews")]
    );
    assert_eq!(
        (reviews.name, reviews.media_type),
        (Some("all"), Some("text/csv"))
    );
    let category = [
        Piece::Text("/categories/"),
        Piece::Segment(1),
        Piece::Text("?sort=name&near="),
        Piece::Value(0),
    ];
    assert_eq!(link("category").href, category);

    let items: Vec<_> = Product::DEFINITION
        .links
        .iter()
        .filter(|link| link.list)
        .collect();
    let [first, second] = items[..] else {
        panic!("two items")
    };
    assert_eq!((first.each, second.each), (Some(2), None));
    assert_eq!(first.href, [Piece::Text("/a/"), Piece::Segment(2)]);
    assert_eq!(
        second.href,
        [
            Piece::Text("https://b.example/"),
            Piece::Value(3),
            Piece::Text(".json")
        ]
    );
    assert!(second.absolute && !first.absolute);
    // The same tokens as those of `delete`, so the same condition.
    assert_eq!(second.when, 1);

    assert_eq!(link("search").href, [Piece::Text("/search{?q,page}")]);
    assert_eq!(link("find").href[2], Piece::Text("/find/{name}{&x}"));
    assert_eq!(link("find").when, 4);
    assert!(link("search").templated && link("find").templated);
}

fn the_properties() {
    assert_eq!(
        link("update").fields,
        [
            property("name", PropertyKind::Text, false),
            property("price_cents", PropertyKind::Number, false),
            property("weight", PropertyKind::Number, false),
            property("on_sale", PropertyKind::Checkbox, false),
        ]
    );
    assert_eq!(
        link("replace").fields,
        [
            property("name", PropertyKind::Text, true),
            property("weight", PropertyKind::Number, false),
        ]
    );
}
