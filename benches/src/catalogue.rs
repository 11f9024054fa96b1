//! Items with five links each: as the library links them, and as a team does it by hand.

use api_patterns::links::{Definition, Links, Values};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::microseconds::Microseconds;

/// A time of an item, by how it is written.
pub trait Time: Copy + Serialize + 'static {
    /// The time after so many microseconds since 1970.
    fn of(microseconds: i64) -> Self;
}

impl Time for DateTime<Utc> {
    fn of(microseconds: i64) -> Self {
        Self::from_timestamp_micros(microseconds).expect("a time of this century")
    }
}

impl Time for Microseconds {
    fn of(microseconds: i64) -> Self {
        Self::new(microseconds)
    }
}

/// What the benches ask of an item.
pub trait Item: Links<Context = ()> + Serialize + 'static {
    /// The same with its links among its fields, as a team declares it.
    type Body<'a, N: Name>: Serialize;

    /// The item with this number.
    fn nth(nth: usize) -> Self;
    /// Its own place.
    fn id(&self) -> i64;
    /// The place of its category.
    fn category_id(&self) -> i64;
    /// The item with links.
    fn body<N: Name>(&self, links: Vec<Link<N>>) -> Self::Body<'_, N>;
}

/// A short item.
#[derive(Debug, Links, Serialize)]
#[links(
    base = "/api/v1/products/{id}",
    link(rel = "update", method = "PATCH"),
    link(rel = "delete", method = "DELETE"),
    link(rel = "reviews", href = "{base}/reviews"),
    link(rel = "category", href = "/api/v1/categories/{category_id}"),
    any_rel
)]
pub struct Short<T> {
    id: i64,
    category_id: i64,
    name: String,
    price_cents: i64,
    created_at: T,
}

/// A [`Short`] by hand.
#[derive(Debug, Serialize)]
pub struct ShortBody<'a, T, N> {
    id: i64,
    category_id: i64,
    name: &'a str,
    price_cents: i64,
    created_at: T,
    links: Vec<Link<N>>,
}

/// A product of the shop.
#[derive(Debug, Links, Serialize)]
#[links(
    base = "/api/v1/products/{id}",
    link(rel = "update", method = "PATCH"),
    link(rel = "delete", method = "DELETE"),
    link(rel = "reviews", href = "{base}/reviews"),
    link(rel = "category", href = "/api/v1/categories/{category_id}"),
    any_rel
)]
pub struct Product<T> {
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
    created_at: T,
    updated_at: T,
}

/// A [`Product`] by hand.
#[derive(Debug, Serialize)]
pub struct ProductBody<'a, T, N> {
    id: i64,
    sku: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    price_cents: i64,
    category_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
    active: bool,
    created_at: T,
    updated_at: T,
    links: Vec<Link<N>>,
}

/// 2026-11-20T20:14:11.123457Z
const START: i64 = 1_795_205_651_123_457;
/// The last digit of the time stays as it is: some formats drop zeros at the end.
const STEP: i64 = 61_000_010;

impl<T: Time> Item for Short<T> {
    type Body<'a, N: Name> = ShortBody<'a, T, N>;

    fn nth(nth: usize) -> Self {
        let number = nth as i64;
        Self {
            id: 100_000 - number,
            category_id: 1 + number % 12,
            name: format!("Garden chair, model {nth}"),
            price_cents: 1_999 + 10 * number,
            created_at: T::of(START - number * STEP),
        }
    }

    fn id(&self) -> i64 {
        self.id
    }

    fn category_id(&self) -> i64 {
        self.category_id
    }

    fn body<N: Name>(&self, links: Vec<Link<N>>) -> Self::Body<'_, N> {
        ShortBody {
            id: self.id,
            category_id: self.category_id,
            name: &self.name,
            price_cents: self.price_cents,
            created_at: self.created_at,
            links,
        }
    }
}

impl<T: Time> Item for Product<T> {
    type Body<'a, N: Name> = ProductBody<'a, T, N>;

