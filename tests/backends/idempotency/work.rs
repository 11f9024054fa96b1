//! Effect and record, together or neither.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use api_patterns::idempotency::{IdempotencyLayer, RecordDatabase, SqlStore, Work};
use api_patterns::problem::Problem;
use api_patterns::storage::StoreErrorKind;
use http::StatusCode;
use sqlx::{QueryBuilder, Sqlite};
use tokio::sync::Notify;
use tower::ServiceExt as _;

use super::fixture::{
    Database, Runs, app, effect, request, request_without_key, send, send_until_answered,
};
use super::records::on_each_database;

on_each_database! {
    an_effect_comes_with_its_record,
    an_effect_without_a_key_is_committed,
    a_handler_that_begins_nothing_is_recorded,
    a_handler_that_fails_has_no_effect,
    a_refusal_is_kept_and_its_effect_is_not,
    a_handler_that_panics_has_no_effect,
    a_client_that_leaves_undoes_the_effect,
    an_instance_that_is_killed_leaves_no_effect,
    a_fence_that_is_lost_undoes_the_effect,
    the_transaction_goes_on_when_it_was_given_back,
    a_transaction_that_is_not_given_back_is_undone,
    a_begin_that_is_dropped_leaves_things_as_they_were,
    work_of_a_request_that_has_ended_is_refused,
}

on_each_database! { snapshots:
    an_effect_comes_with_its_record,
    an_effect_without_a_key_is_committed,
    a_handler_that_fails_has_no_effect,
    a_refusal_is_kept_and_its_effect_is_not,
    an_instance_that_is_killed_leaves_no_effect,
    a_fence_that_is_lost_undoes_the_effect,
}

async fn an_effect_comes_with_its_record<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app({
        let runs = runs.clone();
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            Ok::<_, Problem>((StatusCode::CREATED, format!("run {}", runs.next())))
        }
    });
    let first = send(&app, request("a")).await;
    assert_eq!(first, (StatusCode::CREATED, "run 1".into()));
    assert_eq!(send(&app, request("a")).await, first);
    assert_eq!(database.effects().await, 1);
    let other = send(&app, request("b")).await;
    assert_eq!(other, (StatusCode::CREATED, "run 2".into()));
    assert_eq!(database.effects().await, 2);
    assert_eq!(database.records().await, 2);
}

async fn an_effect_without_a_key_is_committed<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        match runs.next() {
            2 => Err(Problem::bad_request("this one fails")),
            run => Ok(run.to_string()),
        }
    });
    assert_eq!(send(&app, request_without_key()).await.0, StatusCode::OK);
    assert_eq!(database.effects().await, 1);
    let refused = send(&app, request_without_key()).await.0;
    assert_eq!(refused, StatusCode::BAD_REQUEST);
    assert_eq!(database.effects().await, 1);
    assert_eq!(database.records().await, 0);
}

async fn a_handler_that_begins_nothing_is_recorded<DB: RecordDatabase>(database: &Database<DB>) {
    let runs = Runs::default();
    let app = database.app(async move |_: Work<DB>| runs.next().to_string());
    assert_eq!(send(&app, request("a")).await.1, "1");
    assert_eq!(send(&app, request("a")).await.1, "1");
}

async fn a_handler_that_fails_has_no_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        match runs.next() {
            1 => Err(Problem::internal("out of order")),
            run => Ok(run.to_string()),
        }
    });
    let failed = send(&app, request("a")).await.0;
    assert_eq!(failed, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(database.effects().await, 0);
    assert_eq!(send(&app, request("a")).await.1, "2", "the key is free");
    assert_eq!(send(&app, request("a")).await.1, "2");
    assert_eq!(database.effects().await, 1);
}

async fn a_refusal_is_kept_and_its_effect_is_not<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app({
        let runs = runs.clone();
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            runs.next();
            Err::<(), _>(Problem::unprocessable("there is no such product"))
        }
    });
    let first = send(&app, request("a")).await;
    assert_eq!(first.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(&app, request("a")).await, first);
    assert_eq!(runs.count(), 1);
    assert_eq!(database.effects().await, 0);
}

async fn a_handler_that_panics_has_no_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        let run = runs.next();
        assert!(run > 1, "the first run panics");
        Ok::<_, Problem>(run.to_string())
    });
    let panicked = tokio::spawn(app.clone().oneshot(request("a"))).await;
    assert!(panicked.is_err_and(|error| error.is_panic()));
    assert_eq!(database.effects().await, 0);
    let (status, body) = send_until_answered(&app, "a").await;
    assert_eq!((status, &*body), (StatusCode::OK, "2"));
    assert_eq!(database.effects().await, 1);
}

async fn a_client_that_leaves_undoes_the_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let effected = Arc::new(Notify::new());
    let layer = IdempotencyLayer::new(database.store.clone()).cancel_with_client();
    let app = app(layer, {
        let effected = Arc::clone(&effected);
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            let run = runs.next();
            if run == 1 {
                effected.notify_one();
                std::future::pending::<()>().await;
            }
            Ok::<_, Problem>(run.to_string())
        }
    });
    tokio::select! {
        answer = app.clone().oneshot(request("a")) => panic!("{answer:?}"),
        () = effected.notified() => {}
    }
    assert_eq!(send_until_answered(&app, "a").await.1, "2");
    assert_eq!(database.effects().await, 1);
}

