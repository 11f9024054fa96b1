//! What runs items takes no notice of an error of the database.

use std::sync::atomic::{AtomicUsize, Ordering};

use api_patterns::bulk::Items;
use api_patterns::problem::Problem;
use futures_util::future::join;
use sqlx::{Connection as _, MySqlConnection, PgConnection, SqliteConnection};

use super::{MYSQL, POSTGRES, Row, SQLITE, one_connection, request, told};

mod postgres {
    super::super::statements!(Postgres, PgConnection);
}

mod mysql {
    super::super::statements!(MySql, MySqlConnection);
}

mod sqlite {
    super::super::statements!(Sqlite, SqliteConnection);
}

/// "There already is fine", says this, and does not see that nothing more is stored.
async fn insert(tx: &mut PgConnection, row: Row) -> Result<String, Problem> {
    let name = row.name.clone();
    Ok(postgres::insert(tx, row).await.unwrap_or(name))
}

async fn insert_all(tx: &mut PgConnection, rows: &[Row]) -> Result<Vec<String>, Problem> {
    let names = rows.iter().map(|row| row.name.clone()).collect();
    Ok(postgres::insert_all(tx, rows).await.unwrap_or(names))
}

fn rows(names: &str) -> Vec<Row> {
    let names = names.chars().map(String::from);
    names.map(|name| Row::new(name, 1)).collect()
}

async fn postgres_pool() -> Option<sqlx::PgPool> {
    let url = tests::service_url("TEST_POSTGRES_URL")?;
    Some(one_connection!(sqlx::PgPool, &url, POSTGRES))
}

async fn emptied(pool: &sqlx::PgPool) -> String {
    let mut connection = pool.acquire().await.expect("a connection");
    let stored = postgres::names(&mut connection).await.concat();
    let clear = sqlx::query("DELETE FROM bulk_rows");
    let cleared = clear.execute(&mut *connection).await;
    cleared.expect("the rows are deleted");
    stored
}

/// One character for each item: what was made, or `!` for a 500 and `-` for a 424.
fn drawn(outcomes: Vec<Result<String, u16>>) -> String {
    let outcomes = outcomes.into_iter().map(|outcome| match outcome {
        Ok(name) => name,
        Err(500) => "!".to_owned(),
        Err(424) => "-".to_owned(),
        Err(status) => panic!("{status}"),
    });
    outcomes.collect()
}

/// Items, what becomes of each, and what is stored.
const CASES: [[&str; 3]; 8] = [
    ["aba", "ab!", "ab"],
    ["aab", "a!b", "ab"],
    ["aaaa", "a!!!", "a"],
    ["abcabcd", "abc!!!d", "abcd"],
    ["a", "a", "a"],
    ["aa", "a!", "a"],
    ["abcdefghijklmnopa", "abcdefghijklmnop!", "abcdefghijklmnop"],
    ["abcdeefghijklmnop", "abcde!fghijklmnop", "abcdefghijklmnop"],
];

#[tokio::test]
async fn an_item_of_which_nothing_is_stored_has_failed() {
    let Some(pool) = postgres_pool().await else {
        return;
    };
    for [items, expected, left] in CASES {
        let answer = Items::new(rows(items)).run_in(&pool, insert).await;
        let answer = drawn(told(answer.expect("the siblings stay")));
        let stored = emptied(&pool).await;
        assert_eq!((&*answer, &*stored), (expected, left), "{items} one by one");
        for chunk in [1, 2, 3, 100] {
            let items = Items::new(rows(items)).chunk(chunk);
            let answer = items.insert_in(&pool, insert_all).await;
            let answer = drawn(told(answer.expect("the siblings stay")));
            let stored = emptied(&pool).await;
            assert_eq!((&*answer, &*stored), (expected, left), "{chunk} together");
        }
    }
}

#[tokio::test]
async fn in_the_callers_transaction_too() {
    let Some(pool) = postgres_pool().await else {
        return;
    };
    for [items, expected, left] in CASES {
        let mut tx = pool.begin().await.expect("a transaction");
        let answer = Items::new(rows(items)).run_in(&mut tx, insert).await;
        let answer = drawn(told(answer.expect("the siblings stay")));
        assert_eq!(answer, expected, "{items} one by one");
        tx.commit().await.expect("committed");
        assert_eq!(emptied(&pool).await, left);
        let mut tx = pool.begin().await.expect("a transaction");
        let answer = Items::new(rows(items)).insert_in(&mut *tx, insert_all);
        let answer = drawn(told(answer.await.expect("the siblings stay")));
        assert_eq!(answer, expected, "{items} together");
        tx.commit().await.expect("committed");
        assert_eq!(emptied(&pool).await, left);
    }
}

