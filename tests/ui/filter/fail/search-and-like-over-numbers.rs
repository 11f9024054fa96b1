use api_patterns::filter::Filter;

#[derive(Filter)]
#[filter(search(price))]
struct Row {
    #[filter(like)]
    id: i64,
    price: Option<i32>,
}

fn main() {}
