use api_patterns::filter::Filter;

#[derive(Filter)]
#[filter(search(text), param = "sort")]
struct Row {
    text: String,
    #[filter(eq)]
    cursor: i64,
    #[filter(eq)]
    limit: i64,
    #[filter(eq)]
    include_total: i64,
    #[filter(eq)]
    page: i64,
    #[filter(eq)]
    page_size: i64,
    #[filter(eq)]
    offset: i64,
    #[filter(eq)]
    first: i64,
    #[filter(eq)]
    after: i64,
    #[filter(eq)]
    last: i64,
    #[filter(eq, rename = "before")]
    until: i64,
}

fn main() {}
