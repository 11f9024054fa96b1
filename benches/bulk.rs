//! A hundred and a thousand inserts in one request: one by one, under a SAVEPOINT each, by one
//! statement, and as the library does both; all of them good, and one in a hundred bad. Then the
//! same through a `Router`, beside a request for each.
//!
//! SQLite needs nothing. PostgreSQL is measured where `TEST_POSTGRES_URL` names a server, in a
//! table `bench_products` that is made and dropped. With a server that does not wait for its disk,
//! as that of `scripts/bench`, commits cost next to nothing; elsewhere they cost most of all.
//!
//! Before each run what the one before inserted is deleted, and after it the answers and the
//! stored rows are asserted. Neither is timed.

use std::fmt::Debug;
use std::path::Path;

use api_patterns::bulk::{Bulk, Items, MultiStatus};
use api_patterns::problem::{Json, Problem};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::routing::post;
use benches::products::{self, Backend, Batch, Flaw, Many, NewProduct, Outcomes, Place, Product};
use benches::{Bench, Case, Contender, Goal};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use sqlx::{Pool, Postgres, Sqlite};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

const SAVEPOINTS: &str = "SAVEPOINT each by hand";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut bench = Bench::from_args();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let place = Place {
        file: Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench_products.sqlite"),
        url: std::env::var("TEST_POSTGRES_URL").ok(),
    };
    compare::<Sqlite>(&mut bench, &runtime, &place)?;
    match place.url {
        Some(_) => compare::<Postgres>(&mut bench, &runtime, &place)?,
        None => println!("skipped: PostgreSQL, because TEST_POSTGRES_URL is not set"),
    }
    bench.finish();
    Ok(())
}

fn compare<DB: Backend>(
    bench: &mut Bench,
    runtime: &Runtime,
    place: &Place,
) -> Result<(), sqlx::Error> {
    for size in [100, 1_000] {
        for flaw in [Flaw::None, Flaw::Taken, Flaw::Negative] {
            // Each case has a table of its own: deleted rows make one slower.
            let pool = runtime.block_on(products::create::<DB>(place))?;
            let batch = Batch::new(size, flaw);
            let good = batch.good();
            let trials = [&batch, &good].map(|batch| Trial {
                runtime,
                pool: &pool,
                batch,
            });
            let name = format!("{}/{size}_{}", DB::CALLED, flaw.name());
            bench.run(statements(format!("bulk/insert/{name}"), &trials));
            if flaw != Flaw::Negative {
                bench.run(requests(format!("bulk/request/{name}"), &trials));
            }
            runtime.block_on(products::remove(pool))?;
        }
    }
    Ok(())
}

/// Items and the table they go to.
struct Trial<'a, DB: Backend> {
    runtime: &'a Runtime,
    pool: &'a Pool<DB>,
    batch: &'a Batch,
}

impl<DB: Backend> Trial<'_, DB> {
    /// Brings the table back to where it was.
    fn restore(&self) {
        let restored = self.runtime.block_on(products::restore(self.pool));
        restored.expect("rows can be deleted");
    }

    /// Asserts what became of the items: SKUs of what was made and statuses of the others.
    fn check<'s>(&'s self, outcomes: impl IntoIterator<Item = Result<&'s str, u16>>) {
        let expected = self.batch.items.iter().enumerate();
        let expected = expected.map(|(place, item)| match self.batch.status(place) {
            Some(status) => Err(status),
            None => Ok(item.sku.as_str()),
        });
        assert!(outcomes.into_iter().eq(expected), "an answer is wrong");
        let stored = self
            .runtime
            .block_on(DB::skus(self.pool))
            .expect("rows can be read");
        let good = self.batch.good();
        let good = good.items.iter().map(|item| &item.sku);
        assert!(
            stored[products::TAKEN..].iter().eq(good),
            "a row is missing or wrong"
        );
    }
}

/// The items by statements: all of them, and the good ones alone.
fn statements<'a, DB: Backend>(name: String, [all, good]: &'a [Trial<'a, DB>; 2]) -> Case<'a> {
    let mut case = Case::new(name);
    for &how in DB::MANY {
        add(&mut case, floor(how), good, async move |pool, items| {
            products::bare(pool, &items, how).await
        });
    }
    for &how in DB::MANY {
        add(&mut case, ours(how), all, async move |pool, items| {
            together(pool, Items::new(items), how)
                .await?
                .into_outcomes()
        })
        .goals([match all.batch.is_good() {
            true => Goal::Within(1.5, floor(how)),
            false => Goal::Faster(4.0, SAVEPOINTS),
        }]);
    }
    add(
        &mut case,
        "api-patterns, run_in",
        all,
        async |pool, items| each(pool, Items::new(items)).await?.into_outcomes(),
    );
    add(&mut case, SAVEPOINTS, all, products::savepoints);
    if all.batch.is_good() {
        add(
            &mut case,
            "one by one in a transaction",
            all,
            products::one_transaction,
        );
    }
    add(&mut case, "one by one", all, products::one_by_one);
    case
}

fn floor(how: Many) -> &'static str {
    match how {
        Many::Values => "floor: bare multi-row INSERT of the good",
        Many::Unnest => "floor: bare UNNEST of the good",
    }
}

