use api_patterns::problem::Problem;

#[derive(Problem)]
union Error {
    a: u8,
}

fn main() {}
