use api_patterns::links::Links;

#[derive(Links)]
#[links(base = 5, base = "/products/{id}", context, resource("x"))]
#[links(link, link(href = "/"), link(rel, href = "/"), link(rel = "edit", method = "PUT", fields()))]
struct Product {
    id: i64,
}

fn main() {}
