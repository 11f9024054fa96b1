use api_patterns::filter::Filter;

#[derive(Filter)]
#[filter(eq, rename = "rows", ignore("x"))]
struct Row {
    #[filter(eq, search(name), param = "q")]
    id: i64,
    #[filter(eq, ignore("y"))]
    name: String,
}

fn main() {}
