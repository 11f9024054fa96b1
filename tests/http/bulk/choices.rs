//! What a client may choose, and how it is refused what it may not.

use api_patterns::bulk::{Bulk, BulkSettings, Mode, MultiStatus};
use api_patterns::problem::Problem;
use axum::http::Method;
use axum::{Router, routing};
use serde_json::json;

use super::{Item, app, failures, named, post, request, take, take_all};

#[tokio::test]
async fn what_is_not_known_is_refused_by_name() {
    let table = [
        ("mode=all", "mode", "`partial`, `atomic`"),
        ("mode=", "mode", "`partial`, `atomic`"),
        ("mode=Partial", "mode", "`partial`, `atomic`"),
        ("mode=partial&mode=partial", "mode", "more than once"),
        ("mode=atomic", "mode", "`partial`"),
        ("stop_after=0", "stop_after", "1 or more"),
        ("stop_after=-1", "stop_after", "1 or more"),
        ("stop_after=%2B1", "stop_after", "1 or more"),
        ("stop_after=x", "stop_after", "1 or more"),
        (
            "stop_after=99999999999999999999999",
            "stop_after",
            "1 or more",
        ),
        ("stop_after=1&stop_after=2", "stop_after", "more than once"),
        ("stop_after=1&mode=atomic", "stop_after", "`mode=atomic`"),
        ("envelope=list", "envelope", "`classic`, `items`"),
        (
            "dry_run=true",
            "dry_run",
            "`mode`, `stop_after`, `envelope`",
        ),
        ("Mode=partial", "Mode", "`mode`, `stop_after`, `envelope`"),
    ];
    for (query, place, allowed) in table {
        let answer = post(&app(), &format!("/items?{query}"), &named(["a"])).await;
        assert_eq!(answer.status.as_u16(), 400, "{query}: {}", answer.body);
        assert_eq!(answer.json()["code"], "invalid_parameter", "{query}");
        assert_eq!(answer.places(), [place], "{query}");
        let detail = &answer.json()["detail"];
        let detail = detail.as_str().expect("a detail");
        assert!(detail.contains(allowed), "{query}: {detail}");
    }
}

#[tokio::test]
async fn after_some_failures_the_rest_is_not_tried() {
    let body = json!({ "items": [
        { "name": "a" }, { "name": "taken" }, { "name": "b" }, 5, { "name": "c" }, { "name": "taken" }, 6,
    ] });
    type Failed = &'static [(u64, u64)];
    let table: [(u64, &[&str], Failed); 4] = [
        (
            1,
            &["a"],
            &[(1, 409), (2, 424), (3, 424), (4, 424), (5, 424), (6, 424)],
        ),
        (
            2,
            &["a", "b"],
            &[(1, 409), (3, 422), (4, 424), (5, 424), (6, 424)],
        ),
        (
            3,
            &["a", "b", "c"],
            &[(1, 409), (3, 422), (5, 409), (6, 424)],
        ),
        (
            9,
            &["a", "b", "c"],
            &[(1, 409), (3, 422), (5, 409), (6, 422)],
        ),
    ];
    for (most, made, failed) in table {
        let answer = post(&app(), &format!("/items?stop_after={most}"), &body)
            .await
            .json();
        let created = answer["created"].as_array().expect("created");
        let names: Vec<_> = created.iter().map(|item| item["name"].as_str()).collect();
        assert_eq!(
            names,
            made.iter().map(|name| Some(*name)).collect::<Vec<_>>(),
            "{most}"
        );
        assert_eq!(failures(&answer), failed, "{most}");
        let skipped = answer["errors"].as_array().expect("errors").iter();
        for error in skipped.filter(|error| error["status"] == 424) {
            assert_eq!(error["problem"]["code"], "failed_dependency");
        }
    }
}

#[tokio::test]
async fn a_client_may_prefer_failures_alone() {
    let body = named(["a", "taken", "b"]);
    let prefer = [("prefer", "return=minimal")];
    let answer = request(&app(), Method::POST, "/items", &prefer, &body).await;
    assert_eq!(answer.headers["preference-applied"], "return=minimal");
    let json = answer.json();
    assert_eq!(failures(&json), [(1, 409)]);
    assert!(json.get("created").is_none(), "{json}");
    let uri = "/items?envelope=items";
    let json = request(&app(), Method::POST, uri, &prefer, &body)
        .await
        .json();
    let results = json["results"].as_array().expect("results");
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["index"], 1);
}

#[tokio::test]
async fn a_preference_is_a_wish() {
    // There is no transaction on this route.
    let body = named(["a", "taken"]);
    for (wish, applied) in [
        ("handling=strict", None),
        ("handling=lenient", Some("handling=lenient")),
        ("return=everything", None),
        (
            "return=minimal, handling=lenient",
            Some("return=minimal, handling=lenient"),
        ),
        ("return=minimal, handling=strict", Some("return=minimal")),
        (",;=\"", None),
    ] {
        let answer = request(&app(), Method::POST, "/items", &[("prefer", wish)], &body).await;
        assert_eq!(answer.status.as_u16(), 207, "{wish}");
        let told = answer.headers.get("preference-applied");
        let told = told.map(|value| value.to_str().expect("text"));
        assert_eq!(told, applied, "{wish}");
    }
}

