//! What is refused: malformed fields, stale states, blind changes.

use std::time::{Duration, SystemTime};

use api_patterns::conditional::{ETag, Preconditions, Validators, Verdict};
use api_patterns::problem::Problem;
use axum::response::IntoResponse as _;
use http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use http::{Method, StatusCode};
use proptest::prelude::*;

use super::{BEFORE, DATE, SECONDS, parse, when};

fn date() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS)
}

fn assert_refused(problem: &Problem, name: &str, says: &str) {
    assert_eq!(problem.status(), 400);
    assert_eq!(problem.get_code(), Some("invalid_precondition"));
    let [error] = problem.get_errors() else {
        panic!("{problem:?}");
    };
    assert_eq!(error.get_place(), name);
    assert!(error.get_detail().contains(says), "{problem:?}");
    let detail = problem.get_detail().unwrap_or_default();
    assert!(detail.contains(name), "{problem:?}");
}

#[test]
fn malformed_tags_are_a_problem_that_names_the_field() {
    let malformed = [
        "7",
        "\"7",
        "7\"",
        "'7'",
        "\"7\" \"8\"",
        "\"7\"\"8\"",
        "\"7\"; q=1",
        "\"a b\"",
        "\"a\tb\"",
        "w/\"7\"",
        "W/7",
        "W/",
        "W \"7\"",
        "\"7\", 8",
        "**",
        "\"7\\\"\"",
        "{\"7\"}",
    ];
    for (name, field) in [("If-Match", "if-match"), ("If-None-Match", "if-none-match")] {
        for value in malformed {
            let problem = parse(&Method::GET, &[(field, value)]).expect_err(value);
            assert_refused(&problem, name, "entity tags in double quotes");
        }
        for value in ["*, \"7\"", "\"7\", *", "*, *"] {
            let problem = parse(&Method::GET, &[(field, value)]).expect_err(value);
            assert_refused(&problem, name, "stands alone");
        }
        let twice = parse(&Method::GET, &[(field, "*"), (field, "*")]);
        assert_refused(&twice.expect_err("two"), name, "stands alone");
        let both = parse(&Method::GET, &[(field, "\"7\""), (field, "8")]);
        assert_refused(&both.expect_err("one is malformed"), name, "double quotes");
    }
}

#[test]
fn what_the_grammar_allows_is_read() {
    // A backslash escapes nothing in a tag, commas separate nothing in it, and bytes beyond ASCII
    // are allowed although no tag of ours has them.
    let lines = ["\"\\\", \"x,y\"", "", " , ,\"7\" ,", "\"\", \"\u{e9}\""];
    let fields: Vec<_> = lines.iter().map(|line| ("if-match", *line)).collect();
    let when = when(&Method::PUT, &fields);
    for tag in ["\\", "x,y", "7"] {
        let tag = ETag::strong(tag).expect("a tag");
        assert_eq!(when.evaluate(tag), Verdict::Proceed);
    }
    assert_eq!(when.evaluate(ETag::version(8)), Verdict::Failed);
    let latin = HeaderValue::from_bytes(b"\"\xff\xfe\"").expect("a value");
    let headers = HeaderMap::from_iter([(IF_MATCH, latin)]);
    let when = Preconditions::parse(&Method::PUT, &headers).expect("well-formed");
    assert_eq!(when.evaluate(ETag::version(7)), Verdict::Failed);
}

#[test]
fn a_field_has_64_tags_and_8_kib_at_most() {
    let tags = |number: usize| vec!["\"7\""; number].join(",");
    assert!(parse(&Method::PUT, &[("if-match", &tags(64))]).is_ok());
    let problem = parse(&Method::PUT, &[("if-match", &tags(65))]).expect_err("65 tags");
    assert_refused(&problem, "If-Match", "more than 64");
    let lines = [("if-match", &*tags(40)), ("if-match", &*tags(25))];
    assert_refused(
        &parse(&Method::PUT, &lines).expect_err("65 tags"),
        "If-Match",
        "more than 64",
    );
    let long = format!("\"{}\"", "x".repeat(8190));
    let at_most = when(&Method::PUT, &[("if-match", &long)]);
    assert_eq!(at_most.evaluate(ETag::version(7)), Verdict::Failed);
    let lines = [("if-none-match", &*long), ("if-none-match", ",")];
    let problem = parse(&Method::PUT, &lines).expect_err("8 KiB and 1 byte");
    assert_refused(&problem, "If-None-Match", "longer than 8192");
}

#[test]
fn a_stale_state_is_412_with_the_current_validators() {
    let now = Validators::from(ETag::version(8)).last_modified(date());
    let table: [(Method, &str, &str, &str); 4] = [
        (Method::PATCH, "If-Match", "\"7\"", "another state"),
        (
            Method::DELETE,
            "If-Unmodified-Since",
            BEFORE,
            "changed after",
        ),
        (Method::PUT, "If-None-Match", "*", "there already"),
        (Method::PUT, "If-None-Match", "\"8\"", "there already"),
    ];
    for (method, name, value, says) in table {
        let field = name.to_ascii_lowercase();
        let problem = when(&method, &[(&field, value)]).check(now.clone());
        let problem = problem.expect_err(value);
        assert_eq!(problem.status(), StatusCode::PRECONDITION_FAILED);
        assert_eq!(problem.get_code(), Some("precondition_failed"));
        assert_eq!(problem.get_errors()[0].get_place(), name);
        assert!(
            problem.get_detail().is_some_and(|text| text.contains(says)),
            "{problem:?}"
        );
        let response = problem.into_response();
        assert_eq!(response.headers()["etag"], "\"8\"");
        assert_eq!(response.headers()["last-modified"], DATE);
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
    }
}

