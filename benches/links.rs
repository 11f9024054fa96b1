//! A page of items with five links each: ours beside links that a team formats itself, through
//! serde_json, sonic-rs and axum, and beside the same items without links.

use std::convert::Infallible;
use std::future::ready;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use api_patterns::links::{Linked, LinksLayer, Rendering};
use api_patterns::pagination::{CursorPage, Keyset, PageRequest};
use api_patterns::proxy::BaseUrl;
use axum::Json;
use axum::extract::FromRequestParts as _;
use axum::response::{IntoResponse as _, Response};
use benches::catalogue::{self, Item, Link, Name, Product, Shared, Short};
use benches::microseconds::Microseconds;
use benches::{Bench, Case, Goal};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Request};
use serde::Serialize;
use serde_json::Value;
use tower::{Layer as _, Service as _};

const PATH: &str = "/api/v1/products";
const FIXED: &str = "https://shop.example";

const BY_HAND: &str = "by hand, serde_json";
const BY_HAND_CHRONO: &str = "by hand, serde_json, chrono";
const BY_HAND_STATIC: &str = "by hand with static names, serde_json";
const WITHOUT: &str = "without links, serde_json";
const WITHOUT_RESPONSE: &str = "without links, response";
const FLOOR: &str = "floor: serde_json and one fragment an item";

type Page<'a, I> = CursorPage<Shared<'a, I>>;

/// A page as teams declare it.
#[derive(Serialize)]
struct ByHand<'a, B, N> {
    items: Vec<B>,
    next_cursor: Option<&'a str>,
    previous_cursor: Option<&'a str>,
    has_more: bool,
    links: Vec<Link<N>>,
}

fn main() {
    let mut bench = Bench::from_args();
    for size in [20, 100] {
        kind::<Short<DateTime<Utc>>, Short<Microseconds>>(&mut bench, "short", size);
        kind::<Product<DateTime<Utc>>, Product<Microseconds>>(&mut bench, "shop", size);
    }
    bench.finish();
}

/// The same items with times as `chrono` writes them, and with times that are written quickly.
fn kind<Slow: Item, Fast: Item>(bench: &mut Bench, kind: &str, size: usize) {
    let slow: Vec<Slow> = (0..size).map(Slow::nth).collect();
    let fast: Vec<Fast> = (0..size).map(Fast::nth).collect();
    let (slow, fast) = (&page(&slow), &page(&fast));

    let mut case = Case::new(format!("links/{kind}_chrono/{size}_items"));
    documents(&mut case, slow, &[Goal::Faster(3.5, BY_HAND)]);
    bench.run(case);

    let mut case = Case::new(format!("links/{kind}_fast_time/{size}_items"));
    let goals = [
        Goal::Faster(6.0, BY_HAND_CHRONO),
        Goal::Faster(3.5, BY_HAND),
    ];
    documents(&mut case, fast, &goals);
    case.add(
        BY_HAND_CHRONO,
        move || to_vec(&by_hand::<String, _>("", black_box(slow))),
        |_| {},
    );
    bench.run(case);

    if kind == "short" {
        bench.run(renderings(size, fast));
    }
}

/// The first page of more items than `items`.
fn page<I: Item>(items: &[I]) -> Page<'_, I> {
    #[derive(Keyset)]
    #[keyset(unique = id, default = "-id")]
    struct Place {
        id: i64,
    }

    let request = request(&format!("{PATH}?limit={}", items.len()), None);
    let mut parts = request.into_parts().0;
    let request = now(PageRequest::<Place>::from_request_parts(&mut parts, &()));
    let places = items.iter().map(|item| Place { id: item.id() });
    let further = Place { id: 0 };
    let page = request
        .expect("the limit is allowed")
        .select(places.chain([further]))
        .expect("the keys fit a cursor");
    let mut items = items.iter();
    page.map(|_| Shared(items.next().expect("a place for each item")))
}

