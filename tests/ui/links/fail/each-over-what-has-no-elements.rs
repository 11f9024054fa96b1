use api_patterns::links::Links;

#[derive(Links)]
#[links(link(rel = "item", href = "/tags/{each}", each = id))]
struct Product {
    id: i64,
}

fn main() {}