    fn nth(nth: usize) -> Self {
        let number = nth as i64;
        Self {
            id: 100_000 - number,
            sku: format!("SKU-{nth:06}"),
            name: format!("Garden chair, foldable, model {nth}"),
            description: (!nth.is_multiple_of(3))
                .then(|| "Oiled acacia wood, folds flat, \"one hand\".".to_owned()),
            price_cents: 1_999 + 10 * number,
            category_id: 1 + number % 12,
            rating: (!nth.is_multiple_of(4)).then_some(nth as f64 % 10.0 + 0.5),
            active: true,
            created_at: T::of(START - number * STEP),
            updated_at: T::of(START),
        }
    }

    fn id(&self) -> i64 {
        self.id
    }

    fn category_id(&self) -> i64 {
        self.category_id
    }

    fn body<N: Name>(&self, links: Vec<Link<N>>) -> Self::Body<'_, N> {
        ProductBody {
            id: self.id,
            sku: &self.sku,
            name: &self.name,
            description: self.description.as_deref(),
            price_cents: self.price_cents,
            category_id: self.category_id,
            rating: self.rating,
            active: self.active,
            created_at: self.created_at,
            updated_at: self.updated_at,
            links,
        }
    }
}

/// An item that many pages hold at once, so that a copy of a page does not copy its items.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Shared<'a, I>(pub &'a I);

// Derived, they would ask the same of the item.
impl<I> Clone for Shared<'_, I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I> Copy for Shared<'_, I> {}

impl<I: Links> Links for Shared<'_, I> {
    type Context = I::Context;
    const DEFINITION: &'static Definition = I::DEFINITION;

    fn values(&self, values: &mut Values) {
        self.0.values(values);
    }

    fn conditions(&self, context: &I::Context) -> u64 {
        self.0.conditions(context)
    }

    fn write_id(&self, out: &mut String) {
        self.0.write_id(out);
    }
}

/// The type of relations and methods of links by hand: `String`, where links are also read, or
/// `&'static str`.
pub trait Name: From<&'static str> + Serialize {}

impl<N: From<&'static str> + Serialize> Name for N {}

/// A link by hand.
#[derive(Debug, Serialize)]
pub struct Link<N> {
    href: String,
    rel: N,
    method: N,
}

impl<N: Name> Link<N> {
    /// A link that is followed with GET.
    pub fn get(rel: &'static str, href: String) -> Self {
        Self::new(rel, "GET", href)
    }

    fn new(rel: &'static str, method: &'static str, href: String) -> Self {
        Self {
            href,
            rel: rel.into(),
            method: method.into(),
        }
    }
}

/// The links of an item by hand, with what goes before every path.
pub fn links<N: Name>(base: &str, item: &impl Item) -> Vec<Link<N>> {
    let (id, category) = (item.id(), item.category_id());
    let own = || format!("{base}/api/v1/products/{id}");
    vec![
        Link::get("self", own()),
        Link::new("update", "PATCH", own()),
        Link::new("delete", "DELETE", own()),
        Link::get("reviews", format!("{base}/api/v1/products/{id}/reviews")),
        Link::get("category", format!("{base}/api/v1/categories/{category}")),
    ]
}

/// Appends an item through serde and its links as one text with gaps for the numbers.
pub fn write_with_fragment(item: &impl Item, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, item).expect("an item can be serialized");
    assert_eq!(out.pop(), Some(b'}'));
    let (mut id, mut category) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (id, category) = (id.format(item.id()), category.format(item.category_id()));
    let parts = [
        r#","links":[{"href":"/api/v1/products/"#,
        id,
        r#"","rel":"self","method":"GET"},{"href":"/api/v1/products/"#,
        id,
        r#"","rel":"update","method":"PATCH"},{"href":"/api/v1/products/"#,
        id,
        r#"","rel":"delete","method":"DELETE"},{"href":"/api/v1/products/"#,
        id,
        r#"/reviews","rel":"reviews","method":"GET"},{"href":"/api/v1/categories/"#,
        category,
        r#"","rel":"category","method":"GET"}]}"#,
    ];
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}
