//! Many items in one transaction, on each database.

use api_patterns::bulk::{Bulk, Items, MultiStatus};
use api_patterns::problem::{FieldErrors, Problem, Validate};
use axum::body::Body;
use axum::extract::FromRequest as _;
use axum::http::{Request, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod agreement;
mod ignored;
mod lines;
mod transactions;

/// A row: the name is unique, and a negative amount is refused by the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    name: String,
    amount: i64,
}

impl Row {
    fn new(name: impl Into<String>, amount: i64) -> Self {
        let name = name.into();
        Self { name, amount }
    }
}

impl Validate for Row {
    fn validate(&self, errors: &mut FieldErrors) {
        errors.check("name", !self.name.is_empty(), "must not be empty");
    }
}

/// The items of a request with this query.
async fn request(query: &str, items: &[Value]) -> Items<Row> {
    let body = serde_json::json!({ "items": items }).to_string();
    let request = Request::post(format!("/?{query}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body));
    let extracted = Bulk::<Row, 2000>::from_request(request.expect("valid"), &()).await;
    extracted.expect("a bulk request").0
}

/// What the database says of a row that it refuses.
fn refused(error: sqlx::Error) -> Problem {
    match error.as_database_error() {
        Some(refused) if refused.is_unique_violation() => Problem::conflict("taken").source(error),
        Some(_) => Problem::unprocessable("refused").source(error),
        None => Problem::internal(error),
    }
}

/// Each item's name, or the status of its problem.
fn told(answer: MultiStatus<String>) -> Vec<Result<String, u16>> {
    let outcomes = answer.into_outcomes().expect("the request is not refused");
    let status = |problem: Problem| problem.status().as_u16();
    let outcomes = outcomes.into_iter();
    outcomes.map(|outcome| outcome.map_err(status)).collect()
}

/// The statements of one database, written once.
macro_rules! statements {
    ($database:ident, $connection:ident) => {
        use sqlx::{QueryBuilder, $connection};

        use crate::bulk::{Row, refused};

        #[allow(dead_code)]
        pub(super) async fn insert(
            tx: &mut $connection,
            row: Row,
        ) -> Result<String, api_patterns::problem::Problem> {
            let mut inserted = insert_all(tx, &[row]).await?;
            Ok(inserted.remove(0))
        }

        pub(super) async fn insert_all(
            tx: &mut $connection,
            rows: &[Row],
        ) -> Result<Vec<String>, api_patterns::problem::Problem> {
            let mut query =
                QueryBuilder::<sqlx::$database>::new("INSERT INTO bulk_rows (name, amount) ");
            query.push_values(rows, |mut row, values| {
                row.push_bind(&values.name).push_bind(values.amount);
            });
            query.push(" RETURNING name");
            let inserted = query.build_query_scalar().fetch_all(tx).await;
            inserted.map_err(refused)
        }

        pub(super) async fn names(tx: &mut $connection) -> Vec<String> {
            let names = sqlx::query_scalar("SELECT name FROM bulk_rows ORDER BY name");
            names.fetch_all(tx).await.expect("the rows are read")
        }
    };
}
pub(crate) use statements;

/// A pool of one connection, so that a temporary table lives as long as it.
macro_rules! one_connection {
    ($pool:ty, $url:expr, $create:expr) => {{
        let options = sqlx::pool::PoolOptions::new().max_connections(1);
        let pool: $pool = options.connect($url).await.expect("the database answers");
        sqlx::raw_sql($create)
            .execute(&pool)
            .await
            .expect("the table is created");
        pool
    }};
}
pub(crate) use one_connection;

const SQLITE: &str =
    "CREATE TABLE bulk_rows (name TEXT PRIMARY KEY, amount INTEGER NOT NULL CHECK (amount >= 0))";
const POSTGRES: &str = "CREATE TEMPORARY TABLE bulk_rows (name TEXT COLLATE \"C\" PRIMARY KEY, \
                        amount BIGINT NOT NULL CHECK (amount >= 0))";
const MYSQL: &str = "CREATE TEMPORARY TABLE bulk_rows (name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, \
                     amount BIGINT NOT NULL CHECK (amount >= 0)) ENGINE = InnoDB";
