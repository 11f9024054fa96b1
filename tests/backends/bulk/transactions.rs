//! What a failure leaves behind, and which failures end the request.

use std::sync::atomic::{AtomicUsize, Ordering};

use api_patterns::bulk::{BulkDelete, Items};
use api_patterns::problem::Problem;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{PgConnection, QueryBuilder, SqliteConnection, SqlitePool};

use super::{POSTGRES, Row, SQLITE, one_connection, request, told};

mod sqlite {
    super::super::statements!(Sqlite, SqliteConnection);
}

mod postgres {
    super::super::statements!(Postgres, PgConnection);
}

use sqlite::{insert, insert_all, names};

async fn pool() -> SqlitePool {
    one_connection!(SqlitePool, "sqlite::memory:", SQLITE)
}

async fn stored(pool: &SqlitePool) -> Vec<String> {
    names(&mut pool.acquire().await.expect("a connection")).await
}

fn rows(names: &[&str]) -> Items<Row> {
    Items::new(names.iter().map(|name| Row::new(*name, 1)))
}

/// The codes of a request that is refused as a whole.
fn whole<R>(answer: Result<R, Problem>) -> (u16, String) {
    let problem = answer.err().expect("the request fails");
    let code = problem.get_code().unwrap_or_default().to_owned();
    (problem.status().as_u16(), code)
}

#[tokio::test]
async fn a_failed_item_leaves_no_trace() {
    let pool = pool().await;
    // Two statements, the second of which fails for some.
    let two = async |tx: &mut SqliteConnection, row: Row| {
        let first = Row::new(format!("{}-first", row.name), 1);
        insert(tx, first).await?;
        insert(tx, row).await
    };
    let items = Items::new([Row::new("a", 1), Row::new("b", -1), Row::new("c", 1)]);
    let answer = items.run_in(&pool, two).await.expect("no failure of ours");
    assert_eq!(
        told(answer),
        [Ok("a".to_owned()), Err(422), Ok("c".to_owned())]
    );
    assert_eq!(stored(&pool).await, ["a", "a-first", "c", "c-first"]);
}

#[tokio::test]
async fn an_atomic_request_tells_every_culprit_and_keeps_nothing() {
    let pool = pool().await;
    let items = || {
        Items::new(
            [("a", 1), ("b", -1), ("c", 1), ("a", 1)].map(|(name, amount)| Row::new(name, amount)),
        )
    };
    let answer = items()
        .atomic()
        .run_in(&pool, insert)
        .await
        .expect("no failure of ours");
    let expected = [Err(424), Err(422), Err(424), Err(409)];
    assert_eq!(told(answer), expected);
    let answer = items()
        .atomic()
        .insert_in(&pool, insert_all)
        .await
        .expect("no failure of ours");
    assert_eq!(told(answer), expected);
    assert!(stored(&pool).await.is_empty());
    let good = rows(&["a", "b"])
        .atomic()
        .insert_in(&pool, insert_all)
        .await;
    assert_eq!(good.expect("no failure of ours").succeeded(), 2);
    assert_eq!(stored(&pool).await, ["a", "b"]);
}

#[tokio::test]
async fn an_atomic_request_with_a_bad_item_tries_nothing() {
    let pool = pool().await;
    let tried = AtomicUsize::new(0);
    let items = [serde_json::json!(Row::new("a", 1)), serde_json::json!(7)];
    let answer = request("mode=atomic", &items)
        .await
        .run_in(&pool, async |tx, row| {
            tried.fetch_add(1, Ordering::Relaxed);
            insert(tx, row).await
        });
    assert_eq!(
        told(answer.await.expect("no failure of ours")),
        [Err(424), Err(422)]
    );
    assert_eq!(tried.into_inner(), 0);
}

#[tokio::test]
async fn what_the_caller_did_before_is_the_callers() {
    let pool = pool().await;
    let mut tx = pool.begin().await.expect("a transaction");
    insert(&mut tx, Row::new("before", 1))
        .await
        .expect("inserted");
    let failed = rows(&["a", "before"])
        .atomic()
        .run_in(&mut tx, insert)
        .await;
    assert_eq!(
        told(failed.expect("no failure of ours")),
        [Err(424), Err(409)]
    );
    assert_eq!(names(&mut tx).await, ["before"]);
    let partial = rows(&["b", "before"]).run_in(&mut *tx, insert).await;
    assert_eq!(partial.expect("no failure of ours").succeeded(), 1);
    tx.commit().await.expect("committed");
    assert_eq!(stored(&pool).await, ["b", "before"]);
    let mut connection = pool.acquire().await.expect("a connection");
    let alone = rows(&["c"]).insert_in(&mut *connection, insert_all).await;
    assert_eq!(alone.expect("no failure of ours").succeeded(), 1);
    drop(connection);
    assert_eq!(stored(&pool).await, ["b", "before", "c"]);
}

