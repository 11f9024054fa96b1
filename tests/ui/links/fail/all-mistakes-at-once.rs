use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{sku}",
    basis = "/",
    link(rel = "edit", methd = "PUT", fields(name)),
    link(rel = "edit", method = "put", href = "{base}/ü"),
    link(rel = "shop:stock", when = "self.", type = "csv")
)]
struct Product {
    id: i64,
    links: String,
}

fn main() {}
