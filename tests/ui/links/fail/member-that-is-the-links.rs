use api_patterns::links::Links;
use serde::Serialize;

#[derive(Serialize, Links)]
#[links(base = "/products/{id}")]
struct Product {
    id: i64,
    links: Vec<String>,
    #[serde(rename = "_links")]
    hal: Vec<String>,
    #[serde(skip)]
    _links: Vec<String>,
}

#[derive(Serialize, Links)]
#[serde(rename_all = "camelCase")]
#[links(base = "/products/{id}")]
struct Camel {
    id: i64,
    _links: Vec<String>,
}

fn main() {}
