//! Preconditions in the statement that makes the change: what it touches, on each database.

use api_patterns::conditional::{ETag, Preconditions};
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

/// Two clients have read version 7, and write at the same time: one of them is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_updates_one_is_done_and_the_others_get_412() {
    let directory = std::env::temp_dir().join(format!("conditional-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let address = format!("sqlite://{}?mode=rwc", directory.join("race.db").display());
    let db = sqlite(&address, 4).await;
    for round in 0..25 {
        let insert = sqlx::query("REPLACE INTO kept_states VALUES (1, 7, 'one')");
        insert.execute(&db).await.expect("a row");
        let racers = (0..if round == 0 { 2 } else { 8 }).map(|nth| {
            let db = db.clone();
            tokio::spawn(async move { rename(&db, &format!("by {nth}")).await })
        });
        let racers: Vec<_> = racers.collect();
        let (mut done, mut refused) = (Vec::new(), 0);
        for (nth, racer) in racers.into_iter().enumerate() {
            match racer.await.expect("no panic") {
                Ok(tag) => {
                    assert_eq!(tag, ETag::version(8));
                    done.push(format!("by {nth}"));
                }
                Err(problem) => {
                    assert_eq!(problem.status(), 412);
                    assert_eq!(problem.get_headers()["etag"], "\"8\"");
                    refused += 1;
                }
            }
        }
        assert_eq!((done.len(), refused), (1, if round == 0 { 1 } else { 7 }));
        let kept: (String, i64) = sqlx::query_as("SELECT name, version FROM kept_states")
            .fetch_one(&db)
            .await
            .expect("the row");
        assert_eq!(kept, (done.remove(0), 8));
    }
    db.close().await;
    std::fs::remove_dir_all(&directory).expect("removed");
}

async fn rename(db: &SqlitePool, name: &str) -> Result<ETag, api_patterns::problem::Problem> {
    let when = when(&[(IF_MATCH, "\"7\"")]).require()?;
    let mut query = update::<Sqlite>(&when, name);
    query.push(" RETURNING version");
    let changed: Option<i64> = query
        .build_query_scalar()
        .fetch_optional(db)
        .await
        .expect("a statement");
    match changed {
        Some(version) => Ok(ETag::version(version)),
        None => {
            let version = "SELECT version FROM kept_states WHERE id = 1";
            let version: i64 = sqlx::query_scalar(version)
                .fetch_one(db)
                .await
                .expect("the row");
            Err(when.missed(ETag::version(version)))
        }
    }
}
