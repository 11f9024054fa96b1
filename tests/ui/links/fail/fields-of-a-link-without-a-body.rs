use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    link(rel = "related", fields(name)),
    link(rel = "up", method = "HEAD", fields(name)),
    link(rel = "edit", method = "PUT", fields(name, id, name))
)]
struct Product {
    id: i64,
    name: String,
}

fn main() {}
