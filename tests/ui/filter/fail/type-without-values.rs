use api_patterns::filter::Filter;

struct Money(i64);

#[derive(Filter)]
struct Row {
    #[filter(eq)]
    price: Money,
    #[filter(eq)]
    tags: Option<Vec<String>>,
}

fn main() {}
