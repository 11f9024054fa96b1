//! What a handler answers through a router: validators, 304, and what passes untouched.

use std::time::{Duration, SystemTime};

use api_patterns::conditional::{ETag, Preconditions, Validators};
use api_patterns::links::{Linked, Links, LinksLayer};
use api_patterns::problem::{Problem, ProblemLayer};
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt as _;
use serde::Serialize;
use tower::ServiceExt as _;

use super::{AFTER, BEFORE, DATE, SECONDS, when};
use crate::problem::{Answer, send};

#[derive(Serialize, Links)]
#[links(base = "/notes/{id}")]
struct Note {
    id: u64,
}

fn now() -> Validators {
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS);
    Validators::from(ETag::version(7)).last_modified(date)
}

async fn show(Path(id): Path<u64>, when: Preconditions) -> Result<Response, Problem> {
    if id != 1 {
        // A handler may wrap everything; a refusal is not a representation.
        return Ok(when.respond(now(), Problem::not_found("no such note")));
    }
    Ok(when.respond(now(), Linked(Note { id })))
}

async fn change(Path(id): Path<u64>, when: Preconditions) -> Result<Response, Problem> {
    let when = when.require()?;
    when.check(now())?;
    Ok(when.respond(ETag::version(8), Json(Note { id })))
}

async fn remove(when: Preconditions) -> Result<StatusCode, Problem> {
    when.check(now())?;
    Ok(StatusCode::NO_CONTENT)
}

fn app() -> Router {
    Router::new()
        .route("/notes/{id}", get(show).patch(change).delete(remove))
        .layer(LinksLayer::new())
        .layer(ProblemLayer::new())
}

async fn ask(method: &str, uri: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    send(&app(), request.body(Body::empty()).expect("a request")).await
}

fn has(headers: &HeaderMap, name: &str) -> bool {
    headers.contains_key(name)
}

#[tokio::test]
async fn a_representation_has_its_validators() {
    for method in ["GET", "HEAD"] {
        let answer = ask(method, "/notes/1", &[]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.headers["etag"], "\"7\"");
        assert_eq!(answer.headers["last-modified"], DATE);
        assert_eq!(answer.body.is_empty(), method == "HEAD");
        assert_ne!(answer.headers["content-length"], "0");
    }
}

#[tokio::test]
async fn a_client_that_has_it_is_told_so_without_a_body() {
    for method in ["GET", "HEAD"] {
        for field in [("if-none-match", "\"7\""), ("if-modified-since", DATE)] {
            let answer = ask(method, "/notes/1", &[field]).await;
            assert_eq!(answer.status, 304, "{method} {field:?}");
            assert_eq!(answer.headers["etag"], "\"7\"");
            assert_eq!(answer.headers["vary"], "accept");
            assert!(has(&answer.headers, "link"));
            for name in ["content-type", "content-length", "last-modified"] {
                assert!(!has(&answer.headers, name), "{name} of nothing");
            }
            assert_eq!(answer.body, "");
        }
    }
    for field in [("if-none-match", "\"6\""), ("if-modified-since", BEFORE)] {
        let answer = ask("GET", "/notes/1", &[field]).await;
        assert_eq!(
            (answer.status, answer.body.is_empty()),
            (StatusCode::OK, false)
        );
    }
}

#[tokio::test]
async fn another_rendering_is_another_representation() {
    let hal = ("accept", "application/hal+json");
    let answer = ask("GET", "/notes/1", &[hal]).await;
    assert_eq!(answer.headers["etag"], "\"7-hal+json\"");
    for (sent, status) in [
        ("\"7\"", 200),
        ("\"7-hal+json\"", 304),
        ("W/\"7-hal+json\"", 304),
    ] {
        let answer = ask("GET", "/notes/1", &[hal, ("if-none-match", sent)]).await;
        assert_eq!(answer.status, status, "{sent}");
        assert_eq!(answer.headers["etag"], "\"7-hal+json\"");
    }
    let answer = ask("GET", "/notes/1", &[("if-none-match", "\"7-hal+json\"")]).await;
    assert_eq!(answer.status, 200);
    // For a change it names the state.
    let answer = ask("PATCH", "/notes/1", &[("if-match", "\"7-hal+json\"")]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["etag"], "\"8\"");
}

#[tokio::test]
async fn a_change_is_checked_before_and_described_after() {
    type Fields = &'static [(&'static str, &'static str)];
    let table: [(Fields, u16, Option<&str>); 6] = [
        (&[("if-match", "\"7\"")], 200, Some("\"8\"")),
        (&[("if-match", "*")], 200, Some("\"8\"")),
        (&[("if-unmodified-since", AFTER)], 200, Some("\"8\"")),
        (&[("if-match", "\"6\"")], 412, Some("\"7\"")),
        (&[("if-match", "7")], 400, None),
        (&[], 428, None),
    ];
    for (fields, status, tag) in table {
        let answer = ask("PATCH", "/notes/1", fields).await;
        assert_eq!(answer.status, status, "{fields:?}");
        let found = answer
            .headers
            .get("etag")
            .map(|tag| tag.to_str().expect("ASCII"));
        assert_eq!(found, tag, "{fields:?}");
        let is_problem = answer.headers["content-type"] == "application/problem+json";
        assert_eq!(is_problem, status >= 400);
    }
    assert_eq!(
        ask("DELETE", "/notes/1", &[("if-match", "\"7\"")])
            .await
            .status,
        204
    );
    assert_eq!(ask("DELETE", "/notes/1", &[]).await.status, 204);
    assert_eq!(
        ask("DELETE", "/notes/1", &[("if-match", "\"8\"")])
            .await
            .status,
        412
    );
}

