//! Changes as statements: on SQLite, PostgreSQL and MariaDB the row becomes what the resource does.

use api_patterns::patch::{Field, Patch, PatchRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::types::Json;
use sqlx::{
    Connection as _, Database, Encode, Executor as _, FromRow, MySql, Postgres, QueryBuilder,
    Sqlite, Type,
};
use tests::service_url;

#[derive(Clone, Debug, PartialEq, Serialize, FromRow, Patch)]
#[serde(rename_all = "camelCase")]
#[patch(immutable(id))]
struct Part {
    id: i64,
    name: String,
    note: Option<String>,
    #[patch(column = "cents")]
    #[sqlx(rename = "cents")]
    price_cents: i64,
    rating: Option<f64>,
    active: bool,
    #[patch(sql_as = i64)]
    #[sqlx(try_from = "i64")]
    stock: u32,
    #[patch(column = "or`der\"ed")]
    #[sqlx(rename = "or`der\"ed")]
    ordered: i64,
    #[serde(skip)]
    version: i64,
}

fn part() -> Part {
    Part {
        id: 7,
        name: "Screw".to_owned(),
        note: Some("M4".to_owned()),
        price_cents: 5,
        rating: None,
        active: true,
        stock: 9,
        ordered: 0,
        version: 1,
    }
}

fn changes(body: &Value, current: &Part) -> PartPatch {
    let body = body.to_string();
    let patch = PatchRequest::<Part>::from_bytes("application/merge-patch+json", body.as_bytes());
    patch
        .and_then(|patch| patch.changes(current))
        .expect("changes")
}

/// Patches, one after the other, with the columns that each writes.
fn steps() -> [(Value, usize); 6] {
    [
        (json!({"name": "Bolt", "note": "M4"}), 1),
        (json!({"note": null, "rating": 8, "priceCents": 6}), 3),
        (
            json!({"active": false, "stock": 4_000_000_000_u32, "ordered": -1}),
            3,
        ),
        (json!({"name": "Bolt", "rating": 8.0, "active": false}), 0),
        (
            json!({"name": "'; DROP TABLE parts; --", "rating": null}),
            2,
        ),
        (
            json!({"note": "", "stock": 0, "priceCents": i64::MAX, "rating": 0.5}),
            4,
        ),
    ]
}

macro_rules! the_row_becomes_what_the_resource_does {
    ($database:ty, $connection:expr, $quoted:literal, $double:literal) => {{
        let connection = &mut $connection;
        let create = concat!(
            "CREATE TEMPORARY TABLE parts_patched (id BIGINT, name VARCHAR(100), note VARCHAR(100), cents BIGINT, \
             rating ", $double, ", active BOOLEAN, stock BIGINT, ", $quoted, " BIGINT, version BIGINT)"
        );
        connection.execute(create).await.expect("a table");
        let insert = "INSERT INTO parts_patched VALUES (7, 'Screw', 'M4', 5, NULL, TRUE, 9, 0, 1), \
             (8, 'Other', NULL, 1, 1.5, FALSE, 2, 3, 1)";
        connection.execute(insert).await.expect("two rows");
        let mut expected = part();
        for (patch, written) in steps() {
            let changes = changes(&patch, &expected);
            assert_eq!(changes.changed().count(), written, "{patch}");
            let mut update = QueryBuilder::<$database>::new("UPDATE parts_patched SET ");
            changes.push_set(&mut update);
            if written > 0 {
                update.push(" WHERE id = ").push_bind(expected.id);
                let done = update.build().execute(&mut *connection).await.expect("updated");
                assert_eq!(done.rows_affected(), 1, "{patch}");
            } else {
                assert_eq!(update.sql().as_str(), "UPDATE parts_patched SET ");
            }
            changes.apply_to(&mut expected);
            let found: Part = sqlx::query_as("SELECT * FROM parts_patched WHERE id = 7")
                .fetch_one(&mut *connection)
                .await
                .expect("the row");
            assert_eq!(found, expected, "{patch}");
        }
        let names: Vec<(String,)> = sqlx::query_as("SELECT name FROM parts_patched WHERE id = 8")
            .fetch_all(connection)
            .await
            .expect("the other row");
        assert_eq!(names, [("Other".to_owned(),)]);
    }};
}

#[tokio::test]
async fn only_changed_columns_are_written_on_sqlite() {
    let connection = sqlx::SqliteConnection::connect("sqlite::memory:").await;
    let mut connection = connection.expect("SQLite opens in memory");
    the_row_becomes_what_the_resource_does!(Sqlite, connection, "`or``der\"ed`", "REAL");
}

#[tokio::test]
async fn only_changed_columns_are_written_on_postgresql() {
    let Some(url) = service_url("TEST_POSTGRES_URL") else {
        return;
    };
    let connection = sqlx::PgConnection::connect(&url).await;
    let mut connection = connection.expect("PostgreSQL answers");
    the_row_becomes_what_the_resource_does!(
        Postgres,
        connection,
        "\"or`der\"\"ed\"",
        "DOUBLE PRECISION"
    );
}

#[tokio::test]
async fn only_changed_columns_are_written_on_mariadb() {
    let Some(url) = service_url("TEST_MYSQL_URL") else {
        return;
    };
    let connection = sqlx::MySqlConnection::connect(&url).await;
    let mut connection = connection.expect("MariaDB answers");
    the_row_becomes_what_the_resource_does!(MySql, connection, "`or``der\"ed`", "DOUBLE");
}

#[test]
fn columns_are_quoted_and_values_are_bound() {
    let changes = changes(
        &json!({"name": "x", "priceCents": 1, "ordered": 2, "note": null}),
        &part(),
    );
    let mut sqlite = QueryBuilder::<Sqlite>::new("");
    changes.push_set(&mut sqlite);
    assert_eq!(
        sqlite.sql().as_str(),
        "`name` = ?, `note` = ?, `cents` = ?, `or``der\"ed` = ?"
    );
    let mut postgres = QueryBuilder::<Postgres>::new("UPDATE t SET v = ");
    postgres.push_bind(1_i64).push(", ");
    changes.push_set(&mut postgres);
    assert_eq!(
        postgres.sql().as_str(),
        "UPDATE t SET v = $1, \"name\" = $2, \"note\" = $3, \"cents\" = $4, \"or`der\"\"ed\" = $5"
    );
}

/// A part of the resource that is kept as JSON, and may be left out.
#[derive(Serialize, FromRow, Patch)]
struct Box {
    #[patch(sql_as = Json<Size>)]
    size: Option<Size>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Size {
    width: u32,
    height: u32,
}

#[tokio::test]
async fn a_value_is_bound_as_another_type() {
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    connection
        .execute("CREATE TABLE boxes (size TEXT); INSERT INTO boxes VALUES (NULL)")
        .await
        .expect("a row");
    let sizes = [
        (
            Some(Size {
                width: 1,
                height: 2,
            }),
            Some(r#"{"width":1,"height":2}"#),
        ),
        (None, None),
    ];
    for (size, text) in sizes {
        let changes = BoxPatch {
            size: Field::Value(size),
        };
        let mut update = QueryBuilder::<Sqlite>::new("UPDATE boxes SET ");
        changes.push_set(&mut update);
        update
            .build()
            .execute(&mut connection)
            .await
            .expect("updated");
        let (found,): (Option<String>,) = sqlx::query_as("SELECT size FROM boxes")
            .fetch_one(&mut connection)
            .await
            .expect("the row");
        assert_eq!(found.as_deref(), text);
    }
}

/// Refuses to become a value of the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Picky(i64);

impl<DB: Database> Type<DB> for Picky
where
    i64: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <i64 as Type<DB>>::type_info()
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Picky {
    fn encode_by_ref(&self, _: &mut DB::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Err("never".into())
    }
}

#[derive(Serialize, Patch)]
struct Holder {
    held: Picky,
    other: i64,
}

#[tokio::test]
async fn a_value_that_cannot_be_encoded_fails_the_statement_and_writes_nothing() {
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    connection
        .execute(
            "CREATE TABLE holders (held INTEGER, other INTEGER); INSERT INTO holders VALUES (1, 1)",
        )
        .await
        .expect("a row");
    let changes = HolderPatch {
        held: Field::Value(Picky(2)),
        other: Field::Value(2),
    };
    let mut update = QueryBuilder::<Sqlite>::new("UPDATE holders SET ");
    changes.push_set(&mut update);
    let failed = update.build().execute(&mut connection).await;
    assert!(
        matches!(failed, Err(sqlx::Error::Database(_))),
        "{failed:?}"
    );
    let row: (i64, i64) = sqlx::query_as("SELECT held, other FROM holders")
        .fetch_one(&mut connection)
        .await
        .expect("the row");
    assert_eq!(row, (1, 1));
    let held = Holder {
        held: Picky(1),
        other: 1,
    };
    assert_eq!(held.held, Picky(1));
}
