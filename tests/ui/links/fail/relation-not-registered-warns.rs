use api_patterns::links::Links;

// The lint is a warning, which shows beside the error of another struct.
#[derive(Links)]
#[links(base = "/products/{id}", link(rel = "reviews", href = "{base}/reviews"))]
struct Product {
    id: i64,
}

#[derive(Links)]
#[links(base = "/products/{ident}", link(rel = "stock", href = "{base}/stock"))]
struct Mistaken {
    id: i64,
}

fn main() {}