#[tokio::test]
async fn an_atomic_request_keeps_nothing_of_it() {
    let Some(pool) = postgres_pool().await else {
        return;
    };
    for (items, expected) in [("aba", "--!"), ("aab", "-!-"), ("abaca", "--!-!")] {
        let answer = Items::new(rows(items)).atomic().run_in(&pool, insert).await;
        assert_eq!(drawn(told(answer.expect("no failure of all"))), expected);
        let items = Items::new(rows(items)).atomic();
        let answer = items.insert_in(&pool, insert_all).await;
        assert_eq!(drawn(told(answer.expect("no failure of all"))), expected);
        assert_eq!(emptied(&pool).await, "");
    }
}

/// Of items that are tried together, those before a culprit are tried again whatever failed behind.
#[tokio::test]
async fn a_stop_counts_it_in_the_order_of_the_request() {
    let Some(pool) = postgres_pool().await else {
        return;
    };
    let cases = [
        // An item that is no row is `0`.
        (
            1,
            "aab00d",
            vec![Ok("a"), Err(500), Err(424), Err(424), Err(424), Err(424)],
        ),
        (
            2,
            "abac00d",
            vec![
                Ok("a"),
                Ok("b"),
                Err(500),
                Ok("c"),
                Err(422),
                Err(424),
                Err(424),
            ],
        ),
        (
            2,
            "aba00d",
            vec![Ok("a"), Ok("b"), Err(500), Err(422), Err(424), Err(424)],
        ),
        (
            3,
            "aa0ba",
            vec![Ok("a"), Err(500), Err(422), Ok("b"), Err(500)],
        ),
    ];
    for (most, names, expected) in cases {
        let item = |name: char| match name {
            '0' => serde_json::json!(0),
            name => serde_json::json!(Row::new(name, 1)),
        };
        let items: Vec<_> = names.chars().map(item).collect();
        let query = format!("stop_after={most}");
        let expected: Vec<_> = expected
            .into_iter()
            .map(|name| name.map(str::to_owned))
            .collect();
        let stored: String = expected.iter().flatten().cloned().collect();
        let one_by_one = request(&query, &items).await.run_in(&pool, insert).await;
        assert_eq!(told(one_by_one.expect("no failure of all")), expected);
        assert_eq!(emptied(&pool).await, stored, "{names}");
        let together = request(&query, &items).await.insert_in(&pool, insert_all);
        assert_eq!(told(together.await.expect("no failure of all")), expected);
        assert_eq!(emptied(&pool).await, stored, "{names} together");
    }
}

/// What is told of it is nothing, and what is logged is all.
#[tokio::test]
async fn its_problem_names_the_cause_to_the_log_alone() {
    let Some(pool) = postgres_pool().await else {
        return;
    };
    let answer = Items::new(rows("aa")).run_in(&pool, insert).await;
    let outcomes = answer.expect("the siblings stay").into_outcomes();
    let problem = outcomes.expect("no refusal").pop().expect("an item");
    let problem = problem.expect_err("it has failed");
    let shown = serde_json::to_string(&problem).expect("JSON");
    assert!(!shown.contains("transaction"), "{shown}");
    let mut cause = problem
        .get_source()
        .map(|source| source as &dyn std::error::Error);
    let mut causes = String::new();
    while let Some(error) = cause {
        causes += &format!("{error}; ");
        cause = error.source();
    }
    assert!(
        causes.starts_with("what runs bulk items took no notice"),
        "{causes}"
    );
    assert!(
        causes.contains("current transaction is aborted"),
        "{causes}"
    );
}

/// A statement that ends the transaction, as SQLite does by itself on a full disk.
#[tokio::test]
async fn a_transaction_that_sqlite_has_ended_is_no_success() {
    let insert = async |tx: &mut SqliteConnection, row: Row| {
        let insert = sqlx::query("INSERT OR ROLLBACK INTO bulk_rows VALUES ($1, $2)");
        let inserted = insert.bind(&row.name).bind(row.amount).execute(tx).await;
        Ok::<_, Problem>(inserted.map_or(0, |inserted| inserted.rows_affected()))
    };
    for items in ["aba", "aab"] {
        let file = std::env::temp_dir().join(format!("bulk-{items}-{}.db", std::process::id()));
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let pool = one_connection!(sqlx::SqlitePool, &url, SQLITE);
        let answer = Items::new(rows(items)).run_in(&pool, insert).await;
        let problem = answer.expect_err("what came before is lost");
        assert_eq!(problem.status().as_u16(), 500);
        let mut connection = pool.acquire().await.expect("a connection");
        assert!(sqlite::names(&mut connection).await.is_empty());
        let _ = std::fs::remove_file(file);
    }
}

