use api_patterns::links::Links;

#[derive(Links)]
#[links(base = "/products/{id}")]
enum Product {
    Chair { id: i64 },
}

#[derive(Links)]
#[links(base = "/products/{id}", id = id)]
struct Tuple(i64);

#[derive(Links)]
struct Unit;

#[derive(Links)]
#[links(link(rel = "edit", href = "/", method = "PUT", fields(a)))]
union Both {
    a: u8,
    b: i8,
}

fn has_links<T: Links>() {}

fn main() {
    // The stand-ins keep the compiler from adding its own words.
    has_links::<Product>();
    has_links::<Tuple>();
}
