use api_patterns::filter::{Filter, FilterText, FilterValue, Filters, Op};

#[derive(Clone, PartialEq, PartialOrd)]
struct Sku(String);

impl FilterValue for Sku {
    const TYPE_NAME: &'static str = "SKU";

    fn parse(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

impl FilterText for Sku {
    fn as_text(&self) -> &str {
        &self.0
    }
}

#[derive(Filter)]
#[filter(search(sku, note, hidden,), param = "search")]
#[filter(ignore("fields", "expand"))]
pub struct Row {
    #[filter(eq, ne, lt, lte, gt, gte, in)]
    id: i64,
    #[filter(eq, like, rename = "code", column = "r.sku")]
    sku: Sku,
    #[filter(like)]
    #[filter(is_null)]
    note: core::option::Option<String>,
    #[filter(column = "r.secret")]
    hidden: String,
    #[filter(eq)]
    r#type: u8,
    #[filter(gte, sql_as = i64)]
    size: Option<u32>,
    #[filter(eq, in)]
    key: Option<uuid::Uuid>,
    #[filter(gte, lt)]
    at: jiff::Timestamp,
    plain: Vec<u8>,
}

/// Only a search, under names that the generated code has to tell from its own.
mod shadowed {
    #[derive(super::Filter)]
    #[filter(search(text))]
    pub struct Option {
        pub text: String,
    }
}

fn main() {
    let names: Vec<_> = Row::fields().iter().map(|field| field.name()).collect();
    assert_eq!(names, ["id", "code", "note", "type", "size", "key", "at"]);
    let note = Row::fields()[2];
    assert_eq!(note.operators(), [Op::Like, Op::IsNull]);
    assert!(note.nullable());
    assert_eq!(Row::fields()[1].column(), "r.sku");
    assert_eq!(
        Row::search().unwrap().columns(),
        ["r.sku", "note", "r.secret"]
    );
    assert_eq!(Row::search().unwrap().param(), "search");
    assert_eq!(Row::ignored(), ["fields", "expand"]);

    let row = Row {
        id: 1,
        sku: Sku("A-1".to_owned()),
        note: None,
        hidden: "deep".to_owned(),
        r#type: 7,
        size: Some(3),
        key: None,
        at: jiff::Timestamp::UNIX_EPOCH,
        plain: Vec::new(),
    };
    assert!(row.plain.is_empty());
    let query = "type=7&code[like]=a-&note[is_null]=true&search=DEEP&size[gte]=3&fields=x";
    assert!(Filters::from_query(Some(query)).unwrap().matches(&row));
    assert!(
        !Filters::from_query(Some("key=67e55044-10b1-426f-9247-bb680e5fe0c8"))
            .unwrap()
            .matches(&row)
    );

    assert!(shadowed::Option::fields().is_empty());
    let text = shadowed::Option {
        text: "some text".to_owned(),
    };
    assert!(
        Filters::from_query(Some("q=text+some"))
            .unwrap()
            .matches(&text)
    );
}
