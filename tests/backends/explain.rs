//! A page at depth is an index range: shown by the plan, and by the rows that the database read.

use api_patterns::pagination::{Keyset, PageRequest, Pagination};
use sqlx::{AssertSqlSafe, Execute as _, Executor as _, FromRow, QueryBuilder, Row as _};
use tests::service_url;

const ROWS: i64 = 20_000;
const LIMIT: usize = 20;

#[derive(Clone, Debug, FromRow, Keyset)]
#[keyset(
    unique = id,
    default = "-created",
    sortable(created, price, rating, tied, name)
)]
struct Item {
    id: i64,
    created: i64,
    price: i64,
    rating: Option<f64>,
    tied: i64,
    name: String,
}

/// The orders under test and, for each, a place deep in the table.
const SORTS: [(&str, &str); 9] = [
    ("uniform, down", "-created"),
    ("uniform, up", "created"),
    ("nullable, up", "rating"),
    ("nullable, down", "-rating"),
    ("10,000 ties, up", "tied"),
    ("10,000 ties, down", "-tied"),
    ("mixed", "-price,name"),
    ("mixed, turned", "price,-name"),
    ("uniform, three columns", "price,name"),
];

const TABLE: &str = "id BIGINT PRIMARY KEY, created BIGINT NOT NULL, price BIGINT NOT NULL, \
    rating DOUBLE PRECISION, tied BIGINT NOT NULL, name VARCHAR(40) NOT NULL, kind BIGINT NOT NULL";

const INDEXES: [&str; 5] = [
    "created, id",
    "rating, id",
    "tied, id",
    "price DESC, name, id DESC",
    "price, name, id",
];

fn item(id: i64) -> Item {
    Item {
        id,
        created: 1_000_000 + id / 2,
        price: id * 7919 % 500,
        rating: (id % 3 != 0).then(|| f64::from((id * 31 % 101) as i32) / 10.0),
        tied: i64::from(id > ROWS / 2),
        name: format!("name {}", id * 17 % 300),
    }
}

fn insert<DB>(ids: std::ops::Range<i64>) -> QueryBuilder<DB>
where
    DB: sqlx::Database,
    for<'q> i64: sqlx::Encode<'q, DB> + sqlx::Type<DB>,
    for<'q> Option<f64>: sqlx::Encode<'q, DB> + sqlx::Type<DB>,
    for<'q> String: sqlx::Encode<'q, DB> + sqlx::Type<DB>,
{
    let mut query = QueryBuilder::new("INSERT INTO deep ");
    query.push_values(ids.map(item), |mut values, item| {
        values
            .push_bind(item.id)
            .push_bind(item.created)
            .push_bind(item.price)
            .push_bind(item.rating)
            .push_bind(item.tied)
            .push_bind(item.name)
            .push_bind(item.id % 2);
    });
    query
}

/// A page in the middle of the table, either way, and its first page.
fn pages(sort: &str) -> Vec<PageRequest<Item>> {
    let first =
        || PageRequest::<Item>::start(&Pagination::plain(), Some(sort), LIMIT).expect("allowed");
    let all = PageRequest::<Item>::start(&Pagination::plain(), Some(sort), ROWS as usize)
        .expect("allowed");
    let ordered = all.select((1..=ROWS).map(item)).expect("a page").items;
    let middle = &ordered[ordered.len() / 2];
    let scan = api_patterns::pagination::Scan::<Item>::new(&Pagination::plain(), Some(sort), [])
        .expect("allowed");
    [scan.after(middle), scan.before(middle)]
        .into_iter()
        .map(|cursor| scan.open(&cursor.expect("a cursor")).expect("its own"))
        .map(|position| first().at(position).expect("of this scan"))
        .chain([first()])
        .collect()
}

// A condition stands in the application's query, so that what is shown holds with one too.
const SELECT: &str =
    "SELECT d.id, d.created, d.price, d.rating, d.tied, d.name FROM deep d WHERE d.kind >= ";

fn query<DB>(q: &mut QueryBuilder<DB>)
where
    DB: sqlx::Database,
    for<'q> i64: sqlx::Encode<'q, DB> + sqlx::Type<DB>,
{
    q.push(SELECT).push_bind(0_i64);
}

/// Creates the indexes and inserts the rows.
macro_rules! fill {
    ($db:expr) => {{
        for columns in INDEXES {
            let name = columns.replace([',', ' '], "_");
            let create = format!("CREATE INDEX deep_{name} ON deep ({columns})");
            $db.execute(AssertSqlSafe(create)).await.expect("an index");
        }
        for start in (1..=ROWS).step_by(1000) {
            let mut rows = insert(start..start + 1000);
            rows.build().execute($db).await.expect("rows");
        }
    }};
}

