use api_patterns::filter::Filters;

struct Row;

fn handler(_: Filters<Row>) {}

fn main() {}
