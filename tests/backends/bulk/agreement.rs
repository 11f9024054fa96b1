//! One statement, a savepoint each, and one by one: the same answer and the same rows.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{MYSQL, POSTGRES, Row, SQLITE};

/// One of the items of a request.
#[derive(Clone, Debug)]
enum Given {
    Row(Row),
    /// Not even a row.
    Wrong,
}

impl Given {
    fn json(&self) -> Value {
        match self {
            Self::Row(row) => json!(row),
            Self::Wrong => json!({ "name": 7 }),
        }
    }
}

/// A request, and the rows that are there before.
#[derive(Clone, Debug)]
struct Case {
    before: Vec<u8>,
    given: Vec<Given>,
    atomic: bool,
    stop_after: Option<usize>,
    chunk: usize,
}

fn case() -> impl Strategy<Value = Case> {
    let given = prop_oneof![
        8 => (0..60_u8, Just(1_i64)),
        1 => (0..60_u8, Just(-1_i64)),
    ];
    let given = prop_oneof![
        9 => given.prop_map(|(name, amount)| Given::Row(Row::new(name.to_string(), amount))),
        1 => Just(Given::Wrong),
    ];
    // Mostly new names, so that some requests have few culprits.
    let fresh = (any::<u32>(), 0..100_u8).prop_map(|(name, bad)| {
        Given::Row(Row::new(format!("n{name}"), if bad == 0 { -1 } else { 1 }))
    });
    let given = prop_oneof![
        proptest::collection::vec(given, 1..50),
        proptest::collection::vec(fresh, 1..300),
    ];
    let mode = prop_oneof![
        3 => (Just(false), Just(None)),
        1 => (Just(true), Just(None)),
        2 => (Just(false), (1..6_usize).prop_map(Some)),
    ];
    let before = proptest::collection::vec(0..60_u8, 0..8);
    (before, given, mode, 1..300_usize).prop_map(|(before, given, mode, chunk)| Case {
        before,
        given,
        atomic: mode.0,
        stop_after: mode.1,
        chunk,
    })
}

impl Case {
    fn query(&self) -> String {
        match (self.atomic, self.stop_after) {
            (true, _) => "mode=atomic".to_owned(),
            (false, Some(most)) => format!("stop_after={most}"),
            (false, None) => String::new(),
        }
    }

    fn before(&self) -> BTreeSet<String> {
        self.before.iter().map(u8::to_string).collect()
    }

    /// What is to be expected: each item on its own, in the order of the request.
    fn expected(&self) -> (Vec<Result<String, u16>>, BTreeSet<String>) {
        let mut rows = self.before();
        let mut failures = 0;
        let mut outcomes = Vec::new();
        let wrong = self.given.iter().any(|given| matches!(given, Given::Wrong));
        for given in &self.given {
            let stopped = self.stop_after.is_some_and(|most| failures >= most);
            let outcome = match given {
                _ if stopped => Err(424),
                Given::Wrong => Err(422),
                Given::Row(_) if self.atomic && wrong => Err(424),
                Given::Row(row) if row.amount < 0 => Err(422),
                Given::Row(row) if !rows.insert(row.name.clone()) => Err(409),
                Given::Row(row) => Ok(row.name.clone()),
            };
            failures += usize::from(outcome.is_err());
            outcomes.push(outcome);
        }
        if self.atomic && failures > 0 {
            rows = self.before();
            for outcome in &mut outcomes {
                if outcome.is_ok() {
                    *outcome = Err(424);
                }
            }
        }
        (outcomes, rows)
    }
}

macro_rules! agreement {
    ($module:ident, $database:ident, $connection:ident, $pool:ty, $url:expr, $create:expr, $cases:literal) => {
        mod $module {
            use std::collections::BTreeSet;

            use proptest::prelude::*;
            use proptest::test_runner::TestRunner;
            use serde_json::Value;

            use super::super::{one_connection, request, statements, told};
            use super::{Case, case};

            statements!($database, $connection);

            /// The rows of the case alone.
            async fn reset(pool: &$pool, case: &Case) {
                let mut connection = pool.acquire().await.expect("a connection");
                let clear = sqlx::query("DELETE FROM bulk_rows").execute(&mut *connection);
                clear.await.expect("the rows are deleted");
                let before: Vec<_> = case
                    .before()
                    .into_iter()
                    .map(|name| Row::new(name, 1))
                    .collect();
                if !before.is_empty() {
                    let inserted = insert_all(&mut connection, &before).await;
                    inserted.expect("the rows are inserted");
                }
            }

            async fn rows(pool: &$pool) -> BTreeSet<String> {
                let mut connection = pool.acquire().await.expect("a connection");
                names(&mut connection).await.into_iter().collect()
            }

            async fn check(pool: &$pool, case: &Case) {
                let given: Vec<Value> = case.given.iter().map(|given| given.json()).collect();
                let items = async || request(&case.query(), &given).await;
                let expected = case.expected();
                reset(pool, case).await;
                let answer = items().await.run_in(pool, insert).await;
                let found = (told(answer.expect("no failure of ours")), rows(pool).await);
                assert_eq!(found, expected, "a savepoint each");
                reset(pool, case).await;
                let many = items().await.chunk(case.chunk);
                let answer = many.insert_in(pool, insert_all).await;
                let found = (told(answer.expect("no failure of ours")), rows(pool).await);
                assert_eq!(found, expected, "one statement");
                if !case.atomic {
                    reset(pool, case).await;
                    let one = async |row| {
                        insert(&mut *pool.acquire().await.expect("a connection"), row).await
                    };
                    let found = (told(items().await.run(one).await), rows(pool).await);
                    assert_eq!(found, expected, "one by one");
                }
                reset(pool, case).await;
                let mut tx = pool.begin().await.expect("a transaction");
                let many = items().await.chunk(case.chunk);
                let answer = many.insert_in(&mut tx, insert_all).await;
                let found = told(answer.expect("no failure of ours"));
                let found = (found, names(&mut tx).await.into_iter().collect());
                assert_eq!(found, expected, "in the caller's transaction");
                tx.rollback().await.expect("rolled back");
                assert_eq!(rows(pool).await, case.before());
            }

            #[test]
            fn all_ways_to_insert_agree() {
                let Some(url) = $url else {
                    return;
                };
                let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
                let pool = runtime.block_on(async { one_connection!($pool, &url, $create) });
                let mut runner = TestRunner::new(ProptestConfig {
                    cases: $cases,
                    failure_persistence: None,
                    ..ProptestConfig::default()
                });
                let result = runner.run(&case(), |case| {
                    runtime.block_on(check(&pool, &case));
                    Ok(())
                });
                result.expect("they agree");
            }
        }
    };
}

agreement!(
    sqlite,
    Sqlite,
    SqliteConnection,
    sqlx::SqlitePool,
    Some("sqlite::memory:".to_owned()),
    super::SQLITE,
    300
);
agreement!(
    postgres,
    Postgres,
    PgConnection,
    sqlx::PgPool,
    tests::service_url("TEST_POSTGRES_URL"),
    super::POSTGRES,
    60
);
agreement!(
    mysql,
    MySql,
    MySqlConnection,
    sqlx::MySqlPool,
    tests::service_url("TEST_MYSQL_URL"),
    super::MYSQL,
    60
);
