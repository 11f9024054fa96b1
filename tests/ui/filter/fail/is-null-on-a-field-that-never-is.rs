use api_patterns::filter::Filter;

#[derive(Filter)]
struct Row {
    #[filter(eq, is_null)]
    rating: f64,
}

fn main() {}
