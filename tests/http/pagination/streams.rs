//! All rows, page after page.

use super::*;

#[tokio::test]
async fn a_stream_yields_all_rows_once() {
    use std::pin::pin;
    let rows = |id| Product {
        id,
        name: String::new(),
        price_cents: id % 3,
        rating: None,
        created_at: 0,
    };
    let first = PageRequest::<Product>::start(&Pagination::plain(), Some("price_cents"), 7)
        .expect("allowed");
    let mut stream = pin!(first.stream(|page| std::future::ready(page.select((1..=50).map(rows)))));
    let mut seen = Vec::new();
    while let Some(row) =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(stream.as_mut(), context))
            .await
    {
        seen.push(row.expect("a row").id);
    }
    assert_eq!(seen.len(), 50);
    assert!(seen.is_sorted_by_key(|id| (id % 3, *id)));
}

#[tokio::test]
async fn a_stream_passes_text_that_no_cursor_holds() {
    use std::pin::pin;
    let rows = |id| Product {
        id,
        name: "x".repeat(9000),
        price_cents: 0,
        rating: None,
        created_at: 0,
    };
    let first =
        PageRequest::<Product>::start(&Pagination::plain(), Some("name"), 3).expect("allowed");
    let mut stream = pin!(first.stream(|page| std::future::ready(page.select((1..=10).map(rows)))));
    let mut seen = 0;
    while let Some(row) =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(stream.as_mut(), context))
            .await
    {
        row.expect("a row");
        seen += 1;
    }
    assert_eq!(seen, 10);
}
