//! A few pictures: initials on a coloured ground, drawn as SVG.

use super::catalogue::{Product, time};
use super::rng::Rng;
use crate::timestamp::Timestamp;

/// So many of the first products have pictures, and so many of the last, which lists show first.
const PICTURED: usize = 200;

/// Width and height in pixels.
pub(super) const SIDE: i64 = 320;
pub(super) const MEDIA_TYPE: &str = "image/svg+xml";

const VIEWS: [&str; 3] = ["front", "side", "detail"];
const MINUTE: i64 = 60_000_000;

pub(super) struct Image {
    pub(super) id: i64,
    pub(super) product_id: i64,
    pub(super) alt: String,
    pub(super) content: Vec<u8>,
    pub(super) created_at: Timestamp,
}

/// One to three images of each product at either end of the catalogue.
pub(super) fn images(products: &[Product]) -> Vec<Image> {
    let mut rng = Rng::new(0x1a6e);
    let last = products.len().saturating_sub(PICTURED);
    let mut images = Vec::new();
    for (nth, product) in products.iter().enumerate() {
        if (PICTURED..last).contains(&nth) {
            continue;
        }
        let (hue, count) = (rng.below(360), 1 + rng.below(3));
        for (nth, view) in (0..count).zip(VIEWS) {
            images.push(Image {
                id: images.len() as i64 + 1,
                product_id: product.id,
                alt: format!("{}, {view}", product.name),
                content: draw(&initials(&product.name), hue, nth).into_bytes(),
                created_at: time(product.created_at.as_microseconds() + nth * MINUTE),
            });
        }
    }
    images
}

/// The first letters of the words; nothing that would need escaping in SVG.
fn initials(name: &str) -> String {
    name.split(' ')
        .filter_map(|word| word.chars().next())
        .filter(|letter| letter.is_alphabetic())
        .take(3)
        .collect()
}

/// Each view is turned a little further, and shifted in colour.
fn draw(initials: &str, hue: i64, nth: i64) -> String {
    let (hue, turn) = ((hue + 25 * nth) % 360, 45 * nth);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIDE}\" height=\"{SIDE}\" \
         viewBox=\"0 0 320 320\"><rect width=\"320\" height=\"320\" fill=\"hsl({hue} 45% 88%)\"/>\
         <rect x=\"60\" y=\"60\" width=\"200\" height=\"200\" rx=\"28\" fill=\"hsl({hue} 45% 38%)\" \
         transform=\"rotate({turn} 160 160)\"/><text x=\"160\" y=\"164\" fill=\"#fff\" \
         font-family=\"system-ui,sans-serif\" font-size=\"84\" font-weight=\"600\" \
         text-anchor=\"middle\" dominant-baseline=\"middle\">{initials}</text></svg>"
    )
}
