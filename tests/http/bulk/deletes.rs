//! Many things deleted by their ids.

use api_patterns::bulk::{BulkDelete, BulkSettings, Cost, Deleted};
use api_patterns::problem::Problem;
use axum::response::IntoResponse as _;
use axum::{Router, routing};
use serde_json::json;

use super::{failures, post};

/// 1 to 9 are there, 13 may not go.
async fn remove(id: i64) -> Result<bool, Problem> {
    match id {
        13 => Err(Problem::conflict("it is in use")),
        id => Ok((1..10).contains(&id)),
    }
}

fn app() -> Router {
    async fn delete(ids: BulkDelete<i64, 5>) -> Deleted<i64> {
        ids.run(remove).await
    }
    Router::new().route("/delete", routing::post(delete))
}

#[tokio::test]
async fn what_was_there_is_counted_and_what_was_not_is_named() {
    let answer = post(&app(), "/delete", &json!({ "ids": [3, 70, 1, 71] })).await;
    assert_eq!(answer.status.as_u16(), 207);
    assert_eq!(
        answer.json(),
        json!({ "deleted_count": 2, "not_found_ids": [70, 71] })
    );
}

#[tokio::test]
async fn an_id_that_is_given_again_counts_once() {
    let answer = post(&app(), "/delete", &json!({ "ids": [3, 70, 3, 70, 3] })).await;
    assert_eq!(
        answer.json(),
        json!({ "deleted_count": 1, "not_found_ids": [70] })
    );
    let response = BulkDelete::<_, 5>::new([3, 3])
        .run(remove)
        .await
        .into_response();
    assert_eq!(response.extensions().get(), Some(&Cost(2)));
}

#[tokio::test]
async fn an_id_that_is_none_fails_alone() {
    let answer = post(&app(), "/delete", &json!({ "ids": [3, "x", 13, 3, null] }))
        .await
        .json();
    assert_eq!(answer["deleted_count"], 1);
    assert_eq!(answer["not_found_ids"], json!([]));
    assert_eq!(failures(&answer), [(1, 422), (2, 409), (4, 422)]);
}

#[tokio::test]
async fn each_id_may_have_an_envelope() {
    let body = json!({ "ids": [3, 70, 3, 13, "x"] });
    let statuses = async |headers: &[(&str, &str)]| {
        let method = axum::http::Method::POST;
        let uri = "/delete?envelope=items";
        let answer = super::request(&app(), method, uri, headers, &body)
            .await
            .json();
        let results = answer["results"].as_array().expect("results").iter();
        let number = |value: &serde_json::Value| value.as_u64().expect("a number");
        let pair =
            |result: &serde_json::Value| (number(&result["index"]), number(&result["status"]));
        results.map(pair).collect::<Vec<_>>()
    };
    assert_eq!(
        statuses(&[]).await,
        [(0, 204), (1, 404), (3, 409), (4, 422)]
    );
    let minimal = statuses(&[("prefer", "return=minimal")]).await;
    assert_eq!(minimal, [(1, 404), (3, 409), (4, 422)]);
}

#[tokio::test]
async fn what_was_not_there_counts_for_a_client_that_wants_to_stop() {
    let body = json!({ "ids": [1, 70, 13, 2, 3] });
    for (most, deleted, failed) in [
        (1, 1, &[(2, 424), (3, 424), (4, 424)][..]),
        (2, 1, &[(2, 409), (3, 424), (4, 424)]),
        (3, 3, &[(2, 409)]),
    ] {
        let answer = post(&app(), &format!("/delete?stop_after={most}"), &body).await;
        let answer = answer.json();
        assert_eq!(answer["deleted_count"], deleted);
        assert_eq!(answer["not_found_ids"], json!([70]));
        assert_eq!(failures(&answer), failed);
    }
}

#[tokio::test]
async fn ids_may_have_one_status() {
    let app = app().layer(BulkSettings::new().uniform_status());
    for (ids, status) in [
        (json!([3, 1, 3]), 200),
        (json!([70, 71]), 404),
        (json!([13, 13]), 409),
        (json!([3, 70]), 207),
        (json!([3, 13]), 207),
    ] {
        let answer = post(&app, "/delete", &json!({ "ids": ids })).await;
        assert_eq!(answer.status.as_u16(), status, "{ids}");
        assert!(answer.json()["deleted_count"].is_u64());
    }
}

#[tokio::test]
async fn one_to_the_most_ids_are_taken() {
    for (body, place) in [
        (json!({ "ids": [] }), "/ids"),
        (json!({ "ids": [1, 2, 3, 4, 5, 6] }), "/ids"),
        (json!({ "items": [1] }), ""),
        (json!({ "ids": 1 }), "/ids"),
    ] {
        let answer = post(&app(), "/delete", &body).await;
        assert_eq!(answer.status.as_u16(), 422, "{body}");
        assert_eq!(answer.places(), [place], "{body}");
    }
    let answer = post(&app(), "/delete?mode=atomic", &json!({ "ids": [1] })).await;
    assert_eq!(answer.places(), ["mode"]);
}