#[tokio::test]
async fn a_failure_of_the_connection_ends_the_request() {
    let pool = pool().await;
    let broken = async |tx: &mut SqliteConnection, row: Row| match row.name.as_str() {
        "b" => Err(Problem::conflict("no").source(sqlx::Error::PoolTimedOut)),
        _ => insert(tx, row).await,
    };
    let answer = rows(&["a", "b", "c"]).run_in(&pool, broken).await;
    assert_eq!(whole(answer), (500, String::new()));
    assert!(stored(&pool).await.is_empty());
}

#[tokio::test]
async fn a_killed_connection_ends_the_request() {
    let Some(url) = tests::service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let pool = one_connection!(sqlx::PgPool, &url, POSTGRES);
    let kill = async |tx: &mut PgConnection, row: Row| {
        if row.name == "b" {
            let kill = sqlx::query("SELECT pg_terminate_backend(pg_backend_pid())");
            // A cause that is not told, so that only the next statement shows it.
            let killed = kill.execute(&mut *tx).await;
            return killed
                .map(|_| String::new())
                .map_err(|_| Problem::conflict("no"));
        }
        postgres::insert(tx, row).await
    };
    let answer = rows(&["a", "b", "c"]).run_in(&pool, kill).await;
    assert_eq!(whole(answer).0, 500);
}

#[tokio::test]
async fn a_conflict_with_another_transaction_may_be_tried_again() {
    let Some(url) = tests::service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let pool = one_connection!(sqlx::PgPool, &url, POSTGRES);
    let conflicting = async |tx: &mut PgConnection, rows: &[Row]| {
        if rows[0].name == "b" {
            let raise = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$";
            sqlx::raw_sql(raise)
                .execute(&mut *tx)
                .await
                .map_err(super::refused)?;
        }
        postgres::insert_all(tx, rows).await
    };
    let answer = rows(&["a", "b", "c"])
        .chunk(1)
        .insert_in(&pool, conflicting)
        .await;
    let problem = answer.expect_err("the request fails");
    assert_eq!(problem.status().as_u16(), 503);
    assert_eq!(problem.get_code(), Some("transaction_conflict"));
    assert_eq!(problem.get_headers()["retry-after"], "1");
    let mut connection = pool.acquire().await.expect("a connection");
    assert!(postgres::names(&mut connection).await.is_empty());
}

#[tokio::test]
async fn two_requests_in_one_order_queue() {
    let Some(url) = tests::service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let pool = sqlx::PgPool::connect(&url)
        .await
        .expect("the database answers");
    sqlx::raw_sql(
        "DROP TABLE IF EXISTS bulk_queue; \
         CREATE TABLE bulk_queue (name TEXT PRIMARY KEY, amount BIGINT NOT NULL)",
    )
    .execute(&pool)
    .await
    .expect("the table is created");
    let insert = async |tx: &mut PgConnection, row: Row| {
        let insert = sqlx::query("INSERT INTO bulk_queue VALUES ($1, $2)");
        let inserted = insert.bind(&row.name).bind(row.amount).execute(tx).await;
        inserted.map(drop).map_err(super::refused)
    };
    let names: Vec<_> = (0..40).map(|name| format!("{name:02}")).collect();
    let requests = (0..8).map(|nth| {
        let mut rows: Vec<_> = names.iter().map(|name| Row::new(name, 1)).collect();
        if nth % 2 == 1 {
            rows.reverse();
        }
        let items = Items::new(rows).ordered_by(|row| row.name.clone());
        items.run_in(&pool, insert)
    });
    let mut made = 0;
    for answer in futures_util::future::join_all(requests).await {
        made += answer.expect("nobody is in the way").succeeded();
    }
    assert_eq!(made, 40);
}

#[tokio::test]
async fn a_database_that_is_busy_may_be_tried_again() {
    let file = std::env::temp_dir().join(format!("bulk-busy-{}.db", std::process::id()));
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .busy_timeout(std::time::Duration::ZERO);
    let pool = SqlitePoolOptions::new()
        .connect_with(options)
        .await
        .expect("SQLite opens a file");
    sqlx::raw_sql(SQLITE)
        .execute(&pool)
        .await
        .expect("the table is created");
    let other = pool
        .begin_with("BEGIN IMMEDIATE")
        .await
        .expect("a transaction");
    let answer = rows(&["a"]).run_in(&pool, insert).await;
    assert_eq!(whole(answer), (503, "transaction_conflict".to_owned()));
    drop(other);
    pool.close().await;
    let _ = std::fs::remove_file(file);
}

#[tokio::test]
async fn another_number_of_results_is_a_mistake_of_ours() {
    let pool = pool().await;
    let short = async |tx: &mut SqliteConnection, rows: &[Row]| {
        let mut inserted = insert_all(tx, rows).await?;
        inserted.pop();
        Ok::<_, Problem>(inserted)
    };
    let answer = rows(&["a", "b"]).insert_in(&pool, short).await;
    assert_eq!(whole(answer).0, 500);
    assert!(stored(&pool).await.is_empty());
}

