use api_patterns::links::{Links, Piece, Values};

#[derive(Links)]
#[links(base = "/orders/{order}/lines/{line}/details")]
struct OrderLine {
    order: u64,
    line: Option<u8>,
}

#[derive(Links)]
#[links(base = "https://shop.example/api")]
struct Home {}

// Clippy compares the entries of all links of a struct as if they were those of one.
#[allow(clippy::duplicated_attributes)]
#[derive(Links)]
#[links(
    link(rel = "item", href = "/a/{*path}", list),
    link(rel = "next", href = "/c{#there}"),
    link(rel = "item", href = "/b?in={path}&at={*path}#{path}", list),
    link(rel = "self", href = "/d")
)]
struct HTTPFile<'a> {
    path: &'a str,
}

#[derive(Links)]
#[links(resource = "leaves")]
struct Leaf {}

fn id(item: &impl Links) -> String {
    let mut id = String::new();
    item.write_id(&mut id);
    id
}

fn main() {
    let line = |line| OrderLine { order: 7, line };
    assert_eq!(OrderLine::DEFINITION.resource, "lines");
    assert_eq!(OrderLine::DEFINITION.id, "line");
    assert_eq!(id(&line(Some(3))), "3");
    assert_eq!(id(&line(None)), "");
    assert_eq!(line(None).conditions(&()), 0);
    line(None).values(&mut Values::default());

    assert_eq!(Home::DEFINITION.resource, "api");
    assert_eq!(Home::DEFINITION.id, "");
    assert_eq!(id(&Home {}), "");
    assert!(Home::DEFINITION.links[0].absolute);
    Home {}.values(&mut Values::default());

    assert_eq!(Leaf::DEFINITION.resource, "leaves");
    assert!(Leaf::DEFINITION.links.is_empty());
    assert_eq!(id(&Leaf {}), "");

    let definition = HTTPFile::DEFINITION;
    assert_eq!((definition.resource, definition.id), ("http_file", ""));
    let rels: Vec<_> = definition.links.iter().map(|link| link.rel).collect();
    assert_eq!(rels, ["self", "item", "item", "next"]);
    // With and without its slashes, a field has two values.
    assert_eq!(definition.values, ["path", "path"]);
    assert_eq!(
        definition.links[1].href,
        [Piece::Text("/a/"), Piece::Segment(0)]
    );
    assert_eq!(
        definition.links[2].href,
        [
            Piece::Text("/b?in="),
            Piece::Value(1),
            Piece::Text("&at="),
            Piece::Value(0),
            Piece::Text("#"),
            Piece::Value(1),
        ]
    );
    assert!(definition.links[3].templated);
    HTTPFile { path: "a/b" }.values(&mut Values::default());
}
