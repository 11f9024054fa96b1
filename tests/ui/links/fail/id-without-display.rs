use api_patterns::links::Links;

struct Sku;

#[derive(Links)]
#[links(base = "/products", id = sku)]
struct Product {
    sku: Option<Sku>,
}

fn main() {}
