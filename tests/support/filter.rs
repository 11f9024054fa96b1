//! Random tables and random filters: what a database selects has to be what
//! [`Filters::matches`](api_patterns::filter::Filters::matches) lets through.

use std::cell::Cell;

use api_patterns::filter::{Filter, FilterValue};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy};
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

/// A row with a field of each kind of type.
#[derive(Clone, Debug, Filter)]
#[filter(search(name, note))]
pub struct Item {
    /// Unique.
    #[filter(eq, ne, lt, lte, gt, gte, in)]
    pub id: i64,
    /// Text with wildcards, quotes and case in it.
    #[filter(eq, ne, lt, lte, gt, gte, in, like)]
    pub name: String,
    /// The same, and nullable.
    #[filter(eq, ne, lt, lte, gt, gte, in, like, is_null)]
    pub note: Option<String>,
    /// A float.
    #[filter(eq, ne, lt, lte, gt, gte, in, is_null)]
    pub rating: Option<f64>,
    /// A boolean.
    #[filter(eq, ne, in)]
    pub active: bool,
    /// A column under another name, and qualified.
    #[filter(
        eq,
        ne,
        lt,
        lte,
        gt,
        gte,
        in,
        is_null,
        rename = "amount",
        column = "it.small"
    )]
    pub small: Option<i32>,
    /// A newtype that sqlx knows.
    #[filter(eq, ne, lt, lte, gt, gte, in)]
    pub created_at: Micros,
    /// A type that sqlx does not know.
    #[filter(eq, ne, lt, lte, gt, gte, in, is_null, sql_as = Micros)]
    pub updated_at: Option<jiff::Timestamp>,
    /// A type of another crate.
    #[filter(eq, ne, lt, lte, gt, gte, in, is_null)]
    pub key: Option<Uuid>,
}

/// A timestamp that is stored as microseconds.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, sqlx::Type)]
#[sqlx(transparent)]
pub struct Micros(pub i64);

impl FilterValue for Micros {
    const TYPE_NAME: &'static str = <jiff::Timestamp as FilterValue>::TYPE_NAME;

    fn parse(text: &str) -> Option<Self> {
        <jiff::Timestamp as FilterValue>::parse(text).map(Self::from)
    }
}

impl From<jiff::Timestamp> for Micros {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_microsecond())
    }
}

const OPERATORS: [&str; 9] = [
    "eq", "ne", "lt", "lte", "gt", "gte", "in", "like", "is_null",
];
const RATINGS: [f64; 7] = [
    -1.5e300,
    -0.5,
    0.0,
    1e-300,
    2.5,
    2.500_000_000_000_000_4,
    1e300,
];
const SMALLS: [i32; 5] = [i32::MIN, -1, 0, 7, i32::MAX];
const MICROS: [i64; 5] = [
    -62_167_219_200_000_000,
    -1,
    0,
    1_769_844_600_123_456,
    1_769_844_600_123_457,
];

