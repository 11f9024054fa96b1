#![deny(warnings)]

use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    curie(name = "shop", href = "https://shop.example/rels/{rel}"),
    link(rel = "reviews", href = "{base}/reviews"),
    link(rel = "related", href = "{base}/related"),
    link(rel = "shop:stock", href = "{base}/stock"),
    link(rel = "https://shop.example/rels/price", href = "{base}/price")
)]
struct Product {
    id: i64,
}

#[derive(Links)]
#[links(base = "/products/{id}", link(rel = "reviews", href = "{base}/reviews"), any_rel)]
struct Silenced {
    id: i64,
}

fn main() {
    let _ = (Product { id: 1 }.id, Silenced { id: 1 }.id);
}
