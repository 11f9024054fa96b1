use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(sql_as = i64, column = "c")]
struct Product {
    #[patch(name = "Other", accept_json)]
    id: i64,
}

fn main() {}
