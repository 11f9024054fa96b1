use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique(tenant, id))]
struct Product {
    id: Option<i64>,
    tenant: i64,
}

fn main() {}
