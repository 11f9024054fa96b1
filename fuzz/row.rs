//! A row with every type of key, and a few of them with ties and NULLs.

use api_patterns::filter::Filter;
use api_patterns::pagination::Keyset;
use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

/// What `?sort=` may name, by the index that the fuzzer picks.
pub(crate) const SORTS: [&str; 9] = [
    "id",
    "-id",
    "amount,-title",
    "-rating,created_at",
    "title",
    "-flag,token",
    "price,-rating",
    "-small",
    "created_at,flag,-price",
];

#[derive(Clone, Debug, PartialEq, Keyset, Filter)]
#[keyset(
    unique = id,
    default = "-created_at",
    sortable(id, small, amount, title, rating, flag, created_at, token, price)
)]
#[filter(search(title, note), param = "q")]
pub(crate) struct Row {
    #[filter(eq, ne, lt, lte, gt, gte, in)]
    pub(crate) id: i64,
    #[filter(eq, in)]
    small: Option<i16>,
    #[filter(eq, gte, is_null)]
    amount: Option<u32>,
    #[filter(eq, like, in)]
    title: Option<String>,
    #[filter(eq, lt, gt, is_null)]
    rating: Option<f64>,
    #[filter(eq)]
    flag: bool,
    #[filter(lt, gte)]
    created_at: Timestamp,
    #[filter(eq, in)]
    token: Uuid,
    #[filter(eq, lte)]
    price: Option<Decimal>,
    note: String,
}

/// Rows with extreme values, ties and NULLs.
pub(crate) fn rows() -> Vec<Row> {
    (0..12).map(row).collect()
}

fn row(number: i64) -> Row {
    let some = number % 3 != 0;
    Row {
        id: [i64::MIN, -1, 0, 1, i64::MAX]
            .get(number as usize)
            .copied()
            .unwrap_or(number * 1000),
        small: some.then_some([i16::MIN, 0, i16::MAX][number as usize % 3]),
        amount: (number % 4 != 0).then_some([0, 7, u32::MAX][number as usize % 3]),
        title: some.then(|| ["", "Ünïcode", "plain text"][number as usize % 3].to_owned()),
        rating: some.then_some([-0.0, f64::MIN_POSITIVE, f64::MAX, 4.5][number as usize % 4]),
        flag: number % 2 == 0,
        created_at: Timestamp::from_microsecond(number / 2 * 1_000_003).expect("near the epoch"),
        token: Uuid::from_u128(u128::MAX / (number as u128 + 1)),
        price: some.then(|| Decimal::new(number % 2 * 995, 2)),
        note: "100% of _it_".to_owned(),
    }
}
