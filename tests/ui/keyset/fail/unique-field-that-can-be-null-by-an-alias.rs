use api_patterns::pagination::Keyset;

type Maybe = Option<i64>;

#[derive(Keyset)]
#[keyset(unique = id)]
struct Aliased {
    id: Maybe,
}

fn main() {}
