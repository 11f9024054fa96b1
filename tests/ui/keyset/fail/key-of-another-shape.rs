use api_patterns::pagination::Key;

#[derive(Key)]
struct Named {
    id: i64,
}

#[derive(Key)]
enum Choice {
    Id(i64),
}

#[derive(Key)]
struct Pair(i64, i64);

#[derive(Key)]
struct Unkeyed(std::time::Duration);

fn main() {}
