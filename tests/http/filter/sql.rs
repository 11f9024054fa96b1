//! What the filters select: statements, and rows of SQLite.

use std::cell::RefCell;

use api_patterns::filter::{Filter, FilterValue, Filters};
use api_patterns::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Connection as _, Database, Encode, QueryBuilder, Sqlite, SqlitePool};
use tests::filter::{Item, Micros, escape, list, over_random_tables};
use tower::ServiceExt as _;

use super::filters;

tests::filter_database!(
    sqlx::Sqlite,
    "id INTEGER, name TEXT, note TEXT, rating REAL, active BOOLEAN, small INTEGER, \
     created_at INTEGER, updated_at INTEGER, key BLOB"
);

#[test]
fn sql_is_written_with_binds_only() {
    let filters = filters("id[in]=1,2&name[like]=x&stars[is_null]=true&price_cents[gte]=5&q=a+b");
    let mut select = QueryBuilder::<Sqlite>::new("…");
    filters.push_where(&mut select);
    assert_eq!(
        select.sql().as_str(),
        "… WHERE `id` IN (?, ?) AND `name` LIKE ? ESCAPE '!' AND `rating` IS NULL \
         AND `p`.`price_cents` >= ? \
         AND (`name` LIKE ? ESCAPE '!' OR `description` LIKE ? ESCAPE '!') \
         AND (`name` LIKE ? ESCAPE '!' OR `description` LIKE ? ESCAPE '!')"
    );
    let mut none = QueryBuilder::<Sqlite>::new("…");
    Filters::<Item>::default().push_where(&mut none);
    Filters::<Item>::default().push_and(&mut none);
    assert_eq!(none.sql().as_str(), "…");
}

#[test]
fn sql_is_written_for_the_dialect() {
    let filters = Filters::<Item>::from_query(Some("note[like]=x&amount[gt]=1")).expect("valid");
    let mut postgres = QueryBuilder::<sqlx::Postgres>::new("…");
    filters.push_and(&mut postgres);
    assert_eq!(
        postgres.sql().as_str(),
        "… AND \"note\" ILIKE $1 ESCAPE '!' AND \"it\".\"small\" > $2"
    );
    let mut mysql = QueryBuilder::<sqlx::MySql>::new("…");
    filters.push_and(&mut mysql);
    assert_eq!(
        mysql.sql().as_str(),
        "… AND LOWER(`note`) LIKE LOWER(?) ESCAPE '!' AND `it`.`small` > ?"
    );
}

#[test]
fn random_filters_select_what_matches_in_memory() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let mut connection = runtime
        .block_on(sqlx::SqliteConnection::connect("sqlite::memory:"))
        .expect("SQLite opens in memory");
    runtime.block_on(create(&mut connection));
    let connection = RefCell::new(connection);
    over_random_tables(256, |items, queries| {
        runtime.block_on(agrees(&mut connection.borrow_mut(), items, queries))
    });
}

async fn handler(
    filters: Filters<Item>,
    State(pool): State<SqlitePool>,
) -> Result<Json<Vec<i64>>, Problem> {
    let mut connection = pool.acquire().await.map_err(Problem::internal)?;
    Ok(Json(select(&mut connection, &filters).await))
}

async fn shop(names: &[&str]) -> Router {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = options
        .connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    let mut connection = pool.acquire().await.expect("a connection");
    create(&mut connection).await;
    let items: Vec<_> = (0..).zip(names).map(|(id, name)| item(id, name)).collect();
    refill(&mut connection, &items).await;
    drop(connection);
    Router::new().route("/", get(handler)).with_state(pool)
}

fn item(id: i64, name: &str) -> Item {
    Item {
        id,
        name: name.to_owned(),
        note: None,
        rating: None,
        active: true,
        small: None,
        created_at: Micros(0),
        updated_at: None,
        key: None,
    }
}