/// Runs `agrees` over random tables, each with several random queries. It gives the number of rows
/// that were selected.
///
/// # Panics
/// Where `agrees` does, with the smallest table and queries found; or where nothing was selected.
pub fn over_random_tables(cases: u32, agrees: impl Fn(&[Item], &[String]) -> usize) {
    let selected = Cell::new(0);
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&(items(), vec(query(), 1..8)), |(items, queries)| {
        selected.set(selected.get() + agrees(&items, &queries));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    assert!(selected.get() > 0, "no filter ever let a row through");
}

/// At most twelve items with distinct ids; few values, so that filters hit.
pub fn items() -> impl Strategy<Value = Vec<Item>> {
    (1..=12_usize).prop_flat_map(|count| {
        (0..count)
            .map(|id| item(i64::try_from(id).expect("a small number")))
            .collect::<Vec<_>>()
    })
}

fn item(id: i64) -> impl Strategy<Value = Item> {
    let text = (name(), option::of(name()));
    let numbers = (
        option::of(select(&RATINGS)),
        proptest::bool::ANY,
        option::of(select(&SMALLS)),
    );
    let times = (
        select(&MICROS),
        option::of(select(&MICROS)),
        option::of(key()),
    );
    (text, numbers, times).prop_map(
        move |((name, note), (rating, active, small), (created, updated, key))| Item {
            id,
            name,
            note,
            rating,
            active,
            small,
            created_at: Micros(created),
            updated_at: updated.map(timestamp),
            key,
        },
    )
}

/// Short text. Letters outside ASCII are lower case: databases disagree on folding others.
pub fn name() -> impl Strategy<Value = String> {
    let chars = select(&[
        'a', 'A', 'b', 'B', '%', '_', '!', '\\', '\'', '"', ',', ' ', '?', '$', 'é', '中', '🦀',
    ]);
    vec(chars, 0..5).prop_map(String::from_iter)
}

fn key() -> impl Strategy<Value = Uuid> {
    select(&[0, 1, u128::MAX, 1 << 127]).prop_map(Uuid::from_u128)
}

fn timestamp(micros: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(micros).expect("within the years of jiff")
}

/// A valid query string of a few distinct filters.
pub fn query() -> impl Strategy<Value = String> {
    let parameters = subsequence(parameters(), 1..=3).prop_flat_map(|chosen| {
        chosen
            .into_iter()
            .map(|(name, values)| (Just(name), values))
            .collect::<Vec<_>>()
    });
    parameters.prop_map(|pairs| encode(&pairs))
}

type Values = proptest::strategy::BoxedStrategy<String>;

/// Every parameter that `Item` allows, with values for it.
fn parameters() -> Vec<(String, Values)> {
    let fields = Item::fields().iter();
    let mut all: Vec<_> = fields
        .flat_map(|field| {
            let allowed = OPERATORS
                .iter()
                .filter(|name| field.operators().iter().any(|op| op.as_str() == **name));
            allowed.map(|op| (format!("{}[{op}]", field.name()), values(field.name(), op)))
        })
        .collect();
    let words = vec(name(), 1..3).prop_map(|words| words.join(" ")).boxed();
    all.push(("q".to_owned(), words));
    all
}

fn values(field: &str, op: &str) -> Values {
    match op {
        "is_null" => select(&["true", "false"]).prop_map(str::to_owned).boxed(),
        "in" => vec(value(field), 1..4)
            .prop_map(|values| list(&values))
            .boxed(),
        _ => value(field),
    }
}

fn value(field: &str) -> Values {
    match field {
        "id" => (-1..13_i64).prop_map(|id| id.to_string()).boxed(),
        "name" | "note" => name().boxed(),
        "rating" => select(&RATINGS)
            .prop_map(|rating| rating.to_string())
            .boxed(),
        "active" => proptest::bool::ANY
            .prop_map(|active| active.to_string())
            .boxed(),
        "amount" => select(&SMALLS).prop_map(|small| small.to_string()).boxed(),
        "key" => key().prop_map(|key| key.to_string()).boxed(),
        _ => select(&MICROS)
            .prop_map(|micros| timestamp(micros).to_string())
            .boxed(),
    }
}

/// A list as clients write it.
pub fn list(values: &[String]) -> String {
    let escaped = values
        .iter()
        .map(|value| value.replace('\\', r"\\").replace(',', r"\,"));
    escaped.collect::<Vec<_>>().join(",")
}

/// `name=value` pairs with every byte that is not a letter or digit escaped.
pub fn encode(pairs: &[(String, String)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but ASCII letters and digits.
pub fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte.is_ascii_alphanumeric() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

/// Defines, for one database, the functions that fill a table and compare it with memory.
#[macro_export]
macro_rules! filter_database {
    ($database:ty, $columns:literal) => {
        /// Creates the table for this connection alone.
        async fn create(connection: &mut <$database as sqlx::Database>::Connection) {
            let create = concat!("CREATE TEMPORARY TABLE items (", $columns, ")");
            sqlx::query(create)
                .execute(connection)
                .await
                .expect("the table is created");
        }

        /// Fills the table, runs each query, and gives the number of rows selected.
        async fn agrees(
            connection: &mut <$database as sqlx::Database>::Connection,
            items: &[$crate::filter::Item],
            queries: &[String],
        ) -> usize {
            refill(connection, items).await;
            let mut selected = 0;
            for query in queries {
                let filters = api_patterns::filter::Filters::from_query(Some(query));
                let filters = filters.unwrap_or_else(|problem| panic!("{query}: {problem:?}"));
                let ids = select(connection, &filters).await;
                let matching = items.iter().filter(|item| filters.matches(item));
                let expected: Vec<_> = matching.map(|item| item.id).collect();
                assert_eq!(ids, expected, "{filters:?} over {items:?}");
                selected += ids.len();
            }
            selected
        }

        async fn refill(
            connection: &mut <$database as sqlx::Database>::Connection,
            items: &[$crate::filter::Item],
        ) {
            sqlx::query("DELETE FROM items")
                .execute(&mut *connection)
                .await
                .expect("emptied");
            let mut insert = sqlx::QueryBuilder::<$database>::new("INSERT INTO items ");
            insert.push_values(items, |mut row, item| {
                let updated_at = item.updated_at.map($crate::filter::Micros::from);
                row.push_bind(item.id)
                    .push_bind(&item.name)
                    .push_bind(&item.note)
                    .push_bind(item.rating)
                    .push_bind(item.active)
                    .push_bind(item.small)
                    .push_bind(item.created_at)
                    .push_bind(updated_at)
                    .push_bind(item.key);
            });
            insert
                .build()
                .execute(connection)
                .await
                .expect("the items are inserted");
        }

        async fn select(
            connection: &mut <$database as sqlx::Database>::Connection,
            filters: &api_patterns::filter::Filters<$crate::filter::Item>,
        ) -> Vec<i64> {
            let mut select = sqlx::QueryBuilder::<$database>::new(
                "SELECT it.id FROM items AS it WHERE it.id = it.id",
            );
            filters.push_and(&mut select);
            select.push(" ORDER BY it.id");
            let sql = select.sql().as_str().to_owned();
            let rows = select.build_query_scalar().fetch_all(connection).await;
            rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
        }
    };
}