fn ours(how: Many) -> &'static str {
    match how {
        Many::Values => "api-patterns, insert_in, multi-row",
        Many::Unnest => "api-patterns, insert_in, UNNEST",
    }
}

fn add<'c, 'a, DB: Backend, E: Debug>(
    case: &'c mut Case<'a>,
    who: &str,
    trial: &'a Trial<'a, DB>,
    run: impl AsyncFn(&'a Pool<DB>, Vec<NewProduct>) -> Result<Outcomes, E> + 'a,
) -> &'c mut Contender<'a> {
    case.add_prepared(
        who,
        || {
            trial.restore();
            trial.batch.items.clone()
        },
        move |items| {
            let outcomes = trial.runtime.block_on(run(trial.pool, items));
            outcomes.expect("the database works")
        },
        |outcomes| {
            trial.check(outcomes.iter().map(|outcome| match outcome {
                Ok(product) => Ok(product.sku.as_str()),
                Err(problem) => Err(problem.status().as_u16()),
            }));
        },
    )
}

/// Ours, under a savepoint each.
async fn each<DB: Backend>(
    pool: &Pool<DB>,
    items: Items<NewProduct>,
) -> Result<MultiStatus<Product>, Problem> {
    let insert = async |tx: &mut DB::Connection, item: NewProduct| {
        DB::insert(tx, item).await.map_err(products::problem)
    };
    items.run_in(pool, insert).await
}

/// Ours, by one statement for as many as pass together.
async fn together<DB: Backend>(
    pool: &Pool<DB>,
    items: Items<NewProduct>,
    how: Many,
) -> Result<MultiStatus<Product>, Problem> {
    let insert = async |tx: &mut DB::Connection, items: &[NewProduct]| {
        DB::insert_many(how, tx, items)
            .await
            .map_err(products::problem)
    };
    items.insert_in(pool, insert).await
}

/// The body of each request for many items.
#[derive(Deserialize, Serialize)]
struct Batched {
    items: Vec<NewProduct>,
}

/// The body of each answer to one.
#[derive(Deserialize, Serialize)]
struct Answer {
    created: Vec<Product>,
    errors: Vec<Failure>,
}

#[derive(Deserialize, Serialize)]
struct Failure {
    index: usize,
    status: u16,
}

fn router<DB: Backend>(pool: Pool<DB>) -> Router {
    Router::new()
        .route("/products", post(create::<DB>))
        .route("/products/bulk", post(create_together::<DB>))
        .route("/products/bulk/each", post(create_each::<DB>))
        .route("/by-hand/statement", post(by_statement::<DB>))
        .route("/by-hand/savepoints", post(by_savepoints::<DB>))
        .with_state(pool)
}

async fn create<DB: Backend>(
    State(pool): State<Pool<DB>>,
    Json(item): Json<NewProduct>,
) -> Result<(StatusCode, axum::Json<Product>), Problem> {
    let mut connection = pool.acquire().await.map_err(Problem::internal)?;
    let product = DB::insert(&mut connection, item)
        .await
        .map_err(products::problem)?;
    Ok((StatusCode::CREATED, axum::Json(product)))
}

async fn create_together<DB: Backend>(
    State(pool): State<Pool<DB>>,
    Bulk(items): Bulk<NewProduct, 1_000>,
) -> Result<MultiStatus<Product>, Problem> {
    together(&pool, items, DB::MANY[0]).await
}

async fn create_each<DB: Backend>(
    State(pool): State<Pool<DB>>,
    Bulk(items): Bulk<NewProduct, 1_000>,
) -> Result<MultiStatus<Product>, Problem> {
    each(&pool, items).await
}

async fn by_statement<DB: Backend>(
    State(pool): State<Pool<DB>>,
    axum::Json(batch): axum::Json<Batched>,
) -> Result<(StatusCode, axum::Json<Answer>), Problem> {
    let outcomes = products::bare(&pool, &batch.items, DB::MANY[0]).await;
    Ok(answer(outcomes.map_err(Problem::internal)?))
}

async fn by_savepoints<DB: Backend>(
    State(pool): State<Pool<DB>>,
    axum::Json(batch): axum::Json<Batched>,
) -> Result<(StatusCode, axum::Json<Answer>), Problem> {
    let outcomes = products::savepoints(&pool, batch.items).await;
    Ok(answer(outcomes.map_err(Problem::internal)?))
}

fn answer(outcomes: Outcomes) -> (StatusCode, axum::Json<Answer>) {
    let (mut created, mut errors) = (Vec::with_capacity(outcomes.len()), Vec::new());
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(product) => created.push(product),
            Err(problem) => errors.push(Failure {
                index,
                status: problem.status().as_u16(),
            }),
        }
    }
    (
        StatusCode::MULTI_STATUS,
        axum::Json(Answer { created, errors }),
    )
}