/// A statement with its values: planners look at those too.
fn explain<DB: sqlx::Database>(explain: &str, mut statement: QueryBuilder<DB>) -> QueryBuilder<DB>
where
    DB::Arguments: sqlx::IntoArguments<DB>,
{
    let sql = format!("{explain}{}", statement.sql().as_str());
    let arguments = statement
        .build()
        .take_arguments()
        .expect("encoded")
        .expect("arguments");
    QueryBuilder::with_arguments(sql, arguments)
}

#[tokio::test]
async fn pages_on_sqlite_search_an_index_and_sort_nothing() {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let db = options
        .connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    db.execute(AssertSqlSafe(format!("CREATE TABLE deep ({TABLE})")))
        .await
        .expect("a table");
    fill!(&db);
    db.execute("ANALYZE").await.expect("statistics");
    for (name, sort) in SORTS {
        for (nth, page) in pages(sort).into_iter().enumerate() {
            let mut explain = explain(
                "EXPLAIN QUERY PLAN ",
                page.build::<sqlx::Sqlite>(query).expect("a statement"),
            );
            let statement = explain.sql().as_str().to_owned();
            let plan = explain.build().fetch_all(&db).await.expect("a plan");
            let plan: Vec<String> = plan.iter().map(|line| line.get("detail")).collect();
            let plan = plan.join("\n");
            assert!(!plan.contains("TEMP B-TREE"), "{name}: {statement}\n{plan}");
            assert!(plan.contains("USING INDEX"), "{name}: {plan}");
            // The first page reads an index from its end.
            assert!(
                nth == 2 || !plan.contains("SCAN"),
                "{name}: {statement}\n{plan}"
            );
        }
    }
}

#[tokio::test]
async fn pages_on_postgres_read_an_index_range() {
    let Some(url) = service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let db = options.connect(&url).await.expect("PostgreSQL answers");
    db.execute(AssertSqlSafe(format!(
        "CREATE TEMPORARY TABLE deep ({TABLE})"
    )))
    .await
    .expect("a table");
    fill!(&db);
    db.execute("ANALYZE deep").await.expect("statistics");
    for (name, sort) in SORTS {
        for page in pages(sort) {
            let statement = page.build::<sqlx::Postgres>(query).expect("a statement");
            let mut explain = explain("EXPLAIN (ANALYZE, TIMING OFF) ", statement);
            let plan: Vec<String> = explain
                .build_query_scalar()
                .fetch_all(&db)
                .await
                .expect("a plan");
            assert!(
                plan.iter().any(|line| line.contains("Index")),
                "{name}: {plan:#?}"
            );
            assert!(
                plan.iter().all(|line| !line.contains("Seq Scan")),
                "{name}: {plan:#?}"
            );
            // The whole page and one row, in each of at most three arms.
            let most = plan
                .iter()
                .filter_map(|line| rows_read(line))
                .max()
                .expect("row counts");
            assert!(most <= 3 * (LIMIT as u64 + 1), "{name}: {plan:#?}");
        }
    }
}

/// `actual rows=21 loops=1` and `Rows Removed by Filter: 42`.
fn rows_read(line: &str) -> Option<u64> {
    let actual = line.split_once("actual rows=").map(|(_, rest)| rest);
    let removed = line
        .split_once("Rows Removed by Filter: ")
        .map(|(_, rest)| rest);
    let digits = actual
        .or(removed)?
        .split(|c: char| !c.is_ascii_digit())
        .next()?;
    digits.parse().ok()
}

#[tokio::test]
async fn pages_on_mariadb_read_an_index_range() {
    let Some(url) = service_url("TEST_MYSQL_URL") else {
        return;
    };
    let options = sqlx::mysql::MySqlPoolOptions::new().max_connections(1);
    let db = options.connect(&url).await.expect("MariaDB answers");
    db.execute("DROP TABLE IF EXISTS deep")
        .await
        .expect("an old table is dropped");
    let charset = "CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
    db.execute(AssertSqlSafe(format!(
        "CREATE TABLE deep ({TABLE}) {charset}"
    )))
    .await
    .expect("a table");
    fill!(&db);
    db.execute("ANALYZE TABLE deep").await.expect("statistics");
    for (name, sort) in SORTS {
        for page in pages(sort) {
            let before = handler_reads(&db).await;
            let mut statement = page.build::<sqlx::MySql>(query).expect("a statement");
            let rows = statement.build().fetch_all(&db).await.expect("rows");
            assert_eq!(rows.len(), LIMIT + 1, "{name}");
            let read = handler_reads(&db).await - before;
            // The page and one row from each of at most three arms, once more from the table
            // that joins the arms, and what reading the counter costs.
            assert!(
                read < 1000,
                "{name}: {read} rows read by {}",
                statement.into_string()
            );
        }
    }
}

async fn handler_reads(db: &sqlx::MySqlPool) -> u64 {
    let rows = sqlx::query("SHOW SESSION STATUS LIKE 'Handler_read%'")
        .fetch_all(db)
        .await
        .expect("counters");
    rows.iter()
        .map(|row| row.get::<String, _>(1).parse::<u64>().expect("a number"))
        .sum()
}
