use api_patterns::filter::Filter;

#[derive(Filter)]
#[filter(search(name))]
struct Row {
    #[filter(column = "r.id")]
    id: i64,
    #[filter()]
    price: i64,
    #[filter(rename = "title", sql_as = String)]
    name: String,
    #[filter(is_null, sql_as = i64)]
    rating: Option<u32>,
}

fn main() {}