/// The items by requests: all of them, and the good ones alone.
fn requests<'a, DB: Backend>(name: String, [all, good]: &'a [Trial<'a, DB>; 2]) -> Case<'a> {
    let mut case = Case::new(name);
    add_request(&mut case, FLOOR, good, "/by-hand/statement");
    let goal = match all.batch.is_good() {
        true => Goal::Within(1.5, FLOOR),
        false => Goal::Faster(4.0, SAVEPOINTS),
    };
    add_request(&mut case, "api-patterns, insert_in", all, "/products/bulk").goals([goal]);
    add_request(
        &mut case,
        "api-patterns, run_in",
        all,
        "/products/bulk/each",
    );
    add_request(&mut case, SAVEPOINTS, all, "/by-hand/savepoints");
    add_requests(&mut case, "a request each", all);
    case
}

const FLOOR: &str = "floor: one statement by hand for the good";

/// One for all items.
fn add_request<'c, 'a, DB: Backend>(
    case: &'c mut Case<'a>,
    who: &str,
    trial: &'a Trial<'a, DB>,
    path: &'static str,
) -> &'c mut Contender<'a> {
    let items = trial.batch.items.clone();
    let body = json(&Batched { items });
    case.add_prepared(
        who,
        {
            let router = router(trial.pool.clone());
            move || {
                trial.restore();
                (router.clone(), body.clone())
            }
        },
        move |(router, body)| trial.runtime.block_on(send(&router, path, body)),
        |(status, body)| {
            assert_eq!(status, StatusCode::MULTI_STATUS);
            let answer: Answer = serde_json::from_slice(&body).expect("an answer");
            let mut created = answer
                .created
                .iter()
                .map(|product| Ok(product.sku.as_str()));
            let mut errors = answer.errors.iter().peekable();
            let len = answer.created.len() + answer.errors.len();
            trial.check((0..len).filter_map(|place| {
                match errors.next_if(|error| error.index == place) {
                    Some(error) => Some(Err(error.status)),
                    None => created.next(),
                }
            }));
        },
    )
}

/// One for each item, one after the other.
fn add_requests<'c, 'a, DB: Backend>(
    case: &'c mut Case<'a>,
    who: &str,
    trial: &'a Trial<'a, DB>,
) -> &'c mut Contender<'a> {
    let bodies: Vec<Bytes> = trial.batch.items.iter().map(json).collect();
    case.add_prepared(
        who,
        {
            let router = router(trial.pool.clone());
            move || {
                trial.restore();
                (router.clone(), bodies.clone())
            }
        },
        move |(router, bodies)| {
            trial.runtime.block_on(async {
                let mut answers = Vec::with_capacity(bodies.len());
                for body in bodies {
                    answers.push(send(&router, "/products", body).await);
                }
                answers
            })
        },
        |answers| {
            let read = |(status, body): &(StatusCode, Bytes)| match *status {
                StatusCode::CREATED => {
                    let product: Product = serde_json::from_slice(body).expect("a product");
                    Ok(product.sku)
                }
                status => Err(status.as_u16()),
            };
            let outcomes: Vec<_> = answers.iter().map(read).collect();
            trial.check(
                outcomes
                    .iter()
                    .map(|outcome| outcome.as_deref().map_err(|status| *status)),
            );
        },
    )
}

async fn send(router: &Router, path: &str, body: Bytes) -> (StatusCode, Bytes) {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .expect("the request is valid");
    let Ok(response) = router.clone().oneshot(request).await;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX);
    (status, body.await.expect("the body is in memory"))
}

fn json(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value)
        .expect("it can be serialized")
        .into()
}
