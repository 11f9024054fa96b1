use api_patterns::filter::Filter;

#[derive(Filter)]
#[filter(search(name, titel, name))]
struct Row {
    name: String,
    title: String,
}

#[derive(Filter)]
#[filter(param = "search")]
struct NoSearch {
    #[filter(eq)]
    id: i64,
}

#[derive(Filter)]
#[filter(search())]
struct EmptySearch {
    #[filter(eq)]
    id: i64,
}

fn main() {}
