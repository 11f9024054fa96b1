use api_patterns::links::Links;

#[derive(Links)]
#[links(
    curie(name = "shop", href = "https://shop.example/rels/{rel}"),
    link(rel = "", href = "/"),
    link(rel = "Next", href = "/"),
    link(rel = "next prev", href = "/"),
    link(rel = "next\r\nx", href = "/"),
    link(rel = "a\"b", href = "/"),
    link(rel = "größe", href = "/"),
    link(rel = "stop:reviews", href = "/"),
    link(rel = "shop:", href = "/"),
    link(rel = ":reviews", href = "/"),
    link(rel = "curies", href = "/"),
    any_rel
)]
struct Product {
    id: i64,
}

fn main() {}
