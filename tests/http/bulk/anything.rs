//! Items that are run by something that the library does not know.

use api_patterns::bulk::{Bulk, MultiStatus};
use api_patterns::problem::Problem;
use axum::http::StatusCode;
use axum::{Router, routing};
use serde_json::json;

use super::{Item, failures, named, post};

#[tokio::test]
async fn items_may_be_run_by_anything() {
    async fn take_all(Bulk(items): Bulk<Item>) -> Result<MultiStatus<String>, Problem> {
        let run = async |items: Vec<Item>, mode| {
            if items.iter().any(|item| item.name == "down") {
                return Err(Problem::new(StatusCode::BAD_GATEWAY));
            }
            let outcomes = items.into_iter().map(|item| match item.name.as_str() {
                "taken" => Err(Problem::conflict("the name is taken")),
                name => Ok(format!("{name} {mode:?}")),
            });
            Ok(outcomes.collect())
        };
        items.answer(run).await
    }
    let app = Router::new().route("/items", routing::post(take_all));
    let body = json!({ "items": [{ "name": "a" }, 7, { "name": "taken" }, { "name": "b" }] });
    let answer = post(&app, "/items", &body).await.json();
    assert_eq!(answer["created"], json!(["a Partial", "b Partial"]));
    assert_eq!(failures(&answer), [(1, 422), (2, 409)]);
    let answer = post(&app, "/items?stop_after=2", &body).await.json();
    assert_eq!(answer["created"], json!(["a Partial"]));
    assert_eq!(failures(&answer), [(1, 422), (2, 409), (3, 424)]);
    let answer = post(&app, "/items?mode=atomic", &body).await.json();
    assert_eq!(failures(&answer), [(0, 424), (1, 422), (2, 424), (3, 424)]);
    let answer = post(&app, "/items?mode=atomic", &named(["a", "taken"])).await;
    assert_eq!(failures(&answer.json()), [(0, 424), (1, 409)]);
    let answer = post(&app, "/items?mode=atomic&envelope=items", &named(["a"])).await;
    assert_eq!(answer.json()["results"][0]["body"], "a Atomic");
    let answer = post(&app, "/items", &named(["a", "down"])).await;
    assert_eq!(answer.status.as_u16(), 502);
}
