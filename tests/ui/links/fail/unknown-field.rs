use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    id = sku,
    link(rel = "item", href = "/tags/{each}", each = tag),
    link(rel = "edit", method = "PUT", fields(name, pric, r#type)),
    any_rel
)]
struct Product {
    id: i64,
    name: String,
    price: i64,
    tags: Vec<String>,
}

fn main() {}
