//! Each row that lives throughout a walk is seen exactly once, in order, and all stores agree.

use std::collections::BTreeMap;

use api_patterns::pagination::{CursorKey, CursorPage, PageRequest, Pagination};
use axum::extract::FromRequestParts as _;
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

use crate::row::{Row, row, sort};
use crate::store::Store;

/// A table, and what happens while a client walks over it.
#[derive(Clone, Debug)]
struct Script {
    rows: Vec<Row>,
    sort: String,
    /// Page sizes, in turn.
    limits: Vec<usize>,
    /// After each page: rows that appear, and which of the rows that do not live on vanish.
    changes: Vec<(Vec<Row>, Vec<prop::sample::Index>)>,
    /// How many of the rows may vanish.
    mortal: usize,
    mode: Mode,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Plain,
    Signed,
    Sealed,
}

impl Mode {
    fn pagination(self) -> Pagination {
        let key = CursorKey::new([7; 32]).expect("32 bytes");
        match self {
            Self::Plain => Pagination::plain(),
            Self::Signed => Pagination::signed([key]),
            Self::Sealed => Pagination::sealed([key]),
        }
    }
}

fn script() -> impl Strategy<Value = Script> {
    let change = (vec(row(), 0..3), vec(any::<prop::sample::Index>(), 0..3));
    let mode = prop::sample::select(vec![Mode::Plain, Mode::Signed, Mode::Sealed]);
    (
        vec(row(), 0..40),
        sort(),
        vec(1..9_usize, 1..4),
        vec(change, 0..6),
        0..20_usize,
        mode,
    )
        .prop_map(|(rows, sort, limits, changes, mortal, mode)| Script {
            rows,
            sort,
            limits,
            changes,
            mortal,
            mode,
        })
}

impl Script {
    /// Rows at the start, one for each id; and those of them that live on.
    fn table(&self) -> (Vec<Row>, Vec<Row>) {
        let rows: BTreeMap<i64, Row> = self.rows.iter().map(|row| (row.id, row.clone())).collect();
        let rows: Vec<Row> = rows.into_values().collect();
        let living = rows[self.mortal.min(rows.len())..].to_vec();
        (rows, living)
    }

    async fn request(&self, turn: usize, cursor: Option<&str>) -> PageRequest<Row> {
        let limit = self.limits[turn % self.limits.len()];
        let cursor = cursor
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
        let uri = format!("/rows?sort={}&limit={limit}{cursor}", self.sort);
        let request = Request::get(uri).extension(self.mode.pagination()).body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        PageRequest::from_request_parts(&mut parts, &())
            .await
            .expect("an own cursor is taken back")
    }
}

/// What a client saw on each page: ids, and whether there were cursors either way.
type Trace = Vec<(Vec<i64>, bool, bool)>;

fn seen(page: &CursorPage<Row>) -> (Vec<i64>, bool, bool) {
    let ids = page.items.iter().map(|row| row.id).collect();
    assert_eq!(page.has_more, page.next_cursor.is_some());
    (
        ids,
        page.previous_cursor.is_some(),
        page.next_cursor.is_some(),
    )
}

async fn change(script: &Script, turn: usize, table: &mut BTreeMap<i64, bool>, store: &mut Store) {
    let Some((appear, vanish)) = script.changes.get(turn) else {
        return;
    };
    for row in appear
        .iter()
        .filter(|row| !table.contains_key(&row.id))
        .cloned()
        .collect::<Vec<_>>()
    {
        if table.insert(row.id, true).is_none() {
            store.insert(&[row]).await;
        }
    }
    for index in vanish {
        let mortal: Vec<i64> = table
            .iter()
            .filter(|(_, mortal)| **mortal)
            .map(|(id, _)| *id)
            .collect();
        if !mortal.is_empty() {
            let id = *index.get(&mortal);
            store.delete(id).await;
            // An id that comes back may have another place; the script does not reuse them.
            table.insert(id, false);
        }
    }
}

/// Forward to the end, and back to the start: the pages of both walks in the order of the scan.
async fn walk(script: &Script, store: &mut Store) -> (Trace, Trace) {
    let (rows, living) = script.table();
    store.clear().await;
    store.insert(&rows).await;
    let mut table: BTreeMap<i64, bool> = rows.iter().map(|row| (row.id, true)).collect();
    table.extend(living.iter().map(|row| (row.id, false)));

    let (mut forward, mut back) = (Trace::new(), Trace::new());
    let mut page = store.page(script.request(0, None).await).await;
    forward.push(seen(&page));
    let mut turn = 0;
    while let Some(cursor) = page.next_cursor.take() {
        change(script, turn, &mut table, store).await;
        turn += 1;
        page = store.page(script.request(turn, Some(&cursor)).await).await;
        forward.push(seen(&page));
    }
    back.push(seen(&page));
    while let Some(cursor) = page.previous_cursor.take() {
        turn += 1;
        page = store.page(script.request(turn, Some(&cursor)).await).await;
        back.push(seen(&page));
        assert!(turn < 500, "the walk ends");
    }
    back.reverse();
    (forward, back)
}

/// The ids of the living rows, in order, by the in-memory sort of one page.
fn expected(script: &Script) -> Vec<i64> {
    let (_, living) = script.table();
    let all = PageRequest::<Row>::start(&Pagination::plain(), Some(&script.sort), 1000)
        .expect("an allowed sort");
    let living = living.into_iter().filter(|row| row.id != 77);
    all.select(living)
        .expect("a page")
        .items
        .iter()
        .map(|row| row.id)
        .collect()
}

fn living_of(script: &Script, trace: &Trace) -> Vec<i64> {
    let (_, living) = script.table();
    let lives = |id: &i64| living.iter().any(|row| row.id == *id);
    trace
        .iter()
        .flat_map(|(ids, ..)| ids.iter().copied())
        .filter(lives)
        .collect()
}

async fn check(script: &Script, stores: &mut [Store]) -> TestCaseResult {
    let expected = expected(script);
    let mut oracle = Store::Memory(Vec::new());
    let (forward, back) = walk(script, &mut oracle).await;
    prop_assert_eq!(&living_of(script, &forward), &expected, "forward in memory");
    prop_assert_eq!(&living_of(script, &back), &expected, "back in memory");
    prop_assert!(
        !forward[0].1 && !back[0].1,
        "the first page has no previous one"
    );
    prop_assert!(
        !forward[forward.len() - 1].2,
        "the last page has no next one"
    );
    for store in stores {
        let name = store.name();
        let (on_forward, on_back) = walk(script, store).await;
        prop_assert_eq!(&on_forward, &forward, "forward on {}", name);
        prop_assert_eq!(&on_back, &back, "back on {}", name);
    }
    Ok(())
}

fn run(cases: u32, stores: impl Future<Output = Option<Vec<Store>>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let Some(mut stores) = runtime.block_on(stores) else {
        return;
    };
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let stores = std::cell::RefCell::new(&mut stores);
    let result = runner.run(&script(), |script| {
        runtime.block_on(check(&script, &mut stores.borrow_mut()))
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn a_walk_in_memory_sees_each_living_row_once() {
    run(600, async { Some(Vec::new()) });
}

#[test]
fn a_walk_on_sqlite_sees_each_living_row_once() {
    run(300, async { Some(vec![Store::sqlite().await]) });
}

#[test]
fn a_walk_on_postgres_sees_each_living_row_once() {
    run(200, async { Some(vec![Store::postgres().await?]) });
}

#[test]
fn a_walk_on_mariadb_sees_each_living_row_once() {
    run(150, async { Some(vec![Store::mysql().await?]) });
}
