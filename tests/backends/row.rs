//! A row with a key of every common kind, and strategies for nasty ones.

use api_patterns::pagination::Keyset;
use chrono::{DateTime, Utc};
use proptest::prelude::*;
use sqlx::FromRow;

#[derive(Clone, Debug, PartialEq, FromRow, Keyset)]
#[keyset(
    unique = id,
    default = "-at",
    sortable(id, at, score, name, flag, small, tag),
    nulls_first(tag)
)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) score: Option<f64>,
    pub(crate) name: String,
    pub(crate) flag: bool,
    pub(crate) small: Option<i32>,
    pub(crate) tag: Option<String>,
}

/// Rows with few distinct values in each column, so that ties are everywhere, and extremes.
pub(crate) fn row() -> impl Strategy<Value = Row> {
    let id = prop_oneof![8 => -40..40_i64, 1 => Just(i64::MIN), 1 => Just(i64::MAX)];
    let score = prop_oneof![
        3 => Just(None),
        4 => (0..4).prop_map(|n| Some(f64::from(n) * 0.1)),
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(f64::MIN_POSITIVE), Just(-0.0), Just(0.1 + 0.2)].prop_map(Some),
    ];
    let small = prop_oneof![
        2 => Just(None),
        3 => (0..3).prop_map(Some),
        1 => prop_oneof![Just(i32::MIN), Just(i32::MAX)].prop_map(Some),
    ];
    (
        id,
        at(),
        score,
        text(),
        any::<bool>(),
        small,
        prop::option::of(text()),
    )
        .prop_map(|(id, at, score, name, flag, small, tag)| Row {
            id,
            at,
            score,
            name,
            flag,
            small,
            tag,
        })
}

// Microseconds are what all three databases store; neighbours differ by one.
fn at() -> impl Strategy<Value = DateTime<Utc>> {
    let micros = prop_oneof![
        4 => (0..3_i64).prop_map(|n| 1_700_000_000_000_000 + n),
        2 => (0..3_i64).prop_map(|n| 1_700_000_000_000_000 + n * 500_000),
        1 => Just(1_i64),
        1 => Just(2_147_483_646_999_999),
    ];
    micros.prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("in range"))
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "", "a", "A", "aa", "a ", " a", "b", "é", "e\u{301}", "ß", "%", "_", "\\", "🦀", "\u{7f}", "\n",
        "'; DROP TABLE rows; --", "\"", "`", "NULL", "0", "00", "a,b", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ])
    .prop_map(str::to_owned)
}

/// `sort` parameters: one to three fields, each up or down.
pub(crate) fn sort() -> impl Strategy<Value = String> {
    let names = vec!["id", "at", "score", "name", "flag", "small", "tag"];
    let names = prop::sample::subsequence(names, 1..=3).prop_shuffle();
    (names, any::<[bool; 3]>()).prop_map(|(names, descending)| {
        let term = |(name, descending): (&&str, &bool)| {
            format!("{}{name}", if *descending { "-" } else { "" })
        };
        names
            .iter()
            .zip(&descending)
            .map(term)
            .collect::<Vec<_>>()
            .join(",")
    })
}
