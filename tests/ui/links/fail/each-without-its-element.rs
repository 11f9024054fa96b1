use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}/{each}",
    link(rel = "item", href = "/tags/{each}"),
    link(rel = "related", href = "/tags/{id}", each = tags),
    link(rel = "next", each = tags),
    link(rel = "prev", href = "/{each}/{*each}", each = tags)
)]
struct Product {
    id: i64,
    tags: Vec<String>,
}

fn main() {}