fn by_hand<'a, N: Name, I: Item>(
    base: &str,
    page: &'a Page<'_, I>,
) -> ByHand<'a, I::Body<'a, N>, N> {
    let limit = page.items.len();
    let first = format!("{base}{PATH}?limit={limit}");
    let next = page.next_cursor.as_deref().unwrap_or_default();
    let next = format!("{base}{PATH}?limit={limit}&cursor={next}");
    let body = |item: &Shared<'a, I>| item.0.body(catalogue::links(base, item.0));
    ByHand {
        items: page.items.iter().map(body).collect(),
        next_cursor: page.next_cursor.as_deref(),
        previous_cursor: page.previous_cursor.as_deref(),
        has_more: page.has_more,
        links: vec![
            Link::get("self", first.clone()),
            Link::get("first", first),
            Link::get("next", next),
        ],
    }
}

/// Everyone's document with plain and relative links.
fn documents<'a, I: Item>(case: &mut Case<'a>, page: &'a Page<'_, I>, goals: &[Goal]) {
    let expected: Bytes = to_vec(&by_hand::<String, _>("", page)).into();
    let size = expected.len();
    let check = |bytes: Vec<u8>| assert_eq!(bytes, expected);
    responses(case, page, &expected, goals);
    case.add(
        BY_HAND,
        move || to_vec(&by_hand::<String, _>("", black_box(page))),
        check,
    )
    .characters(size);
    case.add(
        "by hand, sonic_rs",
        move || {
            sonic_rs::to_vec(&by_hand::<String, _>("", black_box(page)))
                .expect("a page can be serialized")
        },
        check,
    )
    .characters(size);
    case.add(
        BY_HAND_STATIC,
        move || to_vec(&by_hand::<&str, _>("", black_box(page))),
        check,
    )
    .characters(size);
    let without = to_vec(page);
    case.add(WITHOUT, move || to_vec(black_box(page)), |_| {})
        .characters(without.len());
    floors(case, page, &expected);
}

fn responses<'a, I: Item>(
    case: &mut Case<'a>,
    page: &'a Page<'_, I>,
    expected: &Bytes,
    goals: &[Goal],
) {
    // A response takes its page along, so it is charged with a copy of the page's own parts.
    case.add(
        "api-patterns, response",
        move || Linked(black_box(page).clone()).into_response(),
        |response| same_document(response, expected),
    )
    .characters(expected.len())
    .goals([
        Goal::Within(1.3, WITHOUT_RESPONSE),
        Goal::Within(1.3, WITHOUT),
        Goal::Allocations(64),
    ])
    .goals(goals.iter().cloned());
    case.add(
        WITHOUT_RESPONSE,
        move || black_box(page).clone().into_response(),
        |response| assert_eq!(body(response), to_vec(page)),
    )
    .characters(to_vec(page).len());
    case.add(
        "by hand, axum::Json, response",
        move || Json(by_hand::<String, _>("", black_box(page))).into_response(),
        |response| assert_eq!(body(response), expected),
    )
    .characters(expected.len());
}

