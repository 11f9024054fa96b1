//! One instance of a service, a process of its own that can be killed.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use api_patterns::idempotency::{
    Answer, Claim, Effects, Fingerprint, IdempotencyLayer, Key, RecordDatabase, RedisStore,
    Reservation, SqlStore, Store, Work,
};
use api_patterns::problem::Problem;
use api_patterns::storage::StoreError;
use axum::routing::post;
use axum::{Json, Router};
use http::{Extensions, StatusCode};
use serde::{Deserialize, Serialize};
use sqlx::{Pool, Postgres, QueryBuilder, Sqlite};
use tokio::sync::mpsc;

use crate::idempotency::conformance::redis_at;

/// Where an instance stops to be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Point {
    /// Between the effect, in an open transaction, and the answer.
    Effect,
    /// Between the commit and the answer; Redis has not been told.
    Commit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Listens(SocketAddr),
    Came(Point),
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) database: String,
    pub(super) records: String,
    pub(super) effects: String,
    pub(super) redis: String,
    pub(super) prefix: String,
    pub(super) point: Point,
    /// Nobody goes on from the point until this file is there.
    pub(super) flag: PathBuf,
    pub(super) wait_millis: u64,
}

/// A database that another process reaches by an address.
pub(super) trait Reachable: RecordDatabase {
    fn address(pool: &Pool<Self>) -> String;
}

impl Reachable for Postgres {
    fn address(_: &Pool<Self>) -> String {
        std::env::var("TEST_POSTGRES_URL").expect("the test is not skipped")
    }
}

impl Reachable for Sqlite {
    fn address(pool: &Pool<Self>) -> String {
        let options = pool.connect_options();
        format!("sqlite://{}", options.get_filename().display())
    }
}

pub(super) struct Instance {
    process: Child,
    pub(super) address: SocketAddr,
}

impl Instance {
    /// Starts this program again, as the one test that is an instance.
    pub(super) async fn start(
        nth: usize,
        setup: &Setup,
        tell: mpsc::UnboundedSender<(usize, Event)>,
    ) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .args(["--exact", "idempotency::storm::instance::serves"])
            .arg("--nocapture")
            .env("STORM", serde_json::to_string(setup).expect("JSON"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts again");
        let lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let (first, mut listens) = mpsc::unbounded_channel();
        // It ends with the process.
        std::thread::spawn(move || {
            for event in lines.map_while(Result::ok).filter_map(|line| heard(&line)) {
                // Whoever does not listen any more has seen enough.
                let _ = match event {
                    Event::Listens(address) => first.send(address).is_ok(),
                    Event::Came(_) => tell.send((nth, event)).is_ok(),
                };
            }
        });
        let address = listens.recv().await.expect("it starts");
        Self { process, address }
    }

    /// As the kernel kills: nothing is cleaned up.
    pub(super) fn kill(&mut self) {
        self.process.kill().expect("it is killed");
        self.process.wait().expect("it is dead");
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The harness writes on the same lines.
fn heard(line: &str) -> Option<Event> {
    let (_, said) = line.split_once('@')?;
    Some(match said {
        "effect" => Event::Came(Point::Effect),
        "commit" => Event::Came(Point::Commit),
        address => Event::Listens(address.parse().expect("an address")),
    })
}

/// What the storms start as a process of its own; among the other tests it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serves() {
    let Ok(setup) = std::env::var("STORM") else {
        return;
    };
    let setup: Setup = serde_json::from_str(&setup).expect("a setup");
    if setup.database.starts_with("sqlite:") {
        serve::<Sqlite>(setup).await;
    } else {
        serve::<Postgres>(setup).await;
    }
}

async fn serve<DB: RecordDatabase>(setup: Setup) {
    let pool = Pool::<DB>::connect(&setup.database).await;
    let behind = SqlStore::new(pool.expect("the database answers")).table(&setup.records);
    let front = Halting {
        store: redis_at(&setup.redis).prefix(setup.prefix.clone()),
        setup: setup.clone(),
    };
    let layer = IdempotencyLayer::new(api_patterns::idempotency::Fronted::new(front, behind))
        .required()
        .lease(Duration::from_secs(1))
        .wait(Duration::from_millis(setup.wait_millis));
    let order = async move |work: Work<DB>, _: Json<serde_json::Value>| {
        let order = order(&setup, &work).await?;
        Ok::<_, Problem>((StatusCode::CREATED, order))
    };
    let app = Router::new().route("/orders", post(order)).layer(layer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    println!("@{}", listener.local_addr().expect("an address"));
    axum::serve(listener, app).await.expect("it serves");
}

/// An effect that tells its run from others.
async fn order<DB: RecordDatabase>(setup: &Setup, work: &Work<DB>) -> Result<String, Problem> {
    let order = format!("order {:016x}", fastrand::u64(..));
    let mut tx = work.begin().await?;
    let sql = format!("INSERT INTO {} (note) VALUES ('{order}')", setup.effects);
    let done = DB::execute(QueryBuilder::new(sql), &mut tx).await;
    done.map_err(Problem::internal)?;
    drop(tx);
    println!("@effect");
    if setup.point == Point::Effect {
        raised(&setup.flag).await;
    }
    Ok(order)
}

async fn raised(flag: &Path) {
    while !flag.exists() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Redis, told late that a request is done.
#[derive(Clone)]
struct Halting {
    store: RedisStore,
    setup: Setup,
}

impl Store for Halting {
    type Work = ();

    fn begin(&self, extensions: &mut Extensions) {
        self.store.begin(extensions);
    }

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        self.store.reserve(key, fingerprint, lease).await
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        self.store.renew(claim, lease).await
    }

    async fn complete(
        &self,
        claim: &Claim,
        (): (),
        effects: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        println!("@commit");
        if self.setup.point == Point::Commit {
            raised(&self.setup.flag).await;
        }
        self.store.complete(claim, (), effects, answer, keep).await
    }

    async fn release(&self, claim: &Claim, (): ()) -> Result<(), StoreError> {
        self.store.release(claim, ()).await
    }

    async fn end(&self, (): (), effects: Effects) -> Result<(), StoreError> {
        self.store.end((), effects).await
    }
}
