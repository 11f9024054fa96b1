//! Redis that is away, slow, forgetful, starting, or a replica.

use std::time::Duration;

use api_patterns::idempotency::{
    Claim, Effects, IdempotencyLayer, Key, RedisStore, Reservation, Store,
};
use api_patterns::storage::{RedisConnection, StoreError, StoreErrorKind};
use http::StatusCode;
use tests::service_url;

use super::conformance::redis_store;
use super::fixture::{a_key, app, print, request, send, send_until_answered, unique, within};
use super::proxy::{Mode, Proxy};
use super::records::answer;

const LEASE: Duration = Duration::from_secs(60);

/// Redis behind a proxy.
struct Faulty {
    proxy: Proxy,
    connection: RedisConnection,
    store: RedisStore,
    prefix: String,
    url: String,
}

async fn faulty() -> Option<Faulty> {
    let url = service_url("TEST_REDIS_URL")?;
    let upstream = url.trim_start_matches("redis://").trim_end_matches('/');
    let proxy = Proxy::start(upstream.to_owned()).await;
    let prefix = format!("{}:", unique("faulty"));
    let client = redis::Client::open(format!("redis://{}/", proxy.address));
    let connection = RedisConnection::new(client.expect("an address"));
    let store = RedisStore::new(connection.clone())
        .prefix(prefix.clone())
        .time_out(Duration::from_millis(300));
    Some(Faulty {
        proxy,
        connection,
        store,
        prefix,
        url,
    })
}

impl Faulty {
    /// A command that does not go through the proxy.
    async fn run<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let client = redis::Client::open(&*self.url).expect("an address");
        let connection = client.get_multiplexed_async_connection().await;
        let mut connection = connection.expect("Redis answers");
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        let answer = command.query_async(&mut connection).await;
        answer.expect("Redis answers")
    }

    async fn keys(&self) -> Vec<String> {
        self.run(&["KEYS", &format!("{}*", self.prefix)]).await
    }
}

async fn reserve(store: &RedisStore, key: &Key) -> Result<Reservation, StoreError> {
    within(store.reserve(key, &print(1), LEASE)).await
}

async fn complete(store: &RedisStore, claim: &Claim) -> Result<bool, StoreError> {
    let answer = answer();
    store
        .complete(claim, (), Effects::Keep, &answer, LEASE)
        .await
}

async fn claim(store: &RedisStore) -> Claim {
    let key = a_key();
    match reserve(store, &key).await {
        Ok(Reservation::Reserved(fence)) => Claim { key, fence },
        other => panic!("not reserved: {other:?}"),
    }
}

/// Every operation says that the store cannot be reached, and none of them hangs.
async fn nothing_works(store: &RedisStore, claim: &Claim) {
    let unavailable = |error: StoreError| assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    unavailable(reserve(store, &a_key()).await.expect_err("away"));
    unavailable(within(store.renew(claim, LEASE)).await.expect_err("away"));
    let done = complete(store, claim);
    unavailable(within(done).await.expect_err("away"));
    unavailable(within(store.release(claim, ())).await.expect_err("away"));
}

async fn everything_works(store: &RedisStore, claim: &Claim) {
    let done = within(async {
        loop {
            // The connection may take a moment to be made anew.
            match store.renew(claim, LEASE).await {
                Err(error) if error.is_temporary() => {}
                renewed => break renewed,
            }
        }
    });
    assert!(
        done.await.expect("it is back"),
        "the reservation is still there"
    );
    let done = complete(store, claim);
    assert!(done.await.expect("it is back"));
    let found = reserve(store, &claim.key).await;
    assert!(matches!(found, Ok(Reservation::Done(_))), "{found:?}");
}

#[tokio::test]
async fn a_redis_that_refuses_connections_is_unavailable_until_it_is_back() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let claim = claim(&store).await;
    let stopped = proxy.stop().await;
    nothing_works(&store, &claim).await;
    let _proxy = stopped.start().await;
    everything_works(&store, &claim).await;
}

