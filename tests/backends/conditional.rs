//! Preconditions in the statement that makes the change: what it touches, on each database.

use api_patterns::conditional::{ETag, Preconditions};
use api_patterns::problem::Problem;
use api_patterns::sql::{Dialect, SqlDatabase};
use http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use http::{HeaderValue, Method};
use sqlx::{
    Acquire as _, Encode, Executor, IntoArguments, MySql, Pool, Postgres, QueryBuilder, Sqlite,
    SqlitePool, Type,
};
use tests::service_url;

const TABLE: &str = "CREATE TABLE kept_states (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, \
    name VARCHAR(20) NOT NULL)";

/// The version that rows begin with.
const VERSION: i64 = 7;

/// What a client sends, and whether the row at [`VERSION`] is changed.
const SENT: [(HeaderName, &str, bool); 24] = [
    (IF_MATCH, "\"7\"", true),
    (IF_MATCH, "\"6\", \"7\", \"8\"", true),
    (IF_MATCH, "\"7\", \"7\"", true),
    (IF_MATCH, "\"7-hal+json\"", true),
    (IF_MATCH, "\"7-gzip\"", true),
    (IF_MATCH, "\"7-hal+json;br\"", true),
    (IF_MATCH, "\"other\", \"7\"", true),
    (IF_MATCH, "*", true),
    (IF_MATCH, "", false),
    (IF_MATCH, "\"6\"", false),
    (IF_MATCH, "\"6\", \"8\"", false),
    (IF_MATCH, "W/\"7\"", false),
    (IF_MATCH, "\"07\"", false),
    (IF_MATCH, "\"+7\"", false),
    (IF_MATCH, "\"7.0\"", false),
    (IF_MATCH, "\"9223372036854775808\"", false),
    (IF_MATCH, "\"7'--\"", false),
    (IF_MATCH, "\"1=1\"", false),
    (IF_NONE_MATCH, "*", false),
    (IF_NONE_MATCH, "\"7\"", false),
    (IF_NONE_MATCH, "W/\"6\", W/\"7-hal+json\"", false),
    (IF_NONE_MATCH, "\"6\"", true),
    (IF_NONE_MATCH, "\"other\"", true),
    (IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT", true),
];

fn when(fields: &[(HeaderName, &str)]) -> Preconditions {
    let fields = fields.iter().map(|(name, value)| {
        let value = HeaderValue::from_str(value).expect("a value");
        (name.clone(), value)
    });
    let headers: HeaderMap = fields.collect();
    Preconditions::parse(&Method::PATCH, &headers).expect("well-formed")
}

fn update<DB: SqlDatabase>(when: &Preconditions, name: &str) -> QueryBuilder<DB>
where
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("UPDATE kept_states SET version = version + 1, name = ");
    query.push_bind(name.to_owned());
    query.push(" WHERE id = ").push_bind(1_i64);
    when.push_where(&mut query, "version");
    query
}

/// Sends everything that is in [`SENT`], each to a row of its own time.
async fn each_is_decided_as_by_a_check<DB>(db: &Pool<DB>)
where
    DB: SqlDatabase,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    let mut connection = db.acquire().await.expect("a connection");
    for (field, value, changes) in SENT {
        let mut transaction = connection.begin().await.expect("a transaction");
        let mut insert = QueryBuilder::<DB>::new("INSERT INTO kept_states VALUES (");
        insert
            .push_bind(1_i64)
            .push(", ")
            .push_bind(VERSION)
            .push(", ");
        insert.push_bind("one".to_owned()).push(")");
        DB::execute(insert, &mut transaction).await.expect("a row");

        let when = when(&[(field.clone(), value)]);
        let update = update::<DB>(&when, "two");
        let touched = DB::execute(update, &mut transaction).await;
        let touched = touched.expect("a statement");
        assert_eq!(touched, u64::from(changes), "{field}: {value}");
        let checked = when.check(ETag::version(VERSION)).is_ok();
        assert_eq!(checked, changes, "{field}: {value}, checked");

        let version = "SELECT version FROM kept_states WHERE id = 1";
        let version = DB::number(QueryBuilder::new(version), &mut transaction).await;
        let version = version.expect("a version");
        assert_eq!(version, VERSION + i64::from(changes), "{field}: {value}");
        transaction.rollback().await.expect("as it was");
    }
}

#[tokio::test]
async fn the_statement_decides_as_the_check_on_sqlite() {
    let db = sqlite("sqlite::memory:", 1).await;
    each_is_decided_as_by_a_check::<Sqlite>(&db).await;
}

#[tokio::test]
async fn the_statement_decides_as_the_check_on_postgres() {
    let Some(url) = service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let db = options.connect(&url).await.expect("PostgreSQL answers");
    let table = TABLE.replacen("CREATE", "CREATE TEMPORARY", 1);
    db.execute(sqlx::AssertSqlSafe(table))
        .await
        .expect("a table");
    each_is_decided_as_by_a_check::<Postgres>(&db).await;
}

#[tokio::test]
async fn the_statement_decides_as_the_check_on_mariadb() {
    let Some(url) = service_url("TEST_MYSQL_URL") else {
        return;
    };
    let options = sqlx::mysql::MySqlPoolOptions::new().max_connections(1);
    let db = options.connect(&url).await.expect("MariaDB answers");
    let table = TABLE.replacen("CREATE", "CREATE TEMPORARY", 1) + " ENGINE = InnoDB";
    db.execute(sqlx::AssertSqlSafe(table))
        .await
        .expect("a table");
    each_is_decided_as_by_a_check::<MySql>(&db).await;
}

async fn sqlite(address: &str, connections: u32) -> SqlitePool {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(connections);
    let db = options.connect(address).await.expect("SQLite opens");
    db.execute(TABLE).await.expect("a table");
    db
}

