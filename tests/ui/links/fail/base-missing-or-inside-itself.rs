use api_patterns::links::Links;

#[derive(Links)]
#[links(link(rel = "edit"), link(rel = "related", href = "{base}/related"))]
struct Without {
    id: i64,
}

#[derive(Links)]
#[links(base = "{base}/{id}", link(rel = "related", href = "{base}/related"))]
struct Inside {
    id: i64,
}

#[derive(Links)]
#[links(base = "/rows/{id}", link(rel = "related", href = "/of{base}"))]
struct Later {
    id: i64,
}

#[derive(Links)]
#[links(base = "/rows?id={id}")]
struct Query {
    id: i64,
}

#[derive(Links)]
#[links(base = "/rows{?q}")]
struct Templated {
    id: i64,
}

fn main() {}
