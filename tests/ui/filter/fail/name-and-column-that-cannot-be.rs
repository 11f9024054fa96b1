use api_patterns::filter::Filter;

#[derive(Filter)]
struct Row {
    #[filter(eq, rename = "price[usd]", column = "p.")]
    price: i64,
    #[filter(eq, rename = "", column = "")]
    name: String,
}

fn main() {}
