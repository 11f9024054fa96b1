use api_patterns::pagination::Keyset;
use api_patterns::pagination::{CursorPage, PageRequest};

#[derive(Keyset)]
#[keyset(default = "-updated_at", sortable(prize, name), color = "red")]
struct Product {
    id: i64,
    #[keyset(heading = "x")]
    name: String,
}

// The use of the type adds no error of its own.
async fn list(page: PageRequest<Product>) -> CursorPage<Product> {
    page.select([]).unwrap_or_else(|_| unreachable!())
}

fn main() {}
