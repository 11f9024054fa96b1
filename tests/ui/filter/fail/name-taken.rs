use api_patterns::filter::Filter;

#[derive(Filter)]
#[filter(search(name), ignore("fields", "id", "fields"))]
struct Row {
    #[filter(eq)]
    id: i64,
    #[filter(eq)]
    name: String,
    #[filter(eq, rename = "name")]
    title: String,
    #[filter(eq)]
    q: i64,
}

fn main() {}
