//! The order of RFC 9110 §13.2.2, for every combination of fields, methods and states.

use std::time::{Duration, SystemTime};

use api_patterns::conditional::{ETag, Validators, Verdict};
use http::Method;

use super::{AFTER, BEFORE, DATE, SECONDS, when};

/// A tag field, and whether the state that exists is named by it.
const TAGS: [(Option<&str>, bool); 5] = [
    (None, false),
    (Some("*"), true),
    (Some("\"other\", \"now\""), true),
    (Some("\"other\", W/\"another\""), false),
    (Some(""), false),
];

/// A date field, and whether the state of [`DATE`] is not newer; `None` where the field is ignored.
const DATES: [(Option<&str>, Option<bool>); 5] = [
    (None, None),
    (Some(BEFORE), Some(false)),
    (Some(DATE), Some(true)),
    (Some(AFTER), Some(true)),
    (Some("last Sunday"), None),
];

#[derive(Clone, Copy, Debug)]
struct State {
    exists: bool,
    tagged: bool,
    dated: bool,
}

impl State {
    fn validators(self) -> Validators {
        let mut now = match self.exists {
            true => Validators::new(),
            false => Validators::missing(),
        };
        if self.tagged {
            now = now.etag(ETag::strong("now").expect("a tag"));
        }
        if self.dated {
            let date = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS);
            now = now.last_modified(date + Duration::from_millis(999));
        }
        now
    }

    fn is_named(self, (field, named): (Option<&str>, bool)) -> Option<bool> {
        let any = field? == "*";
        Some(self.exists && (any || (named && self.tagged)))
    }

    fn is_since(self, (_, since): (Option<&str>, Option<bool>)) -> Option<bool> {
        since.filter(|_| self.dated)
    }
}

fn states() -> impl Iterator<Item = State> {
    let state = |exists, tagged, dated| State {
        exists,
        tagged,
        dated,
    };
    [
        state(true, true, true),
        state(true, true, false),
        state(true, false, true),
        state(true, false, false),
        state(false, false, false),
    ]
    .into_iter()
}

/// What the conditions are, where their fields count.
#[derive(Clone, Copy, Debug)]
struct Conditions {
    if_match: Option<bool>,
    not_changed_since: Option<bool>,
    if_none_match_names_it: Option<bool>,
    not_modified_since: Option<bool>,
}

/// The steps as the RFC lists them.
fn expected(method: &Method, given: Conditions) -> Verdict {
    let reads = [Method::GET, Method::HEAD].contains(method);
    if [Method::OPTIONS, Method::TRACE, Method::CONNECT].contains(method) {
        return Verdict::Proceed;
    }
    // 1., 2.
    let guard = given.if_match.or(given.not_changed_since);
    if guard == Some(false) {
        return Verdict::Failed;
    }
    // 3., 4.
    match (given.if_none_match_names_it, given.not_modified_since) {
        (Some(true), _) if reads => Verdict::NotModified,
        (Some(true), _) => Verdict::Failed,
        (None, Some(true)) if reads => Verdict::NotModified,
        _ => Verdict::Proceed,
    }
}

