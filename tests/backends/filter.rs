//! The filters select the same rows on PostgreSQL and MariaDB as in memory.

/// One test: random tables on a connection of its own, whose temporary table meets no other test.
macro_rules! agreement {
    ($module:ident, $database:ty, $variable:literal, $cases:literal, $columns:literal) => {
        mod $module {
            use std::cell::RefCell;

            use sqlx::Connection as _;

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
        }
    };
}

agreement!(
    postgres,
    sqlx::Postgres,
    "TEST_POSTGRES_URL",
    256,
    "id BIGINT, name TEXT COLLATE \"C\", note TEXT COLLATE \"C\", rating DOUBLE PRECISION, \
     active BOOLEAN, small INTEGER, created_at BIGINT, updated_at BIGINT, key UUID"
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
     `key` BINARY(16)"
);