#[tokio::test]
async fn a_redis_that_stalls_is_unavailable_until_it_goes_on() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let claim = claim(&store).await;
    proxy.set(Mode::Stall);
    let found = reserve(&store, &a_key()).await;
    assert_eq!(found.unwrap_err().kind(), StoreErrorKind::Unavailable);
    let renewed = within(store.renew(&claim, LEASE)).await;
    assert_eq!(renewed.unwrap_err().kind(), StoreErrorKind::Unavailable);
    proxy.set(Mode::Forward);
    everything_works(&store, &claim).await;
}

/// The store gives up before its connection does.
#[tokio::test]
async fn a_silent_connection_is_replaced_when_the_store_has_given_up() {
    let Some(faulty) = faulty().await else {
        return;
    };
    let hour = Duration::from_secs(3_600);
    let store = RedisStore::new(faulty.connection.response_time_out(hour))
        .prefix(faulty.prefix)
        .time_out(Duration::from_millis(300));
    let claim = claim(&store).await;
    faulty.proxy.set(Mode::Silence);
    let renewed = within(store.renew(&claim, LEASE)).await;
    assert_eq!(renewed.unwrap_err().kind(), StoreErrorKind::Unavailable);
    everything_works(&store, &claim).await;
}

/// Its other end is gone without a word; new ones work.
#[tokio::test]
async fn a_connection_that_fell_silent_is_replaced_within_the_operation() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let store = store.time_out(Duration::from_secs(10));
    let claim = claim(&store).await;
    proxy.set(Mode::Silence);
    assert!(
        within(store.renew(&claim, LEASE))
            .await
            .expect("tried again")
    );
    everything_works(&store, &claim).await;
}

#[tokio::test]
async fn a_server_that_refuses_for_a_while_is_asked_again() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let claim = claim(&store).await;
    let proxy = proxy.stop().await.start().await;
    proxy.set(Mode::TooMany);
    nothing_works(&store, &claim).await;
    proxy.set(Mode::Forward);
    everything_works(&store, &claim).await;
}

#[tokio::test]
async fn a_connection_that_broke_is_made_anew_within_the_operation() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let store = store.time_out(Duration::from_secs(10));
    let claim = claim(&store).await;
    // As an idle connection that a firewall has dropped, or a restart between two requests.
    let _proxy = proxy.stop().await.start().await;
    assert!(
        within(store.renew(&claim, LEASE))
            .await
            .expect("tried again")
    );
    everything_works(&store, &claim).await;
}

/// The server did as it was told, and the connection broke before it could say so.
#[tokio::test]
async fn an_answer_that_was_lost_on_its_way_is_asked_for_again() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let store = store.time_out(Duration::from_secs(10));
    // Once, so that the script is known.
    claim(&store).await;
    proxy.set(Mode::CutAfter("EVALSHA"));
    let claim = claim(&store).await;
    assert_eq!(proxy.mode(), Mode::Forward, "an answer was lost");

    let other = within(complete(&store, &claim));
    proxy.set(Mode::CutAfter("EVALSHA"));
    assert!(
        other.await.expect("asked again"),
        "it was this call that did it"
    );
    assert_eq!(proxy.mode(), Mode::Forward, "an answer was lost");
    let again = complete(&store, &claim);
    assert!(
        !again.await.expect("it answers"),
        "another call is another call"
    );
}

#[tokio::test]
async fn scripts_that_the_server_forgot_are_sent_again() {
    let Some(faulty) = faulty().await else {
        return;
    };
    let store = faulty.store.clone();
    for _ in 0..3 {
        let claim = claim(&store).await;
        faulty.run::<()>(&["SCRIPT", "FLUSH"]).await;
        everything_works(&store, &claim).await;
    }
}

