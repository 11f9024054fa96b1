//! Pages at depth: our keyset statements beside `OFFSET` and the textbook
//! `a < x OR (a = x AND b < y)`, on a table of a million rows.
//!
//! SQLite needs nothing. PostgreSQL is measured where `TEST_POSTGRES_URL` names a server, in a
//! table `bench_items` that is made and dropped.

use std::path::Path;
use std::rc::Rc;

use api_patterns::pagination::PageRequest;
use axum::extract::FromRequestParts as _;
use benches::items::{Bound, ByHand, Item, Items};
use benches::{Bench, Case, Goal, Mode};
use tokio::runtime::{Builder, Runtime};

const LIMIT: usize = 20;
const OURS_AT_0: &str = "api-patterns, depth 0";

/// An order, and what a team writes for it.
struct Order {
    name: &'static str,
    /// Ours.
    sort: &'static str,
    order_by: &'static str,
    /// The textbook predicate after a row.
    past: fn(&Item) -> (&'static str, Vec<Bound>),
    /// A page at depth may cost so many times the first.
    goal: f64,
}

const ORDERS: [Order; 4] = [
    Order {
        name: "uniform",
        sort: "-created_at",
        order_by: "created_at DESC, id DESC",
        past: |row| {
            let bound = vec![Bound::Integer(row.created_at), Bound::Integer(row.id)];
            ("created_at < $1 OR (created_at = $1 AND id < $2)", bound)
        },
        goal: 1.1,
    },
    Order {
        name: "mixed",
        sort: "-price_cents,id",
        order_by: "price_cents DESC, id",
        past: |row| {
            let bound = vec![Bound::Integer(row.price_cents), Bound::Integer(row.id)];
            ("price_cents < $1 OR (price_cents = $1 AND id > $2)", bound)
        },
        goal: 1.1,
    },
    Order {
        name: "nullable",
        sort: "-rating",
        order_by: "rating DESC NULLS LAST, id DESC",
        past: |row| match row.rating {
            Some(rating) => (
                "rating < $1 OR (rating = $1 AND id < $2) OR rating IS NULL",
                vec![Bound::Float(rating), Bound::Integer(row.id)],
            ),
            None => ("rating IS NULL AND id < $1", vec![Bound::Integer(row.id)]),
        },
        goal: 2.0,
    },
    Order {
        name: "ties",
        sort: "-batch",
        order_by: "batch DESC, id DESC",
        past: |row| {
            let bound = vec![Bound::Integer(row.batch), Bound::Integer(row.id)];
            ("batch < $1 OR (batch = $1 AND id < $2)", bound)
        },
        goal: 2.0,
    },
];

/// How many rows, and how many of them are skipped.
fn extent(mode: Mode) -> (i64, [usize; 2]) {
    match mode {
        Mode::Test => (2_000, [500, 1_000]),
        Mode::Quick => (100_000, [10_000, 50_000]),
        Mode::Full => (1_000_000, [10_000, 500_000]),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut bench = Bench::from_args();
    let (rows, depths) = extent(bench.mode());
    let runtime = Rc::new(Builder::new_current_thread().enable_all().build()?);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench_items.sqlite");
    let sqlite = runtime.block_on(Items::sqlite(rows, file))?;
    compare(&mut bench, &runtime, sqlite, depths)?;
    match std::env::var("TEST_POSTGRES_URL") {
        Ok(url) => {
            let postgres = runtime.block_on(Items::postgres(rows, &url))?;
            compare(&mut bench, &runtime, postgres, depths)?;
        }
        Err(_) => println!("skipped: PostgreSQL, because TEST_POSTGRES_URL is not set"),
    }
    println!("{rows} rows, pages of {LIMIT}");
    bench.finish();
    Ok(())
}

fn compare(
    bench: &mut Bench,
    runtime: &Rc<Runtime>,
    items: Items,
    depths: [usize; 2],
) -> Result<(), sqlx::Error> {
    for order in &ORDERS {
        let mut case = Case::new(format!(
            "pagination/fetch/{}/{}",
            items.database(),
            order.name
        ));
        let table = Table {
            runtime,
            items: &items,
            order,
        };
        table.ours(&mut case, 0);
        table.by_hand(&mut case, "by hand", 0, table.offset(0));
        for depth in depths {
            table.ours(&mut case, depth);
            table.by_hand(&mut case, "OFFSET", depth, table.offset(depth));
            table.by_hand(&mut case, "textbook OR", depth, table.textbook(depth));
        }
        bench.run(case);
    }
    runtime.block_on(items.remove())
}

/// A table in one order.
#[derive(Clone, Copy)]
struct Table<'a> {
    runtime: &'a Runtime,
    items: &'a Items,
    order: &'a Order,
}

impl<'a> Table<'a> {
    fn ours(self, case: &mut Case<'a>, depth: usize) {
        let request = self.request(depth);
        let expected = self.rows(&self.offset(depth));
        let contender = case.add(
            format!("api-patterns, depth {depth}"),
            move || self.runtime.block_on(self.items.page(request.clone())),
            |page| assert_eq!(page.items, expected[..LIMIT]),
        );
        contender.without_allocations();
        if depth > 0 {
            contender.goals([Goal::Within(self.order.goal, OURS_AT_0)]);
        }
    }

    fn by_hand(self, case: &mut Case<'a>, how: &str, depth: usize, statement: ByHand) {
        let expected = self.rows(&self.offset(depth));
        case.add(
            format!("{how}, depth {depth}"),
            move || self.rows(&statement),
            |rows| assert_eq!(rows, expected),
        )
        .without_allocations();
    }

    fn rows(self, statement: &ByHand) -> Vec<Item> {
        self.runtime.block_on(self.items.rows(statement))
    }

    // One row more than the page has, as ours: it tells whether there is a next one.
    fn offset(self, depth: usize) -> ByHand {
        let limit = LIMIT + 1;
        let order_by = self.order.order_by;
        ByHand::new(
            format_args!("ORDER BY {order_by} LIMIT {limit} OFFSET {depth}"),
            Vec::new(),
        )
    }

    fn textbook(self, depth: usize) -> ByHand {
        let limit = LIMIT + 1;
        let order_by = self.order.order_by;
        let (past, bound) = (self.order.past)(&self.rows(&self.offset(depth - 1))[0]);
        ByHand::new(
            format_args!("WHERE {past} ORDER BY {order_by} LIMIT {limit}"),
            bound,
        )
    }

    fn request(self, depth: usize) -> PageRequest<Item> {
        let Some(before) = depth.checked_sub(1) else {
            return self.requested(&format!("limit={LIMIT}"));
        };
        // A page of the one row before, out of that row and the next, has the cursor.
        let rows = self.rows(&self.offset(before));
        let page = self
            .requested("limit=1")
            .select(rows)
            .expect("the keys fit a cursor");
        let cursor = page.next_cursor.expect("a second row follows");
        self.requested(&format!("limit={LIMIT}&cursor={cursor}"))
    }

    fn requested(self, query: &str) -> PageRequest<Item> {
        let uri = format!("/items?sort={}&{query}", self.order.sort);
        let request = http::Request::get(uri)
            .body(())
            .expect("the address is valid");
        let (mut parts, ()) = request.into_parts();
        let page = PageRequest::from_request_parts(&mut parts, &());
        self.runtime
            .block_on(page)
            .expect("the parameters are valid")
    }
}