#[test]
fn every_combination_of_fields_is_decided_in_the_order_of_the_rfc() {
    let methods = [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::POST,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    let mut seen = [0; 3];
    for method in &methods {
        for if_match in TAGS {
            for if_none_match in TAGS {
                for unmodified in DATES {
                    for modified in DATES {
                        let fields = [
                            ("if-match", if_match.0),
                            ("if-none-match", if_none_match.0),
                            ("if-unmodified-since", unmodified.0),
                            ("if-modified-since", modified.0),
                        ];
                        let fields = fields.into_iter().filter_map(|(n, v)| Some((n, v?)));
                        let fields: Vec<_> = fields.collect();
                        let when = when(method, &fields);
                        for state in states() {
                            let given = Conditions {
                                if_match: state.is_named(if_match),
                                not_changed_since: state.is_since(unmodified),
                                if_none_match_names_it: state.is_named(if_none_match),
                                not_modified_since: state.is_since(modified),
                            };
                            let verdict = when.evaluate(state.validators());
                            let expected = expected(method, given);
                            assert_eq!(verdict, expected, "{method} {fields:?} at {state:?}");
                            seen[verdict as usize] += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(seen.iter().sum::<usize>(), 9 * 5 * 5 * 5 * 5 * 5);
    assert!(seen.iter().all(|times| *times > 500), "{seen:?}");
}

#[test]
fn a_field_that_is_not_there_is_not_asked() {
    for state in states() {
        for method in [Method::GET, Method::DELETE] {
            let verdict = when(&method, &[]).evaluate(state.validators());
            assert_eq!(verdict, Verdict::Proceed);
        }
    }
}

#[test]
fn a_request_knows_whether_it_is_conditional() {
    let table = [
        (&[][..], [false; 3]),
        (&[("if-match", "*")], [true, true, false]),
        (&[("if-none-match", "\"7\"")], [true, true, false]),
        (&[("if-unmodified-since", DATE)], [true, true, false]),
        (&[("if-unmodified-since", "never")], [false; 3]),
        (&[("if-modified-since", DATE)], [true, false, false]),
        (&[("if-range", "\"7\"")], [false; 3]),
    ];
    for (fields, expected) in table {
        let methods = [Method::GET, Method::DELETE, Method::OPTIONS];
        let found = methods.map(|method| when(&method, fields).is_conditional());
        assert_eq!(found, expected, "{fields:?}");
    }
}

#[test]
fn a_date_given_twice_or_in_a_list_is_ignored() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS);
    let twice = [
        ("if-unmodified-since", BEFORE),
        ("if-unmodified-since", BEFORE),
    ];
    assert_eq!(when(&Method::PUT, &twice).evaluate(now), Verdict::Proceed);
    let list = format!("{BEFORE}, {BEFORE}");
    let list = [("if-unmodified-since", &*list)];
    assert_eq!(when(&Method::PUT, &list).evaluate(now), Verdict::Proceed);
    let one = [("if-unmodified-since", BEFORE)];
    assert_eq!(when(&Method::PUT, &one).evaluate(now), Verdict::Failed);
}

/// RFC 9110 §5.6.7: recipients read all three.
#[test]
fn the_obsolete_forms_of_dates_are_read() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS);
    for date in [
        DATE,
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        let verdict = when(&Method::GET, &[("if-modified-since", date)]).evaluate(now);
        assert_eq!(verdict, Verdict::NotModified, "{date}");
    }
}

#[test]
fn a_range_needs_the_same_bytes() {
    let tag = |text: &str| ETag::strong(text).expect("a tag");
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS);
    let dated = |tag: ETag| Validators::from(tag).last_modified(date);
    let table = [
        ("\"7\"", Validators::from(tag("7")), true),
        (" \"7\" ", tag("7").into(), true),
        ("\"7\"", ETag::version(7).into(), true),
        ("\"7-gzip\"", ETag::version(7).into(), false),
        ("W/\"7\"", tag("7").into(), false),
        ("\"7\"", tag("7").weakened().into(), false),
        ("\"8\"", tag("7").into(), false),
        ("\"7\", \"8\"", tag("7").into(), false),
        ("*", tag("7").into(), false),
        ("7", tag("7").into(), false),
        ("\"7\"", date.into(), false),
        ("\"7\"", Validators::missing().etag(tag("7")), false),
        (DATE, date.into(), true),
        (BEFORE, date.into(), false),
        (AFTER, date.into(), false),
        (DATE, dated(tag("7")), false),
    ];
    for (field, now, applies) in table {
        let when = when(&Method::GET, &[("if-range", field)]);
        assert_eq!(
            when.applies_to_range(now.clone()),
            applies,
            "{field} at {now:?}"
        );
    }
    let twice = when(
        &Method::GET,
        &[("if-range", "\"7\""), ("if-range", "\"7\"")],
    );
    assert!(!twice.applies_to_range(tag("7")));
    assert!(when(&Method::GET, &[]).applies_to_range(tag("7")));
}
