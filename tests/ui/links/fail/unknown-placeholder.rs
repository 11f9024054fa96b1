use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{product_id}",
    link(rel = "up", href = "/categories/{categori_id}?of={id}"),
    link(rel = "related", href = "{base}/related/{*Id}")
)]
struct Product {
    id: i64,
    category_id: i64,
}

#[derive(Links)]
#[links(base = "/products/{id}")]
struct Empty {}

fn main() {}
