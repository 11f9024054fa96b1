//! Copies of one request, many at a time, through two instances that are processes of their own,
//! while clients leave and one instance is killed.
//!
//! `STORM_SEED` repeats the choices of a storm whose seed was printed; what the scheduler does, it
//! cannot repeat.

mod client;
mod instance;

use std::path::PathBuf;
use std::time::Duration;

use api_patterns::idempotency::RecordDatabase;
use sqlx::QueryBuilder;
use tests::service_url;
use tokio::sync::mpsc;

use self::client::{Client, Tally};
use self::instance::{Event, Instance, Point, Reachable, Setup};
use super::fixture::{self, Database, unique};

const COPIES: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_killed_before_its_commit_on_postgres() {
    if let Some(database) = fixture::postgres().await {
        storm(database, Point::Effect).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_killed_after_its_commit_on_postgres() {
    if let Some(database) = fixture::postgres().await {
        storm(database, Point::Commit).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_killed_before_its_commit_on_sqlite() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    storm(database, Point::Effect).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_killed_after_its_commit_on_sqlite() {
    let database = fixture::sqlite().await.expect("SQLite is always there");
    storm(database, Point::Commit).await;
}

/// What a killed process would have gone on with waits for this file.
struct Flag(PathBuf);

impl Flag {
    fn new() -> Self {
        Self(std::env::temp_dir().join(unique("go")))
    }

    fn raise(&self) {
        std::fs::write(&self.0, "").expect("a file is written");
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Kills the instance that first comes to the point, and counts the runs of the handler.
async fn kill_at(
    point: Point,
    mut instances: Vec<Instance>,
    mut events: mpsc::UnboundedReceiver<(usize, Event)>,
    flag: Flag,
    mut over: tokio::sync::oneshot::Receiver<()>,
) -> Killed {
    let mut killed = Killed::default();
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            _ = &mut over => break,
        };
        let (nth, event) = event.expect("an instance is alive");
        killed.hears(event);
        if event == Event::Came(point) && killed.instances == 0 {
            instances[nth].kill();
            killed.instances += 1;
            flag.raise();
        }
    }
    // What they have said and was not heard yet.
    drop(instances);
    while let Some((_, event)) = events.recv().await {
        killed.hears(event);
    }
    killed
}

#[derive(Debug, Default)]
struct Killed {
    instances: u32,
    runs: u32,
}

impl Killed {
    fn hears(&mut self, event: Event) {
        self.runs += u32::from(event == Event::Came(Point::Effect));
    }
}

async fn storm<DB: RecordDatabase + Reachable>(database: Database<DB>, point: Point) {
    let Some(redis) = service_url("TEST_REDIS_URL") else {
        return;
    };
    let seed = std::env::var("STORM_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("STORM_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);

    let flag = Flag::new();
    let (tell, events) = mpsc::unbounded_channel();
    let setup = Setup {
        database: DB::address(&database.pool),
        records: database.records.clone(),
        effects: database.effects.clone(),
        redis,
        prefix: format!("{}:", unique("storm")),
        point,
        flag: flag.0.clone(),
        wait_millis: 0,
    };
    // Copies wait at one of them and are refused at the other.
    let waiting = Setup {
        wait_millis: 2_000,
        ..setup.clone()
    };
    let instances = vec![
        Instance::start(0, &setup, tell.clone()).await,
        Instance::start(1, &waiting, tell).await,
    ];
    let addresses = [instances[0].address, instances[1].address];
    let (end, over) = tokio::sync::oneshot::channel();
    let killer = tokio::spawn(kill_at(point, instances, events, flag, over));

    let clients: Vec<_> = (0..COPIES)
        .map(|nth| {
            // Half of them leave, at any moment of the first second and a half.
            let leaves = (nth % 2 == 1).then(|| Duration::from_millis(random.u64(0..1_500)));
            Client::new(addresses, random.fork(), leaves)
        })
        .map(|client| tokio::spawn(client.run()))
        .collect();
    let mut tally = Tally::default();
    let all = async {
        for client in clients {
            tally.add(client.await.expect("clients do not panic"));
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(60), all).await;
    assert!(
        in_time.is_ok(),
        "every client that stays is answered: {tally:?}"
    );
    end.send(()).expect("the instances are watched");
    let killed = killer.await.expect("no panic");
    check(&database, point, &tally, &killed).await;
    println!("{point:?}, {}: {tally:?} {killed:?}", DB::NAME);
    database.clear().await;
}

async fn check<DB: RecordDatabase>(
    database: &Database<DB>,
    point: Point,
    tally: &Tally,
    killed: &Killed,
) {
    assert_eq!(killed.instances, 1);
    assert_eq!(
        database.effects().await,
        1,
        "one effect: {tally:?} {killed:?}"
    );
    let mut connection = database.pool.acquire().await.expect("a connection");
    let note = format!("SELECT note FROM {}", database.effects);
    let note = DB::text(QueryBuilder::new(note), &mut connection).await;
    let answers: Vec<_> = tally.answers.iter().collect();
    assert_eq!(answers, [&note.expect("the effect is read")], "one answer");
    assert!(tally.answered >= COPIES as u32 / 2, "{tally:?}");
    let (runs, first_hand) = match point {
        // The killed one, whose effect was undone, and the other.
        Point::Effect => (2, 1),
        // Its effect is there, and nobody has had its answer first hand.
        Point::Commit => (1, 0),
    };
    assert_eq!(killed.runs, runs);
    assert!(tally.answered - tally.replays <= first_hand, "{tally:?}");
}
