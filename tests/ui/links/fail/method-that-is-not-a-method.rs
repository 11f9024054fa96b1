use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    link(rel = "edit", method = "patch"),
    link(rel = "related", method = "DELTE"),
    link(rel = "search", method = ""),
    link(rel = "up", method = Put)
)]
struct Product {
    id: i64,
}

fn main() {}
