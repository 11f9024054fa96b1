//! The body of a page of products: ours beside a page that a team declares itself, through axum,
//! serde_json and sonic-rs.

use std::hint::black_box;

use api_patterns::pagination::{CursorPage, Keyset, PageRequest, Pagination};
use axum::Json;
use axum::response::{IntoResponse as _, Response};
use benches::{Bench, Case, Goal};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// A product of the shop, with times as RFC 3339.
#[derive(Clone, Debug, Keyset, Serialize)]
#[keyset(unique = id, default = "-created_at")]
struct Product {
    id: i64,
    sku: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    price_cents: i64,
    category_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A page as teams declare it.
#[derive(Clone, Serialize)]
struct HandMade<'a> {
    items: Vec<&'a Product>,
    next_cursor: Option<String>,
    previous_cursor: Option<String>,
    has_more: bool,
}

fn products(number: usize) -> Vec<Product> {
    let start: Timestamp = "2026-11-20T20:14:11.123457Z".parse().expect("a timestamp");
    let product = |nth: usize| Product {
        id: 100_000 - nth as i64,
        sku: format!("SKU-{nth:06}"),
        name: format!("Garden chair, foldable, model {nth}"),
        description: (!nth.is_multiple_of(3))
            .then(|| "Oiled acacia wood, folds flat, \"one hand\".".to_owned()),
        price_cents: 1_999 + 10 * nth as i64,
        category_id: 1 + nth as i64 % 12,
        rating: (!nth.is_multiple_of(4)).then_some(nth as f64 % 10.0 + 0.5),
        active: true,
        created_at: start - SignedDuration::from_micros(nth as i64 * 61_000_003),
        updated_at: start,
    };
    (0..number).map(product).collect()
}

fn main() {
    let mut bench = Bench::from_args();
    for size in [20, 100] {
        // One more than the page holds, so that there is a next cursor.
        let products = products(size + 1);
        bench.run(page(size, &products));
    }
    bench.finish();
}

fn page(size: usize, products: &[Product]) -> Case<'_> {
    let ours = first_page(size, products).map(|product| &products[index(products, product.id)]);
    let hand_made = HandMade {
        items: products[..size].iter().collect(),
        next_cursor: ours.next_cursor.clone(),
        previous_cursor: None,
        has_more: true,
    };
    let expected: Bytes = serde_json::to_vec(&hand_made)
        .expect("a page can be serialized")
        .into();
    let mut case = Case::new(format!("pagination/body/{size}_items"));
    responses(&mut case, &ours, &hand_made, &expected);
    serializers(&mut case, ours, hand_made, &expected);
    case.add(
        "floor: memcpy of the body",
        {
            let body = expected.clone();
            move || Bytes::copy_from_slice(black_box(&body))
        },
        |copy| assert_eq!(copy, expected),
    )
    .characters(expected.len());
    case
}

fn first_page(size: usize, products: &[Product]) -> CursorPage<Product> {
    let request = PageRequest::start(&Pagination::plain(), None, size).expect("the default order");
    request
        .select(products.iter().cloned())
        .expect("the keys fit a cursor")
}

fn index(products: &[Product], id: i64) -> usize {
    products
        .iter()
        .position(|product| product.id == id)
        .expect("the page holds the products")
}

/// A response takes its page along, so both are charged with a copy of the page's own parts.
fn responses<'a>(
    case: &mut Case<'a>,
    ours: &CursorPage<&'a Product>,
    hand_made: &HandMade<'a>,
    expected: &Bytes,
) {
    let (ours, hand_made) = (ours.clone(), hand_made.clone());
    case.add(
        "api-patterns, response",
        move || black_box(&ours).clone().into_response(),
        |response| {
            assert!(response.headers().contains_key(http::header::LINK));
            assert_eq!(body(response), expected);
        },
    )
    .characters(expected.len())
    .goals([Goal::Allocations(16)]);
    case.add(
        "axum::Json of a hand-made page",
        move || Json(black_box(&hand_made).clone()).into_response(),
        |response| assert_eq!(body(response), expected),
    )
    .characters(expected.len());
}

fn serializers<'a>(
    case: &mut Case<'a>,
    ours: CursorPage<&'a Product>,
    hand_made: HandMade<'a>,
    expected: &Bytes,
) {
    let sonic = hand_made.clone();
    let check = |bytes: Vec<u8>| assert_eq!(bytes, expected[..]);
    case.add(
        "api-patterns, serde_json::to_vec",
        move || to_vec(black_box(&ours)),
        check,
    )
    .characters(expected.len());
    case.add(
        "hand-made page, serde_json::to_vec",
        move || to_vec(black_box(&hand_made)),
        check,
    )
    .characters(expected.len());
    case.add(
        "hand-made page, sonic_rs::to_vec",
        move || sonic_to_vec(black_box(&sonic)),
        check,
    )
    .characters(expected.len());
}

fn to_vec(page: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(page).expect("a page can be serialized")
}

fn sonic_to_vec(page: &impl Serialize) -> Vec<u8> {
    sonic_rs::to_vec(page).expect("a page can be serialized")
}

fn body(response: Response) -> Bytes {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let body = axum::body::to_bytes(response.into_body(), usize::MAX);
    runtime.block_on(body).expect("the body is in memory")
}