fn floors<'a, I: Item>(case: &mut Case<'a>, page: &'a Page<'_, I>, expected: &Bytes) {
    let end = br#"],"next_cursor""#;
    let end = expected.windows(end.len()).position(|found| found == end);
    let (tail, expected) = (expected.slice(end.expect("a cursor")..), expected.clone());
    let body = expected.clone();
    case.add(
        FLOOR,
        move || {
            let mut out = Vec::with_capacity(body.len());
            out.extend_from_slice(br#"{"items":["#);
            for (nth, item) in black_box(page).items.iter().enumerate() {
                if nth > 0 {
                    out.push(b',');
                }
                catalogue::write_with_fragment(item.0, &mut out);
            }
            out.extend_from_slice(&tail);
            out
        },
        |bytes| assert_eq!(bytes, expected),
    )
    .characters(expected.len());
    let body = expected.clone();
    case.add(
        "floor: memcpy of the document",
        move || Bytes::copy_from_slice(black_box(&body)),
        |copy| assert_eq!(copy, expected),
    )
    .characters(expected.len());
}

/// Each rendering as a request chooses it, with addresses below the host and with whole ones.
fn renderings<'a, I: Item>(size: usize, page: &'a Page<'_, I>) -> Case<'a> {
    let mut case = Case::new(format!("links/renderings/{size}_items"));
    let fixed = BaseUrl::fixed(FIXED).expect("a URL");
    for (name, base, url) in [
        ("relative", "", BaseUrl::relative()),
        ("absolute", FIXED, fixed),
    ] {
        for form in [
            Rendering::Plain,
            Rendering::Hal,
            Rendering::HalForms,
            Rendering::JsonApi,
        ] {
            rendering(&mut case, page, form, (name, base, url.clone()));
        }
        let expected = to_vec(&by_hand::<String, _>(base, page));
        case.add(
            format!("{BY_HAND}, {name}"),
            move || to_vec(&by_hand::<String, _>(black_box(base), black_box(page))),
            |_| {},
        )
        .characters(expected.len());
    }
    case
}

fn rendering<'a, I: Item>(
    case: &mut Case<'a>,
    page: &'a Page<'_, I>,
    form: Rendering,
    (name, base, url): (&str, &'static str, BaseUrl),
) {
    let handler = tower::service_fn(move |_: Request<()>| {
        ready(Ok::<_, Infallible>(
            Linked(black_box(page).clone()).into_response(),
        ))
    });
    let mut service = LinksLayer::new().base(url).layer(handler);
    let mut answer = move || {
        let request = request(PATH, Some(form.media_type()));
        now(service.call(request)).expect("infallible")
    };
    let document = body(answer());
    case.add(
        format!("api-patterns, {form:?}, {name}"),
        answer,
        |response| has_links(response, form, base, page),
    )
    .characters(document.len())
    .goals([Goal::Allocations(64)]);
}

/// Asserts that a document differs from ours at most in the order of its members.
fn same_document(response: Response, expected: &[u8]) {
    let document = body(response);
    assert_eq!(document.len(), expected.len());
    let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("JSON");
    assert_eq!(parse(&document), parse(expected));
}

/// Asserts the media type, and of each item what it says of itself and where it leads.
fn has_links<I: Item>(response: Response, form: Rendering, base: &str, page: &Page<'_, I>) {
    assert_eq!(response.headers()[CONTENT_TYPE], form.media_type());
    let document: Value = serde_json::from_slice(&body(response)).expect("JSON");
    let items = match form {
        Rendering::Hal | Rendering::HalForms => &document["_embedded"]["products"],
        Rendering::JsonApi => &document["data"],
        _ => &document["items"],
    };
    let items = items.as_array().expect("an array");
    assert_eq!(items.len(), page.items.len());
    for (found, Shared(item)) in items.iter().zip(&page.items) {
        has_members(found, form, *item);
        let own = format!("{base}{PATH}/{}", item.id());
        let category = format!("{base}/api/v1/categories/{}", item.category_id());
        assert_eq!(address(found, form, "self"), own);
        assert_eq!(address(found, form, "reviews"), format!("{own}/reviews"));
        assert_eq!(address(found, form, "category"), category);
        if form == Rendering::HalForms {
            let template = &found["_templates"]["delete"];
            assert_eq!(template["method"], "DELETE");
            assert_eq!(template["target"], own);
        }
    }
}

/// Asserts that an item in a document says what it says without links.
fn has_members(found: &Value, form: Rendering, item: &impl Item) {
    let (found, id) = match form {
        Rendering::JsonApi => (&found["attributes"], found["id"].clone()),
        _ => (found, found["id"].to_string().into()),
    };
    assert_eq!(id, item.id().to_string());
    let expected = serde_json::to_value(item).expect("an item can be serialized");
    let members = expected.as_object().expect("an object");
    for (name, value) in members.iter().filter(|(name, _)| *name != "id") {
        assert_eq!(found[name], *value);
    }
}

/// Where the link of an item with this relation leads.
fn address<'a>(item: &'a Value, form: Rendering, rel: &str) -> &'a str {
    let href = match form {
        Rendering::Hal | Rendering::HalForms => &item["_links"][rel]["href"],
        Rendering::JsonApi => &item["links"][rel],
        _ => {
            let links = item["links"].as_array().expect("an array");
            let found = links.iter().find(|link| link["rel"] == rel);
            &found.expect("the link")["href"]
        }
    };
    href.as_str().expect("an address")
}

fn to_vec(page: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(page).expect("a page can be serialized")
}

fn request(uri: &str, accept: Option<&'static str>) -> Request<()> {
    let mut request = Request::get(uri);
    if let Some(accept) = accept {
        request = request.header(ACCEPT, HeaderValue::from_static(accept));
    }
    request.body(()).expect("a request")
}

/// The result of a future that waits for nothing.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

fn body(response: Response) -> Bytes {
    now(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("the body is in memory")
}
