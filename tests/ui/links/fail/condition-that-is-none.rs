use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    link(rel = "up", when = "self.open &&"),
    link(rel = "next", when = ""),
    link(rel = "prev", when = "let"),
    link(rel = "edit", when)
)]
struct Product {
    id: i64,
    open: bool,
}

fn main() {}
