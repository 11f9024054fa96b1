use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    link(rel = "self", href = "/products/by-id/{id}"),
    link(rel = "up", href = "/a"),
    link(rel = "up", href = "/b"),
    link(rel = "item", href = "/c/{each}", each = ids),
    link(rel = "item", href = "/d"),
    link(rel = "related", href = "/e", list),
    link(rel = "related", href = "/f", list)
)]
struct Product {
    id: i64,
    ids: Vec<i64>,
}

fn main() {}
