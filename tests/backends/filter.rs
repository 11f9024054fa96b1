//! The filters select the same rows on PostgreSQL and MariaDB as in memory.

use api_patterns::filter::Filter;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

#[derive(Filter)]
struct Sale {
    #[filter(eq, gt, in)]
    price: Decimal,
    #[filter(eq, lt, gte)]
    day: NaiveDate,
    #[filter(eq, ne, gt, gte, lt)]
    sold_at: DateTime<Utc>,
}

/// Queries, and how many of the one sale they find: the ends of what can be written are bound too.
const CASES: [(&str, i64); 9] = [
    ("price=12.5", 1),
    ("price[gt]=12.50", 0),
    (
        "price[in]=79228162514264337593543950335,-0.0000000000000000000000000001,12.5",
        1,
    ),
    ("day=2026-01-31", 1),
    ("day[gte]=0000-01-01&day[lt]=9999-12-31", 1),
    ("sold_at=2026-01-31T10:30:00.123456%2B01:00", 1),
    ("sold_at[gt]=2026-01-31T09:30:00.123456Z", 0),
    ("sold_at[ne]=2026-01-31T09:30:00.123457Z", 1),
    (
        "sold_at[gte]=0000-01-01T00:00:00Z&sold_at[lt]=9999-12-31T23:59:59.999999Z",
        1,
    ),
];

/// The tests of one database, on connections of their own, whose temporary tables do not meet.
macro_rules! agreement {
    ($module:ident, $database:ty, $variable:literal, $cases:literal, $columns:literal, $row:literal) => {
        mod $module {
            use std::cell::RefCell;

            use api_patterns::filter::Filters;
            use sqlx::{Connection as _, QueryBuilder};

            tests::filter_database!($database, $columns);

            #[test]
            fn random_filters_select_what_matches_in_memory() {
                let Some(url) = tests::service_url($variable) else {
                    return;
                };
                let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
                let mut connection = runtime
                    .block_on(<$database as sqlx::Database>::Connection::connect(&url))
                    .expect("the database answers");
                runtime.block_on(create(&mut connection));
                let connection = RefCell::new(connection);
                tests::filter::over_random_tables($cases, |items, queries| {
                    runtime.block_on(agrees(&mut connection.borrow_mut(), items, queries))
                });
            }

            #[tokio::test]
            async fn decimals_and_times_are_bound_with_their_type() {
                let Some(url) = tests::service_url($variable) else {
                    return;
                };
                let connection = <$database as sqlx::Database>::Connection::connect(&url).await;
                let mut connection = connection.expect("the database answers");
                for (query, expected) in super::CASES {
                    let filters = Filters::<super::Sale>::from_query(Some(query)).expect("valid");
                    let mut select = QueryBuilder::<$database>::new(concat!(
                        "SELECT COUNT(*) FROM (",
                        $row,
                        ") AS sale"
                    ));
                    filters.push_where(&mut select);
                    let found = select
                        .build_query_scalar::<i64>()
                        .fetch_one(&mut connection)
                        .await;
                    assert_eq!(found.ok(), Some(expected), "{query}");
                }
            }
        }
    };
}

agreement!(
    postgres,
    sqlx::Postgres,
    "TEST_POSTGRES_URL",
    256,
    "id BIGINT, name TEXT COLLATE \"C\", note TEXT COLLATE \"C\", rating DOUBLE PRECISION, \
     active BOOLEAN, small INTEGER, created_at BIGINT, updated_at BIGINT, key UUID",
    "SELECT 12.50::NUMERIC(10, 2) AS price, DATE '2026-01-31' AS day, \
     TIMESTAMPTZ '2026-01-31 09:30:00.123456+00' AS sold_at"
);

// Without padding: otherwise `a` equals `a `. Fewer cases, because each statement that sqlx drops from
// its cache costs one delayed acknowledgement.
agreement!(
    mysql,
    sqlx::MySql,
    "TEST_MYSQL_URL",
    48,
    "id BIGINT, name TEXT COLLATE utf8mb4_nopad_bin, note TEXT COLLATE utf8mb4_nopad_bin, \
     rating DOUBLE, active BOOLEAN, small INTEGER, created_at BIGINT, updated_at BIGINT, \
     `key` BINARY(16)",
    "SELECT CAST(12.50 AS DECIMAL(10, 2)) AS price, DATE '2026-01-31' AS day, \
     TIMESTAMP '2026-01-31 09:30:00.123456' AS sold_at"
);
