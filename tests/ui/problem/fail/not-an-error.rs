use api_patterns::problem::Problem;

#[derive(Debug, Problem)]
struct Masked;

#[derive(Debug, Problem)]
#[problem(status = 404)]
struct Told;

fn main() {}
