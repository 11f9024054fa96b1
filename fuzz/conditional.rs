//! The preconditions of a request: `If-Match`, `If-None-Match`, their dates, and `If-Range`.

use std::time::{Duration, SystemTime};

use api_patterns::conditional::{ETag, Preconditions, Validators, Verdict};
use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::check_refusal;

/// The first byte of a line says which header it is.
const NAMES: [HeaderName; 5] = [
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
    header::IF_RANGE,
];

const METHODS: [Method; 4] = [Method::GET, Method::HEAD, Method::PUT, Method::OPTIONS];

/// The bytes are lines of headers. They are preconditions or a refusal; a check refuses what the
/// verdict does not let through; a weak tag guards no change; and a tag that is added to a list
/// is found in it.
pub fn conditional(data: &[u8]) {
    if let Some(tag) = std::str::from_utf8(data)
        .ok()
        .and_then(|text| text.parse::<ETag>().ok())
    {
        assert_eq!(tag.to_string().as_bytes(), data, "another tag");
    }
    let headers = headers(data);
    for method in &METHODS {
        match Preconditions::parse(method, &headers) {
            Ok(when) => states().for_each(|now| check(&when, method, &headers, &now)),
            Err(problem) => check_refusal(&problem, &[400]),
        }
    }
    check_added(headers);
}

fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let Some((name, value)) = line.split_first() else {
            continue;
        };
        let name = &NAMES[usize::from(*name) % NAMES.len()];
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    headers
}

fn states() -> impl Iterator<Item = Validators> {
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let version = Validators::from(ETag::version(7));
    let own = ETag::weak("7").expect("a tag");
    [
        version.clone(),
        version.last_modified(date),
        Validators::from(ETag::version(7).weakened()),
        Validators::from(own),
        Validators::from(date),
        Validators::new(),
        Validators::missing(),
    ]
    .into_iter()
}

fn check(when: &Preconditions, method: &Method, headers: &HeaderMap, now: &Validators) {
    let verdict = when.evaluate(now.clone());
    let has = |name: &HeaderName| headers.contains_key(name);
    if *method == Method::OPTIONS || !NAMES.iter().any(has) {
        assert_eq!(verdict, Verdict::Proceed, "{method} {headers:?}");
    } else if has(&header::IF_MATCH) && !may_match(headers, now) {
        assert_eq!(verdict, Verdict::Failed, "{method} {headers:?} at {now:?}");
    }
    let lenient = when.clone().accept_weakened().evaluate(now.clone());
    assert!(
        verdict == Verdict::Failed || lenient == verdict,
        "{headers:?}"
    );
    match when.check(now.clone()) {
        Ok(()) => assert_eq!(verdict, Verdict::Proceed, "{headers:?}"),
        Err(problem) => {
            assert_ne!(verdict, Verdict::Proceed, "{headers:?}");
            check_refusal(&problem, &[412]);
        }
    }
    check_answer(when, method, now);
    let has_tag = now.get_etag().is_some_and(|tag| !tag.is_weak());
    let has_date = now.get_last_modified().is_some();
    let applies = !has(&header::IF_RANGE) || has_tag || has_date;
    assert!(
        applies || !when.applies_to_range(now.clone()),
        "{headers:?}"
    );
}

/// Whether `If-Match` has a chance: there is something, and `*` or a strong tag.
fn may_match(headers: &HeaderMap, now: &Validators) -> bool {
    let mut lines = headers.get_all(header::IF_MATCH).iter();
    let any = lines.any(|line| line.as_bytes().contains(&b'*'));
    now.exists() && (any || now.get_etag().is_some_and(|tag| !tag.is_weak()))
}

fn check_answer(when: &Preconditions, method: &Method, now: &Validators) {
    let response = when.respond(now.clone(), Json(7));
    let has_content = response.headers().contains_key(header::CONTENT_TYPE);
    let expected = match when.evaluate(now.clone()) {
        _ if !matches!(*method, Method::GET | Method::HEAD) => StatusCode::OK,
        Verdict::Proceed => StatusCode::OK,
        Verdict::NotModified => StatusCode::NOT_MODIFIED,
        Verdict::Failed => StatusCode::PRECONDITION_FAILED,
    };
    assert_eq!(response.status(), expected);
    assert_eq!(has_content, expected != StatusCode::NOT_MODIFIED);
    let tag = response.headers().get(header::ETAG);
    assert_eq!(tag.is_some(), now.exists() && now.get_etag().is_some());
}

fn check_added(mut headers: HeaderMap) {
    headers.append(header::IF_MATCH, HeaderValue::from_static("\"7\""));
    headers.append(header::IF_NONE_MATCH, HeaderValue::from_static("\"7\""));
    let kept = |name: HeaderName| {
        let mut kept = HeaderMap::new();
        for line in headers.get_all(&name) {
            kept.append(&name, line.clone());
        }
        kept
    };
    if let Ok(when) = Preconditions::parse(&Method::PUT, &kept(header::IF_MATCH)) {
        assert!(
            when.require()
                .is_ok_and(|when| when.check(ETag::version(7)).is_ok())
        );
    }
    if let Ok(when) = Preconditions::parse(&Method::GET, &kept(header::IF_NONE_MATCH)) {
        let weak = ETag::version(7).weakened();
        assert_eq!(when.evaluate(weak), Verdict::NotModified);
    }
}
