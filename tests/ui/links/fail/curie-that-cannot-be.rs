use api_patterns::links::Links;

#[derive(Links)]
#[links(
    base = "/products/{id}",
    curie(name = "shop", href = "https://shop.example/rels/{rel}"),
    curie(name = "shop", href = "https://shop.example/rels/{rel}"),
    curie(name = "a:b", href = "https://shop.example/rels"),
    curie(name = "https", href = "https://shop.example/{rel}/{rel}"),
    curie(name = "relative", href = "/rels/{rel}"),
    curie(name = "other", href = "https://shop.example/{rel}{?q}/{"),
    curie(),
    curie(prefix = "x", name = "y", href = "https://shop.example/{name}")
)]
struct Product {
    id: i64,
}

fn main() {}
