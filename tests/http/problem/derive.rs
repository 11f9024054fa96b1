//! The derive: from an error to its answer.

use api_patterns::problem::Problem;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::Log;

#[derive(Debug, thiserror::Error, Problem)]
enum ShopError {
    #[error("there is no product {id}")]
    #[problem(status = 404, code = "product_not_found")]
    NotFound {
        #[problem(extension = "product")]
        id: u64,
        #[problem(extension)]
        r#type_of: &'static str,
    },
    #[error("taken by {0}")]
    #[problem(
        status = 409,
        code = "taken",
        title = "Taken",
        type = "https://example.com/taken"
    )]
    Taken(
        #[problem(extension = "owner")] String,
        #[source] std::io::Error,
    ),
    #[error("internal wording")]
    #[problem(status = 400, detail = "say it again")]
    Reworded,
    #[error(transparent)]
    #[problem(transparent)]
    Stock(#[from] OutOfStock),
    #[error("already one")]
    #[problem(transparent)]
    Ready { problem: Problem },
    #[error("storage broke")]
    Storage(#[from] std::io::Error),
    #[error("payments: {0}")]
    #[problem(status = 503, code = "down", detail = "payments are down")]
    Payments(#[source] std::io::Error),
}

#[derive(Debug, thiserror::Error, Problem)]
#[error("only {left} left")]
#[problem(status = 409, code = "out_of_stock")]
struct OutOfStock {
    #[problem(extension)]
    left: u32,
}

#[derive(Debug, thiserror::Error, Problem)]
enum Generic<T, const N: usize>
where
    T: std::fmt::Debug,
{
    #[error("bad value {0:?}")]
    #[problem(status = 422)]
    Value(#[problem(extension = "value")] T, [u8; N]),
    #[error("broken")]
    Broken,
}

#[derive(Debug, thiserror::Error, Problem)]
#[error("nothing more to say")]
struct Unit;

#[derive(Debug, thiserror::Error, Problem)]
enum Never {}

fn io() -> std::io::Error {
    std::io::Error::other("hunter2")
}

fn value(error: impl Into<Problem>) -> Value {
    serde_json::to_value(error.into()).expect("serializable")
}

#[test]
fn each_variant_is_its_problem() {
    assert_eq!(
        value(ShopError::NotFound {
            id: 7,
            type_of: "lamp"
        }),
        json!({"type": "about:blank",
            "title": "Not Found", "status": 404, "detail": "there is no product 7",
            "code": "product_not_found", "product": 7, "type_of": "lamp",
        })
    );
    assert_eq!(
        value(ShopError::Taken("ann".into(), io())),
        json!({
            "type": "https://example.com/taken", "title": "Taken", "status": 409,
            "detail": "taken by ann", "code": "taken", "owner": "ann",
        })
    );
    assert_eq!(
        value(ShopError::Reworded),
        json!({"type": "about:blank",  "title": "Bad Request", "status": 400, "detail": "say it again" })
    );
}

#[test]
fn transparent_hands_over_to_the_inner_error() {
    let expected = json!({"type": "about:blank",
        "title": "Conflict", "status": 409, "detail": "only 3 left",
        "code": "out_of_stock", "left": 3,
    });
    assert_eq!(value(OutOfStock { left: 3 }), expected);
    assert_eq!(value(ShopError::from(OutOfStock { left: 3 })), expected);
    let ready = ShopError::Ready {
        problem: Problem::not_found("x").extension("a", 1),
    };
    assert_eq!(value(ready)["a"], 1);
}

#[test]
fn no_status_is_a_masked_500_with_the_error_as_its_source() {
    let problem = Problem::from(ShopError::from(io()));
    assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(problem.is_masked());
    let source = problem
        .get_source()
        .and_then(|source| source.downcast_ref::<ShopError>());
    assert!(matches!(source, Some(ShopError::Storage(_))));
    assert_eq!(
        Problem::from(Unit).status(),
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let _: fn(Never) -> Problem = Problem::from;
}

#[test]
fn the_detail_of_a_5xx_is_what_the_client_reads() {
    let log = Log::start();
    let error = ShopError::Payments(io());
    assert_eq!(
        value(ShopError::Payments(io()))["detail"],
        "payments are down"
    );
    assert_eq!(
        error.into_response().status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    let events = log.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["fields"]["error"], "payments: hunter2: hunter2");
    assert_eq!(events[0]["fields"]["code"], "down");
}

#[test]
fn generic_errors_are_problems_where_their_parts_allow_it() {
    #[derive(Debug, Serialize)]
    struct Part {
        x: u8,
    }
    let problem = value(Generic::<_, 0>::Value(Part { x: 1 }, []));
    assert_eq!(problem["value"], json!({ "x": 1 }));
    assert_eq!(problem["status"], 422);
    assert_eq!(value(Generic::<u8, 1>::Broken)["status"], 500);
}
