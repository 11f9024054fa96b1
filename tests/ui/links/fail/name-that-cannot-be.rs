use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    resource = "the products",
    link(rel = "up", type = "csv"),
    link(rel = "next", type = "text/csv\n")
)]
struct Product {
    id: i64,
}

fn main() {}
