use api_patterns::filter::Filter;

#[derive(Filter)]
#[filter(search(nam))]
struct Row {
    #[filter(eq, eq)]
    id: i64,
    #[filter(is_null, like_it)]
    name: String,
    #[filter(eq)]
    limit: i64,
}

fn main() {}
