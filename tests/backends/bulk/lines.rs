//! Lines without end into a database.

use api_patterns::bulk::BulkLines;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use sqlx::{SqliteConnection, SqlitePool};
use tower::ServiceExt as _;

use super::{Row, SQLITE, one_connection};

mod sqlite {
    super::super::statements!(Sqlite, SqliteConnection);
}

use sqlite::{insert, insert_all, names};

async fn together(State(db): State<SqlitePool>, lines: BulkLines<Row>) -> impl IntoResponse {
    lines.batch(50).insert_in(db, insert_all)
}

/// The closure keeps what it uses, since it outlives the handler.
async fn each(State(db): State<SqlitePool>, lines: BulkLines<Row>) -> Response {
    let last = "gone".to_owned();
    let insert = async move |tx: &mut SqliteConnection, row: Row| {
        if row.name == last {
            return Err(super::refused(sqlx::Error::PoolClosed));
        }
        insert(tx, row).await
    };
    lines.batch(10).run_in(db, insert).into_response()
}

async fn pool() -> SqlitePool {
    one_connection!(SqlitePool, "sqlite::memory:", SQLITE)
}

/// The lines of the answer, and whether it is cut off.
async fn import(db: &SqlitePool, path: &str, rows: Vec<Value>) -> (Vec<Value>, bool) {
    let routes = Router::new().route("/together", routing::post(together));
    let app = routes
        .route("/each", routing::post(each))
        .with_state(db.clone());
    let pieces = rows
        .into_iter()
        .map(|row| Ok::<_, std::io::Error>(Bytes::from(format!("{row}\n"))));
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-ndjson");
    let request = request
        .body(Body::from_stream(stream::iter(pieces)))
        .expect("valid");
    let response = app.oneshot(request).await.expect("infallible");
    let mut pieces = response.into_body().into_data_stream();
    let (mut body, mut cut) = (Vec::new(), false);
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => body.extend_from_slice(&piece),
            Err(_) => cut = true,
        }
    }
    let lines = body.split_inclusive(|byte| *byte == b'\n');
    (
        lines
            .map(|line| serde_json::from_slice(line).expect("JSON"))
            .collect(),
        cut,
    )
}

#[tokio::test]
async fn lines_are_inserted_in_batches() {
    for path in ["/together", "/each"] {
        let db = pool().await;
        let row = |nth: usize| match nth {
            77 => json!("not a row"),
            110 => json!(Row::new("5", 1)),
            160 => json!(Row::new("160", -1)),
            nth => json!(Row::new(nth.to_string(), 1)),
        };
        let (lines, cut) = import(&db, path, (0..200).map(row).collect()).await;
        assert!(!cut);
        assert_eq!(lines.len(), 201);
        let failed: Vec<_> = lines[..200]
            .iter()
            .filter(|line| line.get("problem").is_some())
            .collect();
        let failed: Vec<_> = failed
            .iter()
            .map(|line| (&line["index"], &line["status"]))
            .collect();
        let expected = json!([77, 422, 110, 409, 160, 422]);
        let expected: Vec<_> = [0, 2, 4]
            .map(|nth| (&expected[nth], &expected[nth + 1]))
            .into();
        assert_eq!(failed, expected, "{path}");
        let summary = json!({ "summary": { "items": 200, "succeeded": 197, "failed": 3 } });
        assert_eq!(lines[200], summary);
        let stored = names(&mut db.acquire().await.expect("a connection")).await;
        assert_eq!(stored.len(), 197);
    }
}

#[tokio::test]
async fn a_failure_of_the_database_cuts_off_the_answer() {
    let db = pool().await;
    let rows = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "gone", "l",
    ];
    let rows = rows.map(|name| json!(Row::new(name, 1)));
    let (lines, cut) = import(&db, "/each", rows.into()).await;
    assert!(cut);
    let (summary, answered) = lines.split_last().expect("a summary");
    assert_eq!(summary["summary"]["problem"]["status"], 500);
    assert_eq!(summary["summary"]["items"], answered.len());
    let stored = names(&mut db.acquire().await.expect("a connection")).await;
    assert_eq!(stored.len(), 10, "the batch that failed left no trace");
    assert_eq!(answered.len(), stored.len(), "what is answered is kept");
}