#[test]
fn nothing_matches_what_is_not_there() {
    for value in ["*", "\"7\""] {
        let when = when(&Method::PUT, &[("if-match", value)]);
        let problem = when
            .check(Validators::missing())
            .expect_err("there is none");
        assert_eq!(problem.status(), 412);
        assert!(problem.get_headers().is_empty());
        assert!(
            problem
                .get_detail()
                .is_some_and(|text| text.contains("no such resource"))
        );
    }
    let creates = when(&Method::PUT, &[("if-none-match", "*")]);
    assert!(creates.check(Validators::missing()).is_ok());
    let untagged = when(&Method::PUT, &[("if-match", "\"7\"")]).check(date());
    let detail = untagged.expect_err("no tag").to_string();
    assert!(detail.contains("no entity tag"), "{detail}");
}

#[test]
fn a_blind_change_is_428_where_a_precondition_is_required() {
    let blind: [&[(&str, &str)]; 4] = [
        &[],
        &[("if-unmodified-since", "yesterday")],
        &[("if-modified-since", DATE)],
        &[("if-none-match", "\"7\"")],
    ];
    for fields in blind {
        let problem = when(&Method::PATCH, fields).require().expect_err("blind");
        assert_eq!(problem.status(), StatusCode::PRECONDITION_REQUIRED);
        assert_eq!(problem.get_code(), Some("precondition_required"));
        assert!(
            problem
                .get_detail()
                .is_some_and(|text| text.contains("If-Match"))
        );
    }
    let guarded: [&[(&str, &str)]; 3] = [
        &[("if-match", "\"7\"")],
        &[("if-match", "*")],
        &[("if-unmodified-since", DATE)],
    ];
    let now = Validators::from(ETag::version(7)).last_modified(date());
    for fields in guarded {
        let when = when(&Method::PATCH, fields).require().expect("guarded");
        assert!(when.check(now.clone()).is_ok(), "{fields:?}");
    }
    let creates = when(&Method::PUT, &[("if-none-match", "*")]).require();
    assert!(
        creates
            .expect("guarded")
            .check(Validators::missing())
            .is_ok()
    );
}

/// RFC 9110 §13.1.4 ignores the date where the resource has none: it guards nothing then.
#[test]
fn a_date_that_nothing_can_be_compared_with_is_no_precondition() {
    let fields = [("if-unmodified-since", DATE)];
    let asked = when(&Method::PATCH, &fields).require().expect("so far");
    let problem = asked.check(ETag::version(7)).expect_err("no date");
    assert_eq!(problem.status(), 428);
    assert_eq!(asked.missed(ETag::version(7)).status(), 428);
    assert!(
        when(&Method::PATCH, &fields)
            .check(ETag::version(7))
            .is_ok()
    );
}

/// Without a precondition none can fail.
#[test]
fn a_blind_change_that_missed_is_409() {
    for fields in [
        &[][..],
        &[("if-modified-since", "Sat, 29 Oct 1994 19:43:31 GMT")],
    ] {
        let problem = when(&Method::PATCH, fields).missed(ETag::version(7));
        assert_eq!(problem.status(), 409, "{fields:?}");
        assert_eq!(problem.get_code(), Some("changed_meanwhile"));
    }
}

#[test]
fn a_change_that_missed_is_412_whatever_is_there_by_now() {
    let stale = when(&Method::PATCH, &[("if-match", "\"7\"")]);
    for now in [ETag::version(8), ETag::version(7)] {
        let problem = stale.missed(now.clone());
        assert_eq!(problem.status(), 412);
        assert_eq!(problem.get_headers()["etag"], now.to_string());
    }
    let exists = when(&Method::DELETE, &[("if-none-match", "*")]).missed(ETag::version(7));
    assert_eq!(exists.get_errors()[0].get_place(), "If-None-Match");
}

#[test]
fn a_read_that_is_checked_by_hand_is_refused_too() {
    let seen = when(&Method::GET, &[("if-none-match", "\"7\"")]).check(ETag::version(7));
    assert_eq!(seen.expect_err("seen").status(), 412);
    let seen = when(&Method::GET, &[("if-modified-since", DATE)]).check(date());
    let problem = seen.expect_err("seen");
    assert_eq!(problem.get_errors()[0].get_place(), "If-Modified-Since");
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\"7\"", "W/\"7\"", "W/", "*", ",", " ", "\t", "\"", "\\", "7", "-gzip", "é",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Any bytes are tags or a refusal; and both fields are read alike.
    #[test]
    fn any_bytes_are_tags_or_refused(lines in prop::collection::vec(bytes(), 1..4)) {
        let values = lines.iter().filter_map(|line| HeaderValue::from_bytes(line).ok());
        let values: Vec<_> = values.collect();
        let read = |name: HeaderName| {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(&name, value.clone());
            }
            Preconditions::parse(&Method::PUT, &headers)
        };
        match (read(IF_MATCH), read(IF_NONE_MATCH)) {
            (Ok(one), Ok(other)) => {
                let now = ETag::version(7);
                // What matches strongly matches weakly: no state fits neither field's refusal.
                let fits = !values.is_empty() && one.evaluate(now.clone()) == Verdict::Proceed;
                let seen = other.evaluate(now) == Verdict::Failed;
                prop_assert!(!fits || seen);
            }
            (Err(one), Err(other)) => {
                prop_assert_eq!(one.status(), 400);
                prop_assert_eq!(one.get_code(), other.get_code());
            }
            (one, other) => prop_assert!(false, "{:?} and {:?}", one, other),
        }
    }
}
