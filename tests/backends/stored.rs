//! Columns in which a value lies in another form than the one a key would be bound in.

use api_patterns::pagination::{CursorPage, Keyset, PageRequest, Pagination, Scan};
use api_patterns::problem::Problem;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Executor as _, FromRow, MySqlPool, PgPool, SqlitePool};
use tests::service_url;

#[derive(Clone, Debug, FromRow, Keyset)]
#[keyset(unique = id, default = "at")]
struct Dated {
    id: i64,
    at: DateTime<Utc>,
}

#[derive(Clone, Debug, FromRow, Keyset)]
#[keyset(unique = id, default = "weight")]
struct Weighed {
    id: i64,
    weight: f32,
}

#[derive(Clone, Debug, FromRow, Keyset)]
#[keyset(unique = id, default = "done")]
struct Done {
    id: i64,
    done: bool,
}

#[derive(Clone, Debug, FromRow, Keyset)]
#[keyset(unique = id, default = "name", sortable(name))]
struct Named {
    id: i64,
    name: String,
}

fn first<T: Keyset>(sort: Option<&str>, limit: usize) -> PageRequest<T> {
    PageRequest::start(&Pagination::plain(), sort, limit).expect("allowed")
}

async fn sqlite(table: &str) -> SqlitePool {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let db = options
        .connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    db.execute(AssertSqlSafe(table.to_owned()))
        .await
        .expect("a table");
    db
}

/// The page that could not be followed is an error which tells the application what is wrong.
fn refused<T>(page: Result<CursorPage<T>, Problem>, column: &str) {
    let problem = page.err().expect("a page whose cursor would find nothing");
    assert_eq!(problem.status().as_u16(), 500);
    let cause = problem
        .get_source()
        .expect("a cause for the log")
        .to_string();
    assert!(cause.contains(&format!("column `{column}`")), "{cause}");
}

#[tokio::test]
async fn sqlite_timestamps_in_a_format_that_sqlx_does_not_write_are_refused() {
    let db = sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO t (id) VALUES (1), (2), (3)",
    )
    .await;
    let page = first::<Dated>(None, 2).fetch(&db, |q| {
        q.push("SELECT id, at FROM t");
    });
    refused(page.await, "at");
    // Converted in the query, they are paged.
    let page = first::<Dated>(None, 2).fetch(&db, |q| {
        q.push("SELECT id, strftime('%Y-%m-%dT%H:%M:%S+00:00', at) AS at FROM t");
    });
    assert!(page.await.expect("a page").has_more);
}

#[tokio::test]
async fn sqlite_values_of_another_precision_are_refused() {
    let db = sqlite(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, weight REAL, done INTEGER);
         INSERT INTO t VALUES (1, 0.1, 1), (2, 0.1, 2), (3, 0.1, 2)",
    )
    .await;
    let page = first::<Weighed>(None, 2).fetch(&db, |q| {
        q.push("SELECT id, weight FROM t");
    });
    refused(page.await, "weight");
    let page = first::<Done>(None, 2).fetch(&db, |q| {
        q.push("SELECT id, done FROM t");
    });
    refused(page.await, "done");
}

#[tokio::test]
async fn mariadb_values_of_another_precision_are_refused() {
    let Some(url) = service_url("TEST_MYSQL_URL") else {
        return;
    };
    let db = MySqlPool::connect(&url).await.expect("MariaDB answers");
    db.execute("DROP TABLE IF EXISTS stored")
        .await
        .expect("an old table is dropped");
    db.execute("CREATE TABLE stored (id BIGINT PRIMARY KEY, weight DOUBLE NOT NULL, done TINYINT(1) NOT NULL)")
        .await
        .expect("a table");
    db.execute("INSERT INTO stored VALUES (1, 0.1, 5), (2, 0.1, 5), (3, 0.1, 5)")
        .await
        .expect("rows");
    let page = first::<Weighed>(None, 2).fetch(&db, |q| {
        q.push("SELECT id, weight FROM stored");
    });
    refused(page.await, "weight");
    let page = first::<Done>(None, 2).fetch(&db, |q| {
        q.push("SELECT id, done FROM stored");
    });
    refused(page.await, "done");
}

#[tokio::test]
async fn text_on_postgres_is_compared_as_its_column_is() {
    let Some(url) = service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let db: PgPool = options.connect(&url).await.expect("PostgreSQL answers");
    db.execute("CREATE EXTENSION IF NOT EXISTS citext")
        .await
        .expect("contrib modules");
    db.execute(
        "CREATE TEMPORARY TABLE texts (id BIGINT PRIMARY KEY, folded CITEXT, padded CHAR(5), plain VARCHAR(9));
         INSERT INTO texts VALUES (1, 'a', 'a', 'a'), (2, 'B', 'a', 'a'), (3, 'b', 'a', 'B'), (4, 'A', 'b', 'b'),
            (5, 'C', 'c', 'b'), (6, 'c', 'c', 'c')",
    )
    .await
    .expect("a table");
    for column in ["folded", "padded", "plain"] {
        for sort in ["name", "-name"] {
            let select = format!("SELECT id, {column} AS name FROM texts");
            let scan = Scan::<Named>::new(&Pagination::plain(), Some(sort), []).expect("allowed");
            let (mut seen, mut page) = (Vec::new(), first::<Named>(Some(sort), 1));
            while seen.len() < 10 {
                let found = page.fetch(&db, |q| {
                    q.push(&select);
                });
                let found = found.await.expect("a page");
                seen.extend(found.items.iter().map(|row| row.id));
                let Some(cursor) = found.next_cursor else {
                    break;
                };
                page = first(Some(sort), 1)
                    .at(scan.open(&cursor).expect("its own"))
                    .expect("of this scan");
            }
            let mut ids = seen.clone();
            ids.sort_unstable();
            assert_eq!(ids, [1, 2, 3, 4, 5, 6], "{column}, {sort}: {seen:?}");
        }
    }
}