async fn ask(router: &Router, query: &str) -> (StatusCode, Value) {
    let request = Request::get(format!("/?{query}"))
        .body(Body::empty())
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("infallible");
    let status = response.status();
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    (status, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn wildcards_of_like_stand_for_themselves() {
    let names = [
        "100%",
        "100 percent",
        "snake_case",
        "snakeXcase",
        r"back\slash",
        "hey!",
        "O'Hara",
    ];
    let router = shop(&names).await;
    for (text, expected) in [
        ("%", vec![0]),
        ("0%", vec![0]),
        ("_", vec![2]),
        ("E_C", vec![2]),
        (r"\", vec![4]),
        ("!", vec![5]),
        ("'", vec![6]),
        ("", vec![0, 1, 2, 3, 4, 5, 6]),
    ] {
        let answer = ask(&router, &format!("name[like]={}", escape(text))).await;
        assert_eq!(answer, (StatusCode::OK, json!(expected)), "{text}");
    }
}

#[tokio::test]
async fn sql_in_any_text_stays_text() {
    let attacks = [
        "' OR 1=1 --",
        "'; DROP TABLE items; --",
        "\" OR \"\"=\"",
        "x') OR ('1'='1",
        "$1 ? :a @b",
        "%' OR '%'='",
    ];
    let router = shop(&attacks).await;
    for (id, attack) in attacks.iter().enumerate() {
        for parameter in ["name", "name[eq]", "name[in]", "name[like]"] {
            let text = if parameter == "name[in]" {
                list(&[(*attack).to_owned()])
            } else {
                (*attack).to_owned()
            };
            let answer = ask(&router, &format!("{parameter}={}", escape(&text))).await;
            assert_eq!(
                answer,
                (StatusCode::OK, json!([id])),
                "{parameter}={attack}"
            );
        }
        let (status, found) = ask(&router, &format!("q={}", escape(attack))).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            found.as_array().is_some_and(|ids| ids.contains(&json!(id))),
            "{attack}"
        );
        for field in ["id", "rating", "active", "amount", "created_at", "key"] {
            let (status, _) = ask(&router, &format!("{field}={}", escape(attack))).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{field}={attack}");
        }
        let (status, _) = ask(&router, &format!("{}=1", escape(attack))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{attack} as a name");
    }
    assert_eq!(
        ask(&router, "").await.1.as_array().map(Vec::len),
        Some(attacks.len())
    );
}

#[tokio::test]
async fn refusals_are_problems() {
    let router = shop(&["lamp"]).await;
    let request = Request::get("/?color=red&id=x")
        .body(Body::empty())
        .expect("a request");
    let response = router.oneshot(request).await.expect("infallible");
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let body = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(body["code"], "invalid_parameter");
    assert_eq!(body["errors"][0]["parameter"], "color");
    assert_eq!(body["errors"][1]["parameter"], "id");
    assert_eq!(body["errors"][1]["code"], "invalid_value");
}

#[derive(Filter)]
struct Misspelt {
    #[filter(eq, ne, like, column = "nmae")]
    #[allow(dead_code)]
    name: String,
}

#[tokio::test]
async fn a_misspelt_column_is_a_failure_and_not_text() {
    async fn handler(
        filters: Filters<Misspelt>,
        State(pool): State<SqlitePool>,
    ) -> Result<Json<Vec<i64>>, Problem> {
        let mut select = QueryBuilder::new("SELECT id FROM (SELECT 1 AS id, 'lamp' AS name)");
        filters.push_where(&mut select);
        let rows = select.build_query_scalar().fetch_all(&pool).await;
        rows.map(Json).map_err(Problem::internal)
    }
    let pool = SqlitePool::connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    let router = Router::new().route("/", get(handler)).with_state(pool);
    assert_eq!(ask(&router, "").await, (StatusCode::OK, json!([1])));
    for query in ["name=nmae", "name[ne]=lamp", "name[like]=nm"] {
        let (status, _) = ask(&router, query).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{query}");
    }
}

/// What a database can hold the even ones of only.
#[derive(Clone, PartialEq, PartialOrd)]
struct Even(i64);

impl FilterValue for Even {
    const TYPE_NAME: &'static str = "integer";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

impl sqlx::Type<Sqlite> for Even {
    fn type_info() -> <Sqlite as Database>::TypeInfo {
        <i64 as sqlx::Type<Sqlite>>::type_info()
    }
}

impl<'q> Encode<'q, Sqlite> for Even {
    fn encode_by_ref(
        &self,
        buffer: &mut <Sqlite as Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        match self.0 % 2 {
            0 => Encode::<Sqlite>::encode_by_ref(&self.0, buffer),
            _ => Err("it is odd".into()),
        }
    }
}

#[derive(Filter)]
struct Numbered {
    #[filter(eq, ne, lt, gte, in)]
    #[allow(dead_code)]
    id: Even,
}

#[tokio::test]
async fn a_value_that_cannot_be_encoded_matches_nothing() {
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:")
        .await
        .expect("SQLite opens in memory");
    let table: [(&str, &[i64]); 8] = [
        ("id=2", &[2]),
        ("id=3", &[]),
        ("id[ne]=3", &[]),
        ("id[lt]=3", &[]),
        ("id[gte]=3", &[]),
        ("id[in]=3,4,5", &[4]),
        ("id[in]=3", &[]),
        ("id[gte]=2&id[ne]=2", &[4]),
    ];
    for (query, expected) in table {
        let filters = Filters::<Numbered>::from_query(Some(query)).expect("valid");
        let mut select = QueryBuilder::new("SELECT id FROM (SELECT 2 AS id UNION SELECT 4)");
        filters.push_where(&mut select);
        let ids = select
            .build_query_scalar::<i64>()
            .fetch_all(&mut connection);
        assert_eq!(ids.await.expect(query), expected, "{query}");
    }
}
