use api_patterns::links::Links;

struct Caller {
    admin: bool,
}

#[derive(Links)]
#[links(
    base = "/products/{id}",
    context = Caller,
    link(rel = "up", when = "self.id"),
    link(rel = "next", when = self.open.len()),
    link(rel = "prev", when = "context.is_admin()"),
    link(rel = "edit", when = context.admin && self.opened)
)]
struct Product {
    id: i64,
    open: bool,
}

fn main() {}
