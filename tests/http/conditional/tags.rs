//! Entity tags: what they are, how they are written, and which of them fit.

use api_patterns::conditional::{ETag, InvalidETag, Validators, Verdict};
use axum::response::IntoResponse as _;
use http::{Method, header};
use proptest::prelude::*;

use super::when;

/// The table of RFC 9110 §8.8.3.2.
#[test]
fn tags_compare_strongly_and_weakly_as_the_rfc_says() {
    let table = [
        ("W/\"1\"", "W/\"1\"", false, true),
        ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true),
        ("\"1\"", "\"1\"", true, true),
        ("\"1\"", "\"2\"", false, false),
        ("\"a\"", "\"A\"", false, false),
    ];
    for (one, other, strongly, weakly) in table {
        let tag = |text: &str| text.parse::<ETag>().expect("a tag");
        for (one, other) in [(tag(one), tag(other)), (tag(other), tag(one))] {
            assert_eq!(one.strong_eq(&other), strongly, "{one} and {other}");
            assert_eq!(one.weak_eq(&other), weakly, "{one} and {other}");
        }
    }
}

#[test]
fn what_is_not_a_tag_is_refused() {
    use InvalidETag::{Character, Empty, Long, Quotes};
    let long = format!("\"{}\"", "x".repeat(257));
    let table = [
        ("\"\"", Empty),
        ("W/\"\"", Empty),
        (&long, Long),
        ("\"a b\"", Character),
        ("\"a\"b\"", Character),
        ("\"ä\"", Character),
        ("\"a\tb\"", Character),
        ("\"\x7f\"", Character),
        ("", Quotes),
        ("\"", Quotes),
        ("7", Quotes),
        ("\"7", Quotes),
        ("7\"", Quotes),
        ("w/\"7\"", Quotes),
        ("W/7", Quotes),
        ("*", Quotes),
        (" \"7\"", Quotes),
    ];
    for (text, mistake) in table {
        assert_eq!(text.parse::<ETag>(), Err(mistake), "{text}");
        assert!(!mistake.to_string().is_empty());
    }
    assert_eq!(ETag::strong(""), Err(Empty));
    assert_eq!(ETag::weak("a\"b"), Err(Character));
    assert_eq!(ETag::strong("x\r\ny"), Err(Character));
    assert!(ETag::strong("x".repeat(256)).is_ok());
}

#[test]
fn versions_and_contents_have_tags() {
    assert_eq!(ETag::version(7_i32).to_string(), "\"7\"");
    assert_eq!(ETag::version(u64::MAX).as_str(), "18446744073709551615");
    assert_eq!(ETag::version(i64::MIN).as_str(), "-9223372036854775808");
    assert_eq!(ETag::of("a"), ETag::of(b"a"));
    assert_ne!(ETag::of("a"), ETag::of("b"));
    assert_eq!(ETag::of("").as_str(), "47DEQpj8HBSa-_TImW-5JA");
    assert!(!ETag::version(7).is_weak() && ETag::version(7).weakened().is_weak());
}

/// The columns: what a client sends; whether it fits `If-Match` at version 7, and with weakened
/// ones accepted; whether it fits `If-None-Match` on a `GET` as JSON, and as HAL.
const SENT: [(&str, [bool; 4]); 21] = [
    ("\"7\"", [true, true, true, false]),
    ("\"7-hal+json\"", [true, true, false, true]),
    ("\"7-gzip\"", [true, true, true, false]),
    ("\"7--gzip\"", [true, true, true, false]),
    ("\"7;gzip\"", [true, true, true, false]),
    ("\"7-br\"", [true, true, true, false]),
    ("\"7-zstd\"", [true, true, true, false]),
    ("\"7-hal+json-gzip\"", [true, true, false, true]),
    ("\"7-hal+json;br\"", [true, true, false, true]),
    ("\"7-gzip-br\"", [true, true, false, false]),
    ("W/\"7\"", [false, true, true, false]),
    ("W/\"7-gzip\"", [false, true, true, false]),
    ("W/\"7-hal+json\"", [false, true, false, true]),
    ("\"8\"", [false; 4]),
    ("\"77\"", [false; 4]),
    ("\"-7\"", [false; 4]),
    ("\"07\"", [false; 4]),
    ("\"7.0\"", [false; 4]),
    ("\"7:gzip\"", [false; 4]),
    ("\"7;hal+json\"", [false; 4]),
    ("\"gzip\"", [false; 4]),
];

#[test]
fn what_others_append_to_the_tag_of_a_version_is_understood() {
    for (sent, fits) in SENT {
        let at = |method, field| when(&method, &[(field, sent)]);
        let strict = at(Method::PATCH, "if-match")
            .check(ETag::version(7))
            .is_ok();
        let lenient = at(Method::PATCH, "if-match").accept_weakened();
        let lenient = lenient.check(ETag::version(7)).is_ok();
        let is_seen = |media_type: &'static str| {
            let body = ([(header::CONTENT_TYPE, media_type)], "{}");
            let response = at(Method::GET, "if-none-match").respond(ETag::version(7), body);
            response.status() == 304
        };
        let found = [
            strict,
            lenient,
            is_seen("application/json"),
            is_seen("application/hal+json"),
        ];
        assert_eq!(found, fits, "{sent}");
        // Whatever the rendering was: it would be overwritten.
        let creates = at(Method::PUT, "if-none-match").check(ETag::version(7));
        assert_eq!(creates.is_err(), fits[1], "If-None-Match: {sent}");
    }
}

