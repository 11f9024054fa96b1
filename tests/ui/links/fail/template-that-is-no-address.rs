use api_patterns::links::Links;

#[derive(Links)]
#[links(
    link(rel = "about", href = ""),
    link(rel = "acl", href = "products/{id}"),
    link(rel = "alternate", href = "//shop.example/{id}"),
    link(rel = "author", href = "ftp://shop.example/"),
    link(rel = "bookmark", href = "https://{id}/"),
    link(rel = "canonical", href = "/a b/é/100%/%zz"),
    link(rel = "chapter", href = "/a/../{id}"),
    link(rel = "collection", href = "/.{id}"),
    link(rel = "contents", href = "/{id}{name}"),
    link(rel = "current", href = "/x{*name}"),
    link(rel = "describedby", href = "/{id"),
    link(rel = "edit", href = "/id}}"),
    link(rel = "first", href = "/{}/{{}}/{a b}/{r#type}/{id:3}"),
    link(rel = "help", href = "/{{id}/{name}"),
    link(rel = "icon", href = "/{?q q}{=x}"),
    link(rel = "index", href = "/?price[gte]=1#a#b")
)]
struct Product {
    id: i64,
    name: String,
}

fn main() {}
