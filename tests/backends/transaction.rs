//! Transactions that write, on connections of a pool.

use api_patterns::sql::SqlDatabase as _;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Executor as _, Sqlite};

/// As SQLite ends it when its disk is full: sqlx counts it for ever.
#[tokio::test]
async fn a_connection_whose_transaction_was_ended_by_the_database_is_not_used_again() {
    let name = format!("transaction_{}.db", std::process::id());
    let file = std::env::temp_dir().join(name);
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let pool = SqlitePoolOptions::new().max_connections(2);
    let pool = pool.connect(&url).await.expect("a database");
    let create = pool.execute("CREATE TABLE IF NOT EXISTS notes (text TEXT)");
    create.await.expect("a table");
    for _ in 0..4 {
        let mut ended = Sqlite::begin_write(&pool).await.expect("a transaction");
        ended.execute("ROLLBACK").await.expect("it is ended");
        drop(ended);
    }
    for _ in 0..4 {
        let mut tx = Sqlite::begin_write(&pool).await.expect("a transaction");
        let insert = tx.execute("INSERT INTO notes VALUES ('kept')");
        insert.await.expect("a row");
        tx.commit().await.expect("it is kept");
    }
    let notes: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notes")
        .fetch_one(&pool)
        .await
        .expect("a number");
    assert_eq!(notes, 4);
    pool.close().await;
    drop(std::fs::remove_file(file));
}