/// A bulk within each item of a bulk, within savepoints of the caller.
#[tokio::test]
async fn savepoints_within_savepoints_do_not_meet() {
    let Some(url) = tests::service_url("TEST_MYSQL_URL") else {
        return;
    };
    let pool = one_connection!(sqlx::MySqlPool, &url, MYSQL);
    let runs = AtomicUsize::new(0);
    let within = async |tx: &mut MySqlConnection, row: Row| {
        let run = runs.fetch_add(1, Ordering::Relaxed);
        let inner = [("x", 1), ("y", 1), ("z", -1)];
        let inner = inner.map(|(name, amount)| Row::new(format!("{run}{name}"), amount));
        let inner = Items::new(inner).run_in(&mut *tx, mysql::insert).await?;
        assert_eq!((inner.succeeded(), inner.failures().count()), (2, 1));
        mysql::insert(tx, row).await
    };
    let mut tx = pool.begin().await.expect("a transaction");
    let mark = sqlx::raw_sql("SAVEPOINT bulk_item").execute(&mut *tx).await;
    mark.expect("a savepoint");
    let answer = Items::new(rows("aab")).run_in(&mut tx, within).await;
    let told = told(answer.expect("no failure of all"));
    assert_eq!(told, [Ok("a".to_owned()), Err(409), Ok("b".to_owned())]);
    assert_eq!(
        mysql::names(&mut tx).await,
        ["0x", "0y", "2x", "2y", "a", "b"]
    );
    let back = sqlx::raw_sql("ROLLBACK TO SAVEPOINT bulk_item");
    back.execute(&mut *tx)
        .await
        .expect("the caller's savepoint");
    assert!(mysql::names(&mut tx).await.is_empty());
}

/// The other transaction has written more, so this one is the victim.
#[tokio::test]
async fn a_deadlock_that_is_ignored_is_no_success() {
    let Some(url) = tests::service_url("TEST_MYSQL_URL") else {
        return;
    };
    let mut other = MySqlConnection::connect(&url).await.expect("a database");
    let table = "CREATE OR REPLACE TABLE bulk_deadlock (id INT PRIMARY KEY, n INT) ENGINE = InnoDB; \
                 INSERT INTO bulk_deadlock SELECT seq, 0 FROM seq_1_to_100";
    let created = sqlx::raw_sql(table).execute(&mut other).await;
    created.expect("the table is created");
    for items in [vec![1, 2], vec![1, 2, 3]] {
        let mut theirs = other.begin().await.expect("a transaction");
        let locked = "UPDATE bulk_deadlock SET n = n + 1 WHERE id BETWEEN 10 AND 100";
        sqlx::query(locked)
            .execute(&mut *theirs)
            .await
            .expect("locked");
        let theirs = tokio::sync::Mutex::new(theirs);
        let update = async |tx: &mut MySqlConnection, id: i32| {
            let one = "UPDATE bulk_deadlock SET n = n + 1 WHERE id = ?";
            sqlx::query(one)
                .bind(id)
                .execute(&mut *tx)
                .await
                .expect("free");
            if id == 2 {
                let mut theirs = theirs.lock().await;
                let mine = sqlx::query(one).bind(50).execute(tx);
                let yours = sqlx::query(one).bind(1).execute(&mut **theirs);
                let (mine, yours) = join(mine, yours).await;
                assert!(mine.is_err(), "this one is the victim");
                yours.expect("the other one goes on");
            }
            Ok::<_, Problem>(id)
        };
        let pool = sqlx::MySqlPool::connect(&url).await.expect("a database");
        let answer = Items::new(items).run_in(&pool, update).await;
        let problem = answer.expect_err("what came before is lost");
        assert_eq!(problem.status().as_u16(), 500);
        theirs.into_inner().rollback().await.expect("undone");
        let ids = sqlx::query_scalar::<_, i32>("SELECT id FROM bulk_deadlock WHERE n > 0");
        let changed = ids.fetch_all(&pool).await.expect("rows");
        assert!(changed.is_empty(), "{changed:?}");
    }
}
