use api_patterns::filter::Filter;

#[derive(Filter)]
struct Row {
    id: i64,
}

#[derive(Filter)]
struct Empty {}

fn main() {}
