//! What failed on our side: the client learns nothing, the log everything, once.

use api_patterns::problem::{FieldError, Problem, ProblemLayer};
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing;
use serde_json::json;

use super::{Log, get};

#[derive(Debug, thiserror::Error)]
#[error("query failed")]
struct QueryFailed(#[source] std::io::Error);

fn failure() -> QueryFailed {
    QueryFailed(std::io::Error::other("password \"hunter2\" refused"))
}

const MASK: &str = "the request could not be completed because of an error on the server";

fn app() -> Router {
    async fn internal() -> Problem {
        Problem::internal(failure())
            .code("storage")
            .extension("shard", 3)
    }
    async fn unavailable() -> Problem {
        Problem::unavailable("the replica is behind")
            .source(failure())
            .error(FieldError::pointer("/secret", "hunter2"))
    }
    async fn public() -> Problem {
        Problem::unavailable("secret")
            .source(failure())
            .public_detail("try again at noon")
    }
    async fn sourceless() -> Problem {
        Problem::unavailable("closed for maintenance")
    }
    async fn client_error() -> Problem {
        Problem::conflict("version 3 is current").source(failure())
    }
    async fn plain() -> impl IntoResponse {
        (StatusCode::BAD_GATEWAY, "upstream hunter2 said no")
    }
    Router::new()
        .route("/internal", routing::get(internal))
        .route("/unavailable", routing::get(unavailable))
        .route("/public", routing::get(public))
        .route("/sourceless", routing::get(sourceless))
        .route("/client-error", routing::get(client_error))
        .route("/plain", routing::get(plain))
        .layer(ProblemLayer::new())
}

#[tokio::test]
async fn a_source_hides_the_detail_and_errors_of_a_5xx() {
    let _log = Log::start();
    let table = [
        ("/internal", 500, Some(MASK)),
        ("/unavailable", 503, Some(MASK)),
        ("/public", 503, Some("try again at noon")),
        ("/sourceless", 503, Some("closed for maintenance")),
        ("/client-error", 409, Some("version 3 is current")),
        ("/plain", 502, Some(MASK)),
    ];
    for (path, status, detail) in table {
        let answer = get(&app(), path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert_eq!(answer.content_type(), "application/problem+json");
        assert_eq!(answer.json()["detail"].as_str(), detail, "{path}");
        assert!(
            !answer.body.contains("hunter2") && !answer.body.contains("replica"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn code_and_extensions_of_a_masked_problem_stay() {
    let _log = Log::start();
    let answer = get(&app(), "/internal").await;
    assert_eq!(
        answer.json(),
        json!({"type": "about:blank",
            "title": "Internal Server Error", "status": 500, "detail": MASK,
            "code": "storage", "shard": 3,
        })
    );
}

#[tokio::test]
async fn a_5xx_is_logged_once_with_its_chain() {
    let table = [
        ("/internal", "query failed: password \"hunter2\" refused"),
        ("/unavailable", "query failed: password \"hunter2\" refused"),
        ("/plain", "upstream hunter2 said no"),
    ];
    for (path, chain) in table {
        let log = Log::start();
        get(&app(), path).await;
        let events = log.events();
        assert_eq!(events.len(), 1, "{path}: {events:?}");
        assert_eq!(events[0]["level"], "ERROR");
        assert_eq!(events[0]["fields"]["error"], chain, "{path}");
    }
    let log = Log::start();
    get(&app(), "/unavailable").await;
    assert_eq!(log.events()[0]["fields"]["detail"], "the replica is behind");
    assert_eq!(log.events()[0]["fields"]["status"], 503);
}

#[tokio::test]
async fn a_4xx_is_not_logged() {
    let log = Log::start();
    get(&app(), "/client-error").await;
    get(&app(), "/nowhere").await;
    assert!(log.events().is_empty());
}

#[test]
fn the_developer_sees_all_of_it() {
    let problem = Problem::internal(failure())
        .detail("while listing")
        .code("storage");
    let debug = format!("{problem:?}");
    for part in ["500", "while listing", "storage", "QueryFailed", "hunter2"] {
        assert!(debug.contains(part), "{part} in {debug}");
    }
    assert!(problem.is_masked());
    assert_eq!(problem.get_detail(), Some("while listing"));
    let source = std::error::Error::source(&problem).expect("a source");
    assert!(source.downcast_ref::<QueryFailed>().is_some());
    assert!(problem.get_source().is_some());
}