/// With its runtime go its tasks and connections, in the middle of whatever they were doing.
async fn an_instance_that_is_killed_leaves_no_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let effected = Arc::new(Notify::new());
    let handler = {
        let (runs, effected) = (runs.clone(), Arc::clone(&effected));
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            let run = runs.next();
            if run == 1 {
                effected.notify_one();
                std::future::pending::<()>().await;
            }
            Ok::<_, Problem>(run.to_string())
        }
    };
    let lease = Duration::from_millis(300);
    let other = tokio::runtime::Runtime::new().expect("a runtime");
    let (options, records) = (database.pool.connect_options(), database.records.clone());
    other.spawn({
        let handler = handler.clone();
        async move {
            let pool = sqlx::Pool::<DB>::connect_lazy_with((*options).clone());
            let store = SqlStore::new(pool).table(&records);
            let app = app(IdempotencyLayer::new(store).lease(lease), handler);
            app.oneshot(request("a")).await
        }
    });
    effected.notified().await;
    other.shutdown_background();

    let store = database.store.clone();
    let app = app(IdempotencyLayer::new(store).lease(lease), handler);
    assert_eq!(send_until_answered(&app, "a").await.1, "2");
    assert_eq!(database.effects().await, 1);
    assert_eq!(runs.count(), 2);
}

async fn a_fence_that_is_lost_undoes_the_effect<DB: RecordDatabase>(database: &Database<DB>) {
    let (runs, table) = (Runs::default(), database.effects.clone());
    let (pool, records) = (database.pool.clone(), database.records.clone());
    let app = database.app(async move |work: Work<DB>| {
        let run = runs.next();
        if run == 1 {
            // As if the lease had been over, somebody else had reserved the record and died.
            let mut connection = pool.acquire().await.map_err(Problem::internal)?;
            let sql = format!("UPDATE {records} SET fence = fence + 1, expires_at = 1");
            let stolen = DB::execute(QueryBuilder::new(sql), &mut connection).await;
            assert_eq!(stolen.map_err(Problem::internal)?, 1);
        }
        effect(&work, &table).await?;
        Ok::<_, Problem>(run.to_string())
    });
    let lost = send(&app, request("a")).await.0;
    assert!(
        matches!(lost, StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE),
        "{lost}"
    );
    assert_eq!(database.effects().await, 0);
    assert_eq!(send_until_answered(&app, "a").await.1, "2");
    assert_eq!(database.effects().await, 1);
}

async fn the_transaction_goes_on_when_it_was_given_back<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let table = database.effects.clone();
    let app = database.app(async move |work: Work<DB>| {
        effect(&work, &table).await?;
        let mut tx = work.begin().await?;
        let again = work.clone().begin().await.expect_err("it is in use");
        assert_eq!(again.kind(), StoreErrorKind::Failed);
        // Nothing is committed, so only the same transaction sees it.
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let seen = DB::number(QueryBuilder::new(sql), &mut tx).await;
        drop(tx);
        effect(&work, &table).await?;
        Ok::<_, Problem>(seen.map_err(Problem::internal)?.to_string())
    });
    let answer = send(&app, request("a")).await;
    assert_eq!(answer, (StatusCode::OK, "1".into()));
    assert_eq!(database.effects().await, 2);
}

async fn a_transaction_that_is_not_given_back_is_undone<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let table = database.effects.clone();
    let finish = Arc::new(Notify::new());
    let app = database.app({
        let finish = Arc::clone(&finish);
        async move |work: Work<DB>| {
            effect(&work, &table).await?;
            let held = work.begin().await?;
            let finish = Arc::clone(&finish);
            tokio::spawn(async move {
                finish.notified().await;
                drop(held);
            });
            Ok::<_, Problem>("done")
        }
    });
    let (status, _) = send(&app, request("a")).await;
    assert!(status.is_server_error(), "{status}");
    finish.notify_one();
    // Once it is rolled back nobody is in the way.
    database
        .run(format!(
            "INSERT INTO {} (note) VALUES ('mine')",
            database.effects
        ))
        .await;
    assert_eq!(database.effects().await, 1);
}

async fn a_begin_that_is_dropped_leaves_things_as_they_were<DB: RecordDatabase>(
    database: &Database<DB>,
) {
    let table = database.effects.clone();
    let app = database.app(async move |work: Work<DB>| {
        {
            let mut begin = std::pin::pin!(work.begin());
            poll_fn(|cx| {
                drop(begin.as_mut().poll(cx));
                Poll::Ready(())
            })
            .await;
        }
        effect(&work, &table).await?;
        Ok::<_, Problem>("done")
    });
    assert_eq!(send(&app, request("a")).await.0, StatusCode::OK);
    assert_eq!(database.effects().await, 1);
}

async fn work_of_a_request_that_has_ended_is_refused<DB: RecordDatabase>(database: &Database<DB>) {
    let left = Arc::new(std::sync::Mutex::new(None));
    let app = database.app({
        let left = Arc::clone(&left);
        async move |work: Work<DB>| {
            left.lock().expect("no panic").replace(work);
        }
    });
    assert_eq!(send(&app, request("a")).await.0, StatusCode::OK);
    let work = left.lock().expect("no panic").take().expect("a handle");
    let refused = work.begin().await.expect_err("the request has ended");
    assert_eq!(refused.kind(), StoreErrorKind::Failed);
}

#[tokio::test]
async fn work_without_a_layer_is_a_500() {
    let handler = async |_: Work<Sqlite>| ();
    let app = axum::Router::new().route("/", axum::routing::post(handler));
    let (status, _) = send(&app, request("a")).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
}