#[tokio::test]
async fn a_server_that_became_a_replica_is_left() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let store = store.time_out(Duration::from_secs(10));
    let claim = claim(&store).await;
    proxy.set(Mode::Demoted);
    assert!(
        within(store.renew(&claim, LEASE))
            .await
            .expect("tried again")
    );
    assert_eq!(proxy.mode(), Mode::Forward, "the connection was left");
    everything_works(&store, &claim).await;
}

#[tokio::test]
async fn a_server_that_stays_a_replica_is_unavailable() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let claim = claim(&store).await;
    proxy.set(Mode::Replica);
    nothing_works(&store, &claim).await;
    proxy.set(Mode::Forward);
    everything_works(&store, &claim).await;
}

/// A restart that loses what was in memory, while a request is at work.
#[tokio::test]
async fn a_reservation_that_redis_has_lost_is_not_completed() {
    let Some(faulty) = faulty().await else {
        return;
    };
    let store = faulty.store.clone();
    let lost = claim(&store).await;
    let keys = faulty.keys().await;
    assert_eq!(keys.len(), 1);
    faulty.run::<()>(&["DEL", &keys[0]]).await;

    assert!(!store.renew(&lost, LEASE).await.unwrap());
    let found = reserve(&store, &lost.key).await;
    let Ok(Reservation::Reserved(fence)) = found else {
        panic!("{found:?}");
    };
    assert!(fence > lost.fence);
    let late = complete(&store, &lost);
    assert!(!late.await.unwrap());
    store.release(&lost, ()).await.unwrap();
    let claim = Claim { fence, ..lost };
    assert!(store.renew(&claim, LEASE).await.unwrap());
}

#[tokio::test]
async fn every_record_expires() {
    let Some(faulty) = faulty().await else {
        return;
    };
    let store = faulty.store.clone();
    let reserved = claim(&store).await;
    assert!(store.renew(&reserved, LEASE).await.unwrap());
    let done = claim(&store).await;
    let kept = complete(&store, &done);
    assert!(kept.await.unwrap());
    let released = claim(&store).await;
    store.release(&released, ()).await.unwrap();
    let keys = faulty.keys().await;
    assert_eq!(keys.len(), 3);
    for key in keys {
        let left: i64 = faulty.run(&["PTTL", &key]).await;
        assert!((1..=121_000).contains(&left), "{key}: {left}");
    }
}

#[tokio::test]
async fn what_redis_holds_of_others_is_corrupt() {
    let Some(faulty) = faulty().await else {
        return;
    };
    let store = faulty.store.clone();
    let claim = claim(&store).await;
    let kept = complete(&store, &claim);
    assert!(kept.await.unwrap());
    let key = faulty.keys().await.remove(0);
    faulty.run::<()>(&["HSET", &*key, "answer", "?"]).await;
    let found = reserve(&store, &claim.key).await;
    assert_eq!(found.unwrap_err().kind(), StoreErrorKind::Corrupt);
    faulty.run::<()>(&["SET", &*key, "text"]).await;
    let found = reserve(&store, &claim.key).await;
    assert_eq!(found.unwrap_err().kind(), StoreErrorKind::Corrupt);
}

#[tokio::test]
async fn requests_are_refused_while_redis_is_away_and_answered_when_it_is_back() {
    let Some(Faulty { proxy, store, .. }) = faulty().await else {
        return;
    };
    let app = app(IdempotencyLayer::new(store), async || "done");
    assert_eq!(send(&app, request("a")).await.0, StatusCode::OK);
    let stopped = proxy.stop().await;
    let (status, _) = within(send(&app, request("a"))).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let _proxy = stopped.start().await;
    assert_eq!(send_until_answered(&app, "a").await.0, StatusCode::OK);
}

#[tokio::test]
async fn prefixes_are_checked() {
    let Some(store) = redis_store().await else {
        return;
    };
    for prefix in ["", "a b", "{a}:", "größe", &"a".repeat(129)] {
        let store = store.clone();
        let named = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.prefix(prefix)));
        assert!(named.is_err(), "{prefix:?}");
    }
    claim(&store.prefix("a".repeat(128))).await;
}