#[test]
fn only_bound_values_and_a_quoted_name_reach_the_statement() {
    let sql = |fields: &[(HeaderName, &str)]| {
        let mut query = QueryBuilder::<Sqlite>::new("");
        when(fields).push_where(&mut query, "p.version`; --");
        query.sql().as_str().to_owned()
    };
    let name = Dialect::Sqlite.quote("p.version`; --").to_string();
    assert_eq!(name, "`p`.`version``; --`");
    let table: [(&[(HeaderName, &str)], String); 9] = [
        (&[], String::new()),
        (&[(IF_MATCH, "*")], String::new()),
        (&[(IF_MATCH, "\"7\"")], format!(" AND {name} = ?")),
        (&[(IF_MATCH, "\"7\", \"7-br\"")], format!(" AND {name} = ?")),
        (
            &[(IF_MATCH, "\"7\", \"9\", \"x\"")],
            format!(" AND {name} IN (?, ?)"),
        ),
        (&[(IF_MATCH, "\"x\"")], " AND 1 = 0".to_owned()),
        (&[(IF_NONE_MATCH, "\"x\"")], String::new()),
        (&[(IF_NONE_MATCH, "*")], " AND 1 = 0".to_owned()),
        (
            &[(IF_MATCH, "\"7\""), (IF_NONE_MATCH, "\"8\", \"7\"")],
            format!(" AND {name} = ? AND {name} NOT IN (?, ?)"),
        ),
    ];
    for (fields, expected) in table {
        assert_eq!(sql(fields), expected, "{fields:?}");
    }
}

#[test]
fn settings_reach_the_statement() {
    let sql = |when: Preconditions| {
        let mut query = QueryBuilder::<Postgres>::new("");
        when.push_where(&mut query, "version");
        query.sql().as_str().to_owned()
    };
    let weak = || when(&[(IF_MATCH, "W/\"7\"")]);
    assert_eq!(sql(weak()), " AND 1 = 0");
    assert_eq!(sql(weak().accept_weakened()), " AND \"version\" = $1");
    let date = when(&[(IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT")]);
    assert_eq!(sql(date.clone()), "");
    // Nothing that the statement looks at guards it.
    assert_eq!(sql(date.require().expect("a date")), " AND 1 = 0");
}

/// Clients have read version 7, and write at the same time: one is done, the others are told.
async fn one_of_many_wins<DB>(db: &Pool<DB>)
where
    DB: SqlDatabase,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    for racers in std::iter::once(2).chain([8; 12]) {
        let mut connection = db.acquire().await.expect("a connection");
        for statement in [
            "DELETE FROM kept_states",
            "INSERT INTO kept_states VALUES (1, 7, 'one')",
        ] {
            DB::script(statement, &mut connection).await.expect("a row");
        }
        drop(connection);
        let racing = (0..racers).map(|nth| {
            let db = db.clone();
            tokio::spawn(async move { rename(&db, &format!("by {nth}")).await })
        });
        let racing: Vec<_> = racing.collect();
        let (mut done, mut refused) = (Vec::new(), 0);
        for (nth, racer) in racing.into_iter().enumerate() {
            match racer.await.expect("no panic") {
                Ok(()) => done.push(format!("by {nth}")),
                Err(problem) => {
                    assert_eq!(problem.status(), 412);
                    assert_eq!(problem.get_headers()["etag"], "\"8\"");
                    refused += 1;
                }
            }
        }
        assert_eq!((done.len(), refused), (1, racers - 1));
        let mut connection = db.acquire().await.expect("a connection");
        let name = QueryBuilder::new("SELECT name FROM kept_states WHERE version = 8");
        let name = DB::text(name, &mut connection).await.expect("the row");
        assert_eq!(name, done[0]);
    }
}

async fn rename<DB>(db: &Pool<DB>, name: &str) -> Result<(), Problem>
where
    DB: SqlDatabase,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    String: for<'q> Encode<'q, DB> + Type<DB>,
{
    let when = when(&[(IF_MATCH, "\"7\"")]).require()?;
    let mut connection = db.acquire().await.expect("a connection");
    let update = update::<DB>(&when, name);
    let touched = DB::execute(update, &mut connection).await;
    if touched.expect("a statement") == 1 {
        return Ok(());
    }
    let version = QueryBuilder::new("SELECT version FROM kept_states WHERE id = 1");
    let version = DB::number(version, &mut connection).await;
    Err(when.missed(ETag::version(version.expect("the row"))))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_updates_one_is_done_on_sqlite() {
    let directory = std::env::temp_dir().join(format!("conditional-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let address = format!("sqlite://{}?mode=rwc", directory.join("race.db").display());
    let db = sqlite(&address, 4).await;
    one_of_many_wins(&db).await;
    db.close().await;
    std::fs::remove_dir_all(&directory).expect("removed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_updates_one_is_done_on_postgres() {
    let Some(url) = service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(4);
    let db = options.connect(&url).await.expect("PostgreSQL answers");
    for statement in ["DROP TABLE IF EXISTS kept_states", TABLE] {
        db.execute(statement).await.expect("a table");
    }
    one_of_many_wins(&db).await;
    db.execute("DROP TABLE kept_states").await.expect("dropped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_updates_one_is_done_on_mariadb() {
    let Some(url) = service_url("TEST_MYSQL_URL") else {
        return;
    };
    let options = sqlx::mysql::MySqlPoolOptions::new().max_connections(4);
    let db = options.connect(&url).await.expect("MariaDB answers");
    for statement in ["DROP TABLE IF EXISTS kept_states", TABLE] {
        db.execute(statement).await.expect("a table");
    }
    one_of_many_wins(&db).await;
    db.execute("DROP TABLE kept_states").await.expect("dropped");
}
