use api_patterns::links::Links;

#[derive(Links)]
#[links(
    bas = "/products/{id}",
    links(rel = "up", href = "/"),
    rel = "up",
    link(ref = "up", hrefs = "/", base = "/", rel = "up", href = "/", any_rel),
    link(rel = "next", rel = "prev", href = "/", a::b = 1, list = true, wholly = "other"),
    crate::x
)]
struct Product {
    #[links(base = "/")]
    id: i64,
}

fn main() {}
