//! The connections: how many there are at once, how long a request's head may take, how they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_layer::Layer as _;

/// Most connections at once: below the 1024 files that a process may usually have open. Further
/// ones wait in the listener's queue.
const MAX_CONNECTIONS: usize = 900;

/// What serves connections and counts them.
pub(crate) struct Connections {
    router: Router,
    http: http1::Builder,
    free: Arc<Semaphore>,
    open: GracefulShutdown,
}

impl Connections {
    /// Connections to `router`. One that does not get a whole request head across within
    /// `head_time` is closed, be it slow or idle.
    pub(crate) fn new(router: Router, head_time: Duration) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(head_time);
        Self {
            router,
            http,
            free: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            open: GracefulShutdown::new(),
        }
    }

    /// Accepts connections until the future is dropped, and the listener with it.
    pub(crate) async fn accept(&self, mut listener: TcpListener) {
        while let Ok(permit) = self.free.clone().acquire_owned().await {
            // This one waits and tries again where the other `accept` fails.
            let (stream, peer) = Listener::accept(&mut listener).await;
            self.serve(stream, peer, permit);
        }
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        let service = Extension(ConnectInfo(peer)).layer(self.router.clone());
        let service = TowerToHyperService::new(service);
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let connection = self.open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection has failed");
            }
            drop(permit);
        });
    }

    /// Closes idle connections at once, and the others after their running request.
    pub(crate) async fn finish(self) {
        self.open.shutdown().await;
    }
}
