use api_patterns::patch::Patch;

#[derive(serde::Serialize, Patch)]
#[patch(immutable(id))]
struct Product {
    #[patch(column = "product_id")]
    id: i64,
    name: String,
    #[serde(skip)]
    #[patch(immutable)]
    version: i64,
    #[serde(skip_deserializing)]
    #[patch(sql_as = i32)]
    computed: i64,
}

fn main() {}
