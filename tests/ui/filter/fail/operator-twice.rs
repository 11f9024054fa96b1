use api_patterns::filter::Filter;

#[derive(Filter)]
struct Row {
    #[filter(eq, in, eq)]
    id: i64,
    #[filter(gte)]
    #[filter(gte, column = "a", column = "b")]
    price: i64,
}

fn main() {}