/// RFC 9110 §13.2.1: preconditions do not matter where the answer is no success without them.
#[tokio::test]
async fn a_failure_passes_as_it_is() {
    for field in [
        ("if-none-match", "\"7\""),
        ("if-none-match", "*"),
        ("if-match", "\"9\""),
    ] {
        let answer = ask("GET", "/notes/2", &[field]).await;
        assert_eq!(answer.status, 404);
        assert!(!has(&answer.headers, "etag") && !has(&answer.headers, "last-modified"));
        assert!(answer.body.contains("no such note"));
    }
}

#[tokio::test]
async fn a_read_of_a_certain_state_is_412_in_another_one() {
    let answer = ask("GET", "/notes/1", &[("if-match", "\"6\"")]).await;
    assert_eq!(answer.status, 412);
    assert_eq!(answer.headers["etag"], "\"7\"");
    assert!(answer.body.contains("precondition_failed"));
    assert_eq!(
        ask("GET", "/notes/1", &[("if-match", "\"7\"")])
            .await
            .status,
        200
    );
}

/// RFC 9110 §15.4.5.
#[tokio::test]
async fn a_304_keeps_what_caches_need_and_what_is_not_about_the_content() {
    let kept = [
        ("cache-control", "max-age=60"),
        ("content-location", "/notes/1"),
        ("content-security-policy", "default-src 'none'"),
        ("date", DATE),
        ("expires", AFTER),
        ("link", "</notes>; rel=\"collection\""),
        ("set-cookie", "a=b"),
        ("vary", "accept"),
        ("x-request-id", "1"),
    ];
    let dropped = [
        ("content-type", "application/json"),
        ("content-length", "2"),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("content-disposition", "inline"),
        ("content-digest", "sha-256=::"),
        ("content-range", "bytes 0-1/2"),
    ];
    let mut response = Response::new(Body::from("{}"));
    for (name, value) in kept.into_iter().chain(dropped) {
        let value = value.parse().expect("a value");
        response.headers_mut().insert(name, value);
    }
    let when = when(&Method::GET, &[("if-none-match", "\"7\"")]);
    let response = when.respond(ETag::version(7), response);
    assert_eq!(response.status(), 304);
    let (parts, body) = response.into_parts();
    for (name, value) in kept {
        assert_eq!(parts.headers[name], value);
    }
    for (name, _) in dropped {
        assert!(!has(&parts.headers, name), "{name}");
    }
    assert_eq!(parts.headers["etag"], "\"7\"");
    assert!(body.collect().await.expect("empty").to_bytes().is_empty());
}

#[test]
fn without_a_tag_a_304_tells_the_date() {
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS);
    let when = when(&Method::GET, &[("if-modified-since", AFTER)]);
    let response = when.respond(date, "text");
    assert_eq!(response.status(), 304);
    assert_eq!(response.headers()["last-modified"], DATE);
}

#[test]
fn only_successes_are_described() {
    let describe = |status: StatusCode| now().describe(status);
    for status in [StatusCode::OK, StatusCode::CREATED, StatusCode::NO_CONTENT] {
        assert_eq!(describe(status).headers()["etag"], "\"7\"", "{status}");
    }
    for status in [
        StatusCode::SEE_OTHER,
        StatusCode::NOT_MODIFIED,
        StatusCode::NOT_FOUND,
        StatusCode::INTERNAL_SERVER_ERROR,
    ] {
        assert!(!has(describe(status).headers(), "etag"), "{status}");
    }
    let gone = Validators::missing()
        .etag(ETag::version(7))
        .describe(StatusCode::OK);
    assert!(!has(gone.headers(), "etag"));
}

#[test]
fn times_that_http_cannot_tell_are_left_out() {
    let epoch = SystemTime::UNIX_EPOCH;
    for time in [
        epoch - Duration::from_nanos(1),
        epoch - Duration::from_secs(1 << 40),
        epoch + Duration::from_secs(253_402_300_800),
    ] {
        assert_eq!(Validators::from(time), Validators::new(), "{time:?}");
    }
    let first = Validators::from(epoch).describe(StatusCode::OK);
    assert_eq!(
        first.headers()["last-modified"],
        "Thu, 01 Jan 1970 00:00:00 GMT"
    );
}

/// RFC 9110 §8.8.2.1: a later date than that of the message would be a wrong one.
#[test]
fn a_change_in_the_future_is_told_as_now() {
    let before = SystemTime::now() - Duration::from_secs(1);
    let later = SystemTime::now() + Duration::from_secs(3600);
    let response = Validators::from(later).describe(StatusCode::OK);
    let told = response.headers()["last-modified"].clone();
    let when = when(
        &Method::GET,
        &[("if-modified-since", told.to_str().expect("ASCII"))],
    );
    let verdict = |time: SystemTime| when.evaluate(time);
    assert_eq!(
        verdict(before),
        api_patterns::conditional::Verdict::NotModified
    );
    assert_eq!(verdict(later), api_patterns::conditional::Verdict::Proceed);
}

#[tokio::test]
async fn times_of_the_usual_crates_are_taken() {
    let jiff = jiff::Timestamp::from_second(SECONDS as i64).expect("a time");
    let chrono = chrono::DateTime::from_timestamp(SECONDS as i64, 0).expect("a time");
    let time = time::OffsetDateTime::from_unix_timestamp(SECONDS as i64).expect("a time");
    let of_jiff = Validators::new().last_modified(jiff);
    assert_eq!(of_jiff, Validators::new().last_modified(chrono));
    assert_eq!(of_jiff, Validators::new().last_modified(time));
    let app = Router::new().route("/", get(async move || of_jiff.describe("text")));
    let request = Request::get("/").body(Body::empty()).expect("a request");
    let response = app.oneshot(request).await.expect("infallible");
    assert_eq!(response.into_response().headers()["last-modified"], DATE);
}
