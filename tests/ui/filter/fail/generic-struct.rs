use api_patterns::filter::Filter;

#[derive(Filter)]
struct Row<T> {
    #[filter(eq)]
    id: T,
}

fn main() {}
