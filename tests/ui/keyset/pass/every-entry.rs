use api_patterns::pagination::{CursorPage, Direction, Key, Keyset, PageRequest, Pagination};

#[derive(Clone, Debug, PartialEq, Key)]
struct Tenant(i64);

#[derive(Key)]
struct Wrapped<T>(T);

#[derive(Clone, Debug, PartialEq, Keyset)]
#[keyset(unique(tenant, r#type), default = "-rank,heading", sortable(rank, heading))]
#[keyset(nulls_first(rank))]
struct Article {
    tenant: Tenant,
    r#type: String,
    #[keyset(rename = "title", column = "article_title")]
    heading: String,
    rank: Option<i32>,
    not_a_key: Vec<String>,
}

#[derive(Keyset)]
#[keyset(unique = id)]
struct Envelope<T, const N: usize = 1>
where
    T: Send,
{
    id: i64,
    #[allow(dead_code)]
    content: [T; N],
}

fn article(tenant: i64, r#type: &str, heading: &str, rank: Option<i32>) -> Article {
    Article { tenant: Tenant(tenant), r#type: r#type.into(), heading: heading.into(), rank, not_a_key: vec![] }
}

fn main() {
    let names: Vec<_> = Article::FIELDS.iter().map(|field| (field.name(), field.column())).collect();
    assert_eq!(names, [("tenant", "tenant"), ("type", "type"), ("title", "article_title"), ("rank", "rank")]);
    assert_eq!(Envelope::<u8>::DEFAULT, [(0, Direction::Asc)]);
    const { assert!(<Wrapped<Option<i64>> as Key>::NULLABLE && !<Wrapped<i64> as Key>::NULLABLE) };
    let page = PageRequest::<Article>::start(&Pagination::plain(), None, 3).expect("a page");
    let rows = [article(1, "b", "x", Some(1)), article(1, "a", "x", Some(1)), article(2, "a", "y", None)];
    let page: CursorPage<Article> = page.select(rows.clone()).expect("rows");
    assert_eq!(page.items, [rows[2].clone(), rows[0].clone(), rows[1].clone()]);
}