/// The mode of a request, where atomic requests are possible.
async fn mode(Bulk(items): Bulk<Item>) -> String {
    let stop = items
        .stop_after()
        .map_or(String::new(), |most| format!(" {most}"));
    format!("{:?}{stop}", items.mode())
}

#[tokio::test]
async fn a_parameter_is_stronger_than_a_preference() {
    let route = || Router::new().route("/items", routing::post(mode));
    let strict = route().layer(BulkSettings::new().default_mode(Mode::Atomic));
    let table = [
        ("", "", "Partial", "Atomic"),
        ("?mode=partial", "handling=strict", "Partial", "Partial"),
        ("?mode=atomic", "handling=lenient", "Atomic", "Atomic"),
        ("", "handling=strict", "Atomic", "Atomic"),
        ("", "handling=lenient", "Partial", "Partial"),
        ("?stop_after=2", "handling=strict", "Partial 2", "400"),
        ("?stop_after=2", "", "Partial 2", "400"),
        (
            "?stop_after=2",
            "handling=lenient",
            "Partial 2",
            "Partial 2",
        ),
        ("?stop_after=2&mode=partial", "", "Partial 2", "Partial 2"),
        ("?stop_after=2&mode=atomic", "", "400", "400"),
    ];
    for (query, prefer, by_default, by_strict) in table {
        for (app, expected) in [(&route(), by_default), (&strict, by_strict)] {
            // `400`: it does not go together.
            let uri = format!("/items{query}");
            let prefer = [("prefer", prefer)];
            let answer = request(app, Method::POST, &uri, &prefer, &named(["a"])).await;
            match expected {
                "400" => assert_eq!(answer.places(), ["stop_after"], "{query} {prefer:?}"),
                _ => assert_eq!(answer.body, expected, "{query} {prefer:?}"),
            }
        }
    }
}

#[tokio::test]
async fn names_and_defaults_are_the_applications() {
    let settings = BulkSettings::new()
        .mode_parameter("atomicity")
        .stop_after_parameter("max_failures")
        .envelope_parameter("shape")
        .other_parameters(["dry_run"])
        .item_envelopes();
    let app = Router::new()
        .route("/items", routing::post(take_all))
        .layer(settings);
    let body = named(["taken", "a"]);
    let uri = "/items?atomicity=partial&max_failures=1&dry_run=1";
    let answer = post(&app, uri, &body).await;
    assert_eq!(
        answer.json()["results"][1]["status"],
        424,
        "{}",
        answer.body
    );
    let answer = post(&app, "/items?shape=classic", &body).await;
    assert_eq!(failures(&answer.json()), [(0, 409)]);
    let answer = post(&app, "/items?mode=partial", &body).await;
    assert_eq!(answer.places(), ["mode"]);
}

#[tokio::test]
async fn a_route_may_be_atomic_whatever_a_client_chooses() {
    async fn atomic(Bulk(items): Bulk<Item>) -> Result<MultiStatus<Item>, Problem> {
        let run = async |items: Vec<Item>, mode| {
            assert_eq!(mode, Mode::Atomic);
            Ok(items.into_iter().map(Ok::<_, Problem>).collect())
        };
        items.atomic().answer(run).await
    }
    let app = Router::new().route("/items", routing::post(atomic));
    for (query, refused) in [("mode=partial", "mode"), ("stop_after=3", "stop_after")] {
        let answer = post(&app, &format!("/items?{query}"), &named(["a"])).await;
        assert_eq!(answer.status.as_u16(), 400, "{query}");
        assert_eq!(answer.places(), [refused]);
    }
    for (query, prefer, applied) in [
        ("mode=atomic", "", None),
        ("", "handling=lenient", None),
        ("", "handling=strict", Some("handling=strict")),
    ] {
        let uri = format!("/items?{query}");
        let prefer = [("prefer", prefer)];
        let answer = request(&app, Method::POST, &uri, &prefer, &named(["a"])).await;
        assert_eq!(answer.status.as_u16(), 207, "{query}");
        let told = answer.headers.get("preference-applied");
        assert_eq!(told.map(|told| told.to_str().expect("text")), applied);
    }
}

#[tokio::test]
async fn a_route_without_transaction_is_never_atomic() {
    async fn atomic(Bulk(items): Bulk<Item>) -> MultiStatus<Item> {
        items.atomic().run(take).await
    }
    let app = Router::new().route("/items", routing::post(atomic));
    let answer = post(&app, "/items", &named(["a"])).await;
    assert_eq!(
        answer.status.as_u16(),
        500,
        "the mistake is not the client's"
    );
}