#[tokio::test]
async fn few_statements_are_needed() {
    let pool = pool().await;
    let statements = async |bad: &dyn Fn(usize) -> bool| {
        let tried = AtomicUsize::new(0);
        let amount = |nth| if bad(nth) { -1 } else { 1 };
        let rows = (0..1000).map(|nth| Row::new(format!("{nth}"), amount(nth)));
        let answer = Items::new(rows).insert_in(&pool, async |tx, rows: &[Row]| {
            tried.fetch_add(1, Ordering::Relaxed);
            insert_all(tx, rows).await
        });
        let failed = answer.await.expect("no failure of ours").failures().count();
        let clear = sqlx::query("DELETE FROM bulk_rows").execute(&pool).await;
        clear.expect("the rows are deleted");
        (failed, tried.into_inner())
    };
    assert_eq!(statements(&|_| false).await, (0, 1));
    let (failed, tried) = statements(&|nth| nth % 100 == 41).await;
    assert_eq!(failed, 10);
    assert!(tried <= 110, "{tried} statements for 10 culprits");
    let (failed, tried) = statements(&|_| true).await;
    assert_eq!(failed, 1000);
    assert!(tried <= 1100, "{tried} statements for 1,000 culprits");
}

/// SQLite takes 32,766 parameters at most: a longer statement is cut like one with a culprit.
#[tokio::test]
async fn a_statement_that_is_too_long_is_cut() {
    let pool = pool().await;
    let items = Items::new((0..4000).map(|nth| Row::new(format!("{nth}"), nth))).chunk(4000);
    let wide = async |tx: &mut SqliteConnection, rows: &[Row]| {
        let mut query = QueryBuilder::<sqlx::Sqlite>::new("INSERT INTO bulk_rows (name, amount) ");
        query.push_values(rows, |mut row, values| {
            row.push_bind(&values.name).push_bind(0_i64);
            for _ in 0..10 {
                row.push_unseparated(" + ")
                    .push_bind_unseparated(values.amount);
            }
        });
        let inserted = query.build().execute(tx).await.map_err(super::refused);
        inserted.map(|_| rows.iter().map(|row| row.name.clone()).collect())
    };
    let answer = items
        .insert_in(&pool, wide)
        .await
        .expect("no failure of ours");
    assert_eq!(answer.succeeded(), 4000);
    assert_eq!(stored(&pool).await.len(), 4000);
}

#[tokio::test]
async fn ids_are_deleted_one_by_one_and_together() {
    let pool = pool().await;
    let one = async |tx: &mut SqliteConnection, name: String| {
        let delete = sqlx::query("DELETE FROM bulk_rows WHERE name = $1").bind(name);
        let deleted = delete.execute(tx).await.map_err(super::refused);
        deleted.map(|deleted| deleted.rows_affected() > 0)
    };
    let many = async |tx: &mut SqliteConnection, names: &[String]| {
        let mut query = QueryBuilder::<sqlx::Sqlite>::new("DELETE FROM bulk_rows WHERE name IN (");
        let mut list = query.separated(", ");
        for name in names {
            list.push_bind(name);
        }
        let query = query.push(") RETURNING name").build_query_scalar();
        query.fetch_all(tx).await.map_err(super::refused)
    };
    let ids = || BulkDelete::<String>::new(["a", "x", "c", "a"].map(str::to_owned));
    let inserted = rows(&["a", "b", "c"]).insert_in(&pool, insert_all).await;
    assert_eq!(inserted.expect("no failure of ours").succeeded(), 3);
    for together in [false, true] {
        let deleted = match together {
            true => ids().atomic().delete_in(&pool, many).await,
            false => ids().atomic().run_in(&pool, one).await,
        };
        let deleted = deleted.expect("no failure of ours");
        assert_eq!(deleted.deleted_count(), 0);
        assert_eq!(deleted.not_found_ids().collect::<Vec<_>>(), ["x"]);
        let failed = deleted
            .failures()
            .map(|(place, problem)| (place, problem.status().as_u16()));
        assert_eq!(failed.collect::<Vec<_>>(), [(0, 424), (2, 424)]);
        assert_eq!(stored(&pool).await, ["a", "b", "c"]);
    }
    let clear = sqlx::query("DELETE FROM bulk_rows").execute(&pool).await;
    clear.expect("the rows are deleted");
    for together in [false, true] {
        let inserted = rows(&["a", "b", "c"]).insert_in(&pool, insert_all).await;
        assert_eq!(inserted.expect("no failure of ours").succeeded(), 3);
        let deleted = match together {
            true => ids().delete_in(&pool, many).await,
            false => ids().run_in(&pool, one).await,
        };
        let deleted = deleted.expect("no failure of ours");
        assert_eq!(deleted.deleted_count(), 2);
        assert_eq!(deleted.not_found_ids().collect::<Vec<_>>(), ["x"]);
        assert_eq!(stored(&pool).await, ["b"]);
        let clear = sqlx::query("DELETE FROM bulk_rows").execute(&pool).await;
        clear.expect("the rows are deleted");
    }
}
