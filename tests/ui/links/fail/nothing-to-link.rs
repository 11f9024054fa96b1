use api_patterns::links::Links;

#[derive(Links)]
struct Product {
    id: i64,
}

#[derive(Links)]
#[links(any_rel, context = u8)]
struct Other {
    id: i64,
}

fn main() {}
