//! What the answer says of each item.

use api_patterns::bulk::{Bulk, BulkSettings, Cost, MultiStatus, Outcome, Update};
use api_patterns::problem::Problem;
use axum::http::Method;
use axum::response::IntoResponse as _;
use axum::{Router, routing};
use serde_json::json;

use super::{Item, app, failures, named, post, request, take};
use crate::problem::Log;

#[tokio::test]
async fn a_bad_item_fails_alone() {
    let body = json!({ "items": [
        { "name": "a", "count": 1 },
        "not an item",
        { "name": "taken" },
        { "name": 7, "count": 256 },
        { "name": "" },
        { "name": "b", "color": "red" },
        null,
        ["f", 1],
        { "name": "d" },
        { "name": "a" },
    ] });
    let answer = post(&app(), "/items", &body).await;
    assert_eq!(answer.status.as_u16(), 207);
    assert_eq!(answer.content_type(), "application/json");
    let answer = answer.json();
    let made = json!([{ "name": "a", "count": 1 }, { "name": "d", "count": 0 }, { "name": "a", "count": 0 }]);
    assert_eq!(answer["created"], made);
    let expected = [
        (1, 422),
        (2, 409),
        (3, 422),
        (4, 422),
        (5, 422),
        (6, 422),
        (7, 422),
    ];
    assert_eq!(failures(&answer), expected);
    let errors = &answer["errors"];
    assert_eq!(errors[1]["problem"]["code"], "taken");
    assert_eq!(errors[1]["detail"], "the name is taken");
    let pointers = |nth: usize| {
        let errors = errors[nth]["problem"]["errors"].as_array().expect("errors");
        errors
            .iter()
            .map(|error| error["pointer"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(pointers(0), [""], "into the item itself");
    assert_eq!(pointers(2), ["/count", "/name"]);
    assert_eq!(pointers(3), ["/name"]);
    assert_eq!(answer.as_object().map(|members| members.len()), Some(2));
}

#[tokio::test]
async fn a_change_updates_and_a_post_creates() {
    for (method, member) in [
        (Method::POST, "created"),
        (Method::PATCH, "updated"),
        (Method::PUT, "updated"),
    ] {
        let answer = request(&app(), method, "/items", &[], &named(["a", "taken"])).await;
        let json = answer.json();
        assert_eq!(json[member], json!([{ "name": "a", "count": 0 }]));
        assert_eq!(failures(&json), [(1, 409)]);
    }
}

#[tokio::test]
async fn each_item_may_have_an_envelope() {
    async fn located(Bulk(items): Bulk<Item>) -> MultiStatus<String> {
        let answer = items.run(take).await;
        answer
            .located(|item| format!("/items/{}", item.name))
            .tagged(|item| format!("\"{}\"", item.count))
            .map(|item| item.name)
    }
    let app = Router::new().route("/items", routing::post(located).patch(located));
    let body = named(["a", "taken", "b"]);
    let answer = post(&app, "/items?envelope=items", &body).await;
    assert_eq!(answer.status.as_u16(), 207);
    let mut json = answer.json();
    let problem = json["results"][1]["problem"].take();
    assert_eq!(problem["detail"], "the name is taken");
    let expected = json!({ "results": [
        { "index": 0, "status": 201, "location": "/items/a", "etag": "\"0\"", "body": "a" },
        { "index": 1, "status": 409, "problem": null },
        { "index": 2, "status": 201, "location": "/items/b", "etag": "\"0\"", "body": "b" },
    ] });
    assert_eq!(json, expected);
    let changed = request(&app, Method::PATCH, "/items?envelope=items", &[], &body).await;
    assert_eq!(changed.json()["results"][0]["status"], 200);
    let classic = post(&app, "/items?envelope=classic", &body).await.json();
    assert_eq!(classic["created"], json!(["a", "b"]));
}

#[tokio::test]
async fn an_upsert_tells_what_it_did() {
    async fn upsert(Bulk(items): Bulk<Item>) -> MultiStatus<String> {
        let upsert = async |item: Item| match item.name.as_str() {
            "taken" => Err(Problem::conflict("taken")),
            "old" => Ok(Outcome::Updated(item.name)),
            _ => Ok(Outcome::Created(item.name)),
        };
        items.run(upsert).await.upserts()
    }
    let app = Router::new().route("/items", routing::put(upsert));
    let body = named(["old", "new", "taken", "newer"]);
    let answer = request(&app, Method::PUT, "/items", &[], &body)
        .await
        .json();
    assert_eq!(answer["created"], json!(["new", "newer"]));
    assert_eq!(answer["updated"], json!(["old"]));
    assert_eq!(failures(&answer), [(2, 409)]);
    let uri = "/items?envelope=items";
    let answer = request(&app, Method::PUT, uri, &[], &body).await.json();
    let results = answer["results"].as_array().expect("results");
    let statuses: Vec<_> = results.iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, [200, 201, 409, 201]);
}

#[tokio::test]
async fn one_status_for_all_is_a_choice() {
    let outcomes = |names: &[&str]| {
        let items = names.iter().map(|name| match *name {
            "" => Err(Problem::conflict("no")),
            "gone" => Err(Problem::not_found("no")),
            name => Ok(name.to_owned()),
        });
        MultiStatus::of(items.collect::<Vec<_>>())
    };
    for (names, status) in [
        (&["a", "b"][..], 201),
        (&["", ""], 409),
        (&["a", ""], 207),
        (&["", "gone"], 207),
    ] {
        let always = outcomes(names).into_response().status().as_u16();
        assert_eq!(always, 207, "{names:?}");
        let uniform = outcomes(names).uniform_status().into_response();
        assert_eq!(uniform.status().as_u16(), status, "{names:?}");
    }
    let app = app().layer(BulkSettings::new().uniform_status());
    let answer = post(&app, "/items", &named(["a"])).await;
    assert_eq!(answer.status.as_u16(), 201);
}

#[tokio::test]
async fn a_failure_of_ours_is_masked_and_logged_once() {
    let log = Log::start();
    for uri in ["/items", "/items?envelope=items"] {
        let answer = post(&app(), uri, &named(["a", "broken"])).await;
        assert_eq!(answer.status.as_u16(), 207);
        assert!(!answer.body.contains("hunter2"), "{}", answer.body);
        assert!(answer.body.contains("\"status\":500"), "{}", answer.body);
    }
    let logged: Vec<_> = log.events().iter().map(ToString::to_string).collect();
    let told = logged.iter().filter(|event| event.contains("hunter2"));
    assert_eq!(told.count(), 2, "{logged:?}");
}

#[test]
fn the_cost_is_the_number_of_items() {
    let outcomes = [Ok("a"), Err(Problem::conflict("no")), Ok("b")];
    let response = MultiStatus::of(outcomes).into_response();
    assert_eq!(response.extensions().get(), Some(&Cost(3)));
}

#[tokio::test]
async fn an_update_names_what_it_changes() {
    async fn change(Bulk(items): Bulk<Update<i64, Item>>) -> MultiStatus<i64> {
        items.run(async |item| Ok::<_, Problem>(item.id)).await
    }
    let app = Router::new().route("/items", routing::patch(change));
    let body = json!({ "items": [
        { "id": 7, "data": { "name": "a" } },
        { "id": "x", "data": { "name": "a" } },
        { "id": 1, "data": { "name": "" } },
        { "id": 1 },
        { "id": 1, "data": { "name": "a" }, "extra": 1 },
    ] });
    let answer = request(&app, Method::PATCH, "/items", &[], &body)
        .await
        .json();
    assert_eq!(answer["updated"], json!([7]));
    assert_eq!(failures(&answer), [(1, 422), (2, 422), (3, 422), (4, 422)]);
    let pointers: Vec<_> = [0, 1, 2]
        .map(|nth| answer["errors"][nth]["problem"]["errors"][0]["pointer"].clone())
        .into();
    assert_eq!(pointers, ["/id", "/data/name", "/data"]);
}
