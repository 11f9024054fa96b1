use api_patterns::links::Links;

struct Sku;

#[derive(Links)]
#[links(
    base = "/products/{sku}",
    link(rel = "up", href = "/files/{*path}"),
    link(rel = "item", href = "/tags/{each}", each = tags),
    link(rel = "next", href = "/{next}"),
    link(rel = "prev", href = "{base}/{sku}")
)]
struct Product {
    sku: Sku,
    path: Vec<u8>,
    tags: Vec<Sku>,
    next: Option<Sku>,
}

fn main() {}
