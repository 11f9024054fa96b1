//! Clients that really leave: the connection is closed in the middle.

use std::sync::Arc;
use std::time::Duration;

use api_patterns::idempotency::IdempotencyLayer;
use axum::Router;
use axum::routing::post;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{Runs, layer, post_to};

/// What the test and its handler tell one another.
#[derive(Clone)]
struct Signals {
    started: Arc<Semaphore>,
    may_end: Arc<Semaphore>,
    dropped: Arc<Semaphore>,
}

impl Signals {
    fn new() -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self {
            started: none(),
            may_end: none(),
            dropped: none(),
        }
    }
}

/// Says when the handler is gone, whether it came to its end or not.
struct Dropped(Arc<Semaphore>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

async fn wait_for(signal: &Semaphore) {
    signal.acquire().await.expect("never closed").forget();
}

fn served(runs: &Runs, signals: &Signals, layer: IdempotencyLayer) -> Router {
    let (runs, signals) = (runs.clone(), signals.clone());
    let handler = async move || {
        let _dropped = Dropped(signals.dropped.clone());
        let run = runs.begin();
        signals.started.add_permits(1);
        wait_for(&signals.may_end).await;
        format!("run {run}")
    };
    Router::new().route("/", post(handler)).layer(layer)
}

/// Sends a request to the app, and closes the connection when its handler has begun.
async fn leave(app: &Router, signals: &Signals) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(axum::serve(listener, app.clone()).into_future());
    let client = TcpStream::connect(address).await.expect("a connection");
    let request = b"POST / HTTP/1.1\r\nhost: a\r\nidempotency-key: a\r\ncontent-length: 0\r\n\r\n";
    client.writable().await.expect("a connection");
    assert_eq!(client.try_write(request).expect("sent"), request.len());
    wait_for(&signals.started).await;
    drop(client);
    server.abort();
}

#[tokio::test]
async fn a_handler_goes_on_when_its_connection_is_closed() {
    let (runs, signals) = (Runs::default(), Signals::new());
    let app = served(&runs, &signals, layer().wait(Duration::from_secs(60)));
    leave(&app, &signals).await;
    signals.may_end.add_permits(1);
    let copy = post_to(&app, "/", "a").await;
    assert_eq!((copy.is_replayed(), &copy.body[..]), (true, &b"run 1"[..]));
    assert_eq!(runs.count(), 1);
}

#[tokio::test]
async fn a_handler_ends_with_its_connection_where_the_layer_says_so() {
    let (runs, signals) = (Runs::default(), Signals::new());
    let layer = layer().wait(Duration::from_secs(60)).cancel_with_client();
    let app = served(&runs, &signals, layer);
    leave(&app, &signals).await;
    wait_for(&signals.dropped).await;
    signals.may_end.add_permits(1);
    let anew = post_to(&app, "/", "a").await;
    assert_eq!((anew.is_replayed(), &anew.body[..]), (false, &b"run 2"[..]));
}
