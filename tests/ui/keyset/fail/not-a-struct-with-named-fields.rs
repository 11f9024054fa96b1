use api_patterns::pagination::Keyset;

#[derive(Keyset)]
#[keyset(unique = id)]
enum Product {
    Id(i64),
}

#[derive(Keyset)]
struct Tuple(i64);

#[derive(Keyset)]
#[keyset(unique = id)]
struct Borrowed<'a> {
    id: i64,
    name: &'a str,
}

fn main() {}
