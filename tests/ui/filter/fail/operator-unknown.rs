use api_patterns::filter::Filter;

#[derive(Filter)]
struct Row {
    #[filter(eq, between, greater_than = 3, some::path)]
    id: i64,
}

fn main() {}