#[test]
fn a_tag_of_the_application_is_compared_character_by_character() {
    let own = || ETag::strong("7").expect("a tag");
    for (sent, fits) in SENT {
        let exact = sent == "\"7\"";
        let changed = when(&Method::PUT, &[("if-match", sent)]).check(own());
        assert_eq!(changed.is_ok(), exact, "{sent}");
        let read = when(&Method::GET, &[("if-none-match", sent)]).evaluate(own());
        let weakly = exact || (fits[2] && sent == "W/\"7\"");
        assert_eq!(read == Verdict::NotModified, weakly, "{sent}");
    }
    let rendered = Validators::from(own()).describe(axum::response::Html(""));
    assert_eq!(rendered.headers()["etag"], "\"7\"");
}

#[test]
fn each_rendering_of_a_version_has_a_tag_of_its_own() {
    let table = [
        (Some("application/json"), "\"7\""),
        (Some("application/json; charset=utf-8"), "\"7\""),
        (None, "\"7\""),
        (Some("application/hal+json"), "\"7-hal+json\""),
        (Some("application/vnd.api+json"), "\"7-vnd.api+json\""),
        (Some("text/csv; header=present"), "\"7-csv\""),
        (Some("Text/HTML"), "\"7-html\""),
        (Some("application/gzip"), "\"7-gzip.\""),
        (Some("not a media type"), "W/\"7\""),
    ];
    for (media_type, tag) in table {
        let mut response = http::StatusCode::OK.into_response();
        if let Some(media_type) = media_type {
            let value = media_type.parse().expect("a value");
            response.headers_mut().insert(header::CONTENT_TYPE, value);
        }
        let response = Validators::from(ETag::version(7)).describe(response);
        assert_eq!(response.headers()["etag"], tag, "{media_type:?}");
    }
}

fn text() -> impl Strategy<Value = String> {
    "[!#-~]{1,256}"
}

fn tag() -> impl Strategy<Value = ETag> {
    let own = (text(), any::<bool>()).prop_map(|(text, weak)| match weak {
        true => ETag::weak(text).expect("a tag"),
        false => ETag::strong(text).expect("a tag"),
    });
    let made = prop_oneof![
        any::<i64>().prop_map(ETag::version),
        any::<Vec<u8>>().prop_map(ETag::of),
    ];
    prop_oneof![own, made.clone(), made.prop_map(ETag::weakened)]
}

/// A list of tags as clients write it: white space, empty elements, several lines.
fn lines(tags: &[ETag], noise: &[&str]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (nth, tag) in tags.iter().enumerate() {
        let noise = noise[nth % noise.len()];
        match noise {
            "line" => lines.push(tag.to_string()),
            _ => {
                let line = lines.last_mut().expect("a line");
                *line = format!("{line}{noise}{tag}");
            }
        }
    }
    lines
}

proptest! {
    #[test]
    fn a_tag_is_read_as_it_is_written(tag in tag()) {
        let written = tag.to_string();
        let read: ETag = written.parse().expect("a tag");
        prop_assert_eq!(&read, &tag);
        let value = tag.to_header_value();
        prop_assert_eq!(value.to_str().ok(), Some(&*written));
        let weak = tag.clone().weakened();
        prop_assert!(weak.weak_eq(&tag) && !weak.strong_eq(&tag));
        prop_assert_eq!(tag.strong_eq(&tag), !tag.is_weak());
    }

    #[test]
    fn what_is_read_as_a_tag_is_written_the_same(text in "(W/)?\"?[ -~]{0,8}\"?") {
        if let Ok(tag) = text.parse::<ETag>() {
            prop_assert_eq!(tag.to_string(), text);
        }
    }

    #[test]
    fn a_list_names_what_is_in_it_however_it_is_written(
        tags in prop::collection::vec(tag(), 1..12),
        at in any::<prop::sample::Index>(),
        other in tag(),
        noise in prop::collection::vec(prop::sample::select(vec![",", ", ", " ,\t,, ", "line"]), 1..4),
    ) {
        let lines = lines(&tags, &noise);
        let named = at.get(&tags);
        for (field, method) in [("if-match", Method::PUT), ("if-none-match", Method::GET)] {
            let fields: Vec<_> = lines.iter().map(|line| (field, &**line)).collect();
            let when = when(&method, &fields);
            let fits = |tag: &ETag| when.evaluate(tag.clone()) != Verdict::Proceed;
            match field {
                "if-match" => {
                    prop_assert_eq!(!fits(named), !named.is_weak(), "{:?}", &lines);
                    let named = tags.iter().any(|tag| tag.strong_eq(&other));
                    prop_assert!(!named || !fits(&other));
                }
                _ => prop_assert!(fits(named), "{:?}", &lines),
            }
        }
    }

    /// No suffix makes one version out of another.
    #[test]
    fn a_tag_names_one_version_only(
        one in -3_i64..2000,
        other in -3_i64..2000,
        suffix in prop::sample::select(vec!["", "-gzip", ";br", "-hal+json", "-vnd.api+json--gzip", "-7"]),
    ) {
        let sent = format!("\"{one}{suffix}\"");
        let changes = when(&Method::PUT, &[("if-match", &sent)]).check(ETag::version(other));
        prop_assert_eq!(changes.is_ok(), one == other);
        let reads = when(&Method::GET, &[("if-none-match", &sent)]).evaluate(ETag::version(other));
        prop_assert!(one == other || reads == Verdict::Proceed);
    }
}
