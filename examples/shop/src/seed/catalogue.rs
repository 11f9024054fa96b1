//! Categories, products and their reviews.

use super::rng::Rng;
use super::words::{ADJECTIVES, AUTHORS, MATERIALS, OPINIONS, SENTENCES, SHELVES, Shelf};
use crate::timestamp::Timestamp;

/// 2024-01-01T00:00:00Z, when the first product came in.
const OPENING: i64 = 1_704_067_200_000_000;
const MINUTE: i64 = 60_000_000;

/// The category 1 comes with the schema.
const FIRST_CATEGORY: i64 = 2;

pub(super) struct Category {
    pub(super) id: i64,
    pub(super) shelf: &'static Shelf,
}

pub(super) struct Product {
    pub(super) id: i64,
    pub(super) sku: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) price_cents: i64,
    pub(super) category_id: i64,
    pub(super) rating: Option<f64>,
    pub(super) active: bool,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

pub(super) struct Review {
    pub(super) id: i64,
    pub(super) product_id: i64,
    pub(super) author: Option<&'static str>,
    pub(super) rating: f64,
    pub(super) text: Option<&'static str>,
    pub(super) created_at: Timestamp,
}

pub(super) fn categories() -> Vec<Category> {
    (FIRST_CATEGORY..)
        .zip(SHELVES)
        .map(|(id, shelf)| Category { id, shelf })
        .collect()
}

pub(super) fn products(count: i64) -> Vec<Product> {
    let mut rng = Rng::new(0x5109);
    let categories = categories();
    let mut created_at = OPENING;
    let mut product = |id| {
        // Deliveries come in crates: every product of one crate has the same time.
        if rng.chance(30) {
            created_at += 1 + rng.below(500 * MINUTE);
        }
        let category = &categories[rng.below(categories.len() as i64) as usize];
        product(&mut rng, id, category, created_at)
    };
    (1..=count).map(&mut product).collect()
}

fn product(rng: &mut Rng, id: i64, category: &Category, created_at: i64) -> Product {
    let shelf = category.shelf;
    let noun = rng.pick(shelf.nouns);
    Product {
        id,
        sku: format!("{}-{id:05}", shelf.prefix),
        name: format!("{} {} {noun}", rng.pick(ADJECTIVES), rng.pick(MATERIALS)),
        description: rng
            .chance(70)
            .then(|| format!("{} {}", rng.pick(SENTENCES), rng.pick(SENTENCES))),
        price_cents: price(rng, shelf),
        category_id: category.id,
        rating: rng.chance(80).then(|| rng.below(101) as f64 / 10.0),
        active: rng.chance(95),
        created_at: time(created_at),
        updated_at: time(
            created_at
                + if rng.chance(20) {
                    rng.below(90 * 24 * 60 * MINUTE)
                } else {
                    0
                },
        ),
    }
}

/// One of forty prices of the shelf, so that hundreds of products share each.
fn price(rng: &mut Rng, shelf: &Shelf) -> i64 {
    let (cheapest, dearest) = shelf.prices;
    let exact = cheapest + (dearest - cheapest) * rng.below(40) * rng.below(2) / 40;
    exact / 100 * 100 + 99
}

pub(super) fn reviews(products: &[Product]) -> Vec<Review> {
    let mut rng = Rng::new(0x4e71);
    let mut reviews = Vec::new();
    for product in products {
        // The first product has many, so that its reviews have pages to turn.
        let count = if product.id == 1 {
            120
        } else {
            (rng.below(12) - 7).max(0)
        };
        for _ in 0..count {
            reviews.push(Review {
                id: reviews.len() as i64 + 1,
                product_id: product.id,
                author: rng.chance(90).then(|| rng.pick(AUTHORS)),
                rating: rng.below(21) as f64 / 2.0,
                text: rng.chance(75).then(|| rng.pick(OPINIONS)),
                created_at: time(product.created_at.as_microseconds() + rng.below(40_000) * MINUTE),
            });
        }
    }
    reviews
}

pub(super) fn time(microseconds: i64) -> Timestamp {
    Timestamp::from_microseconds(microseconds).expect("made-up times lie within this century")
}
