//! From a configuration to a running service, and to its end.

use std::time::Duration;

use api_patterns::pagination::Pagination;
use axum::Router;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::app::{self, Shop};
use crate::config::Config;
use crate::connections::Connections;
use crate::db::Db;
use crate::redis::Redis;
use crate::{seed, settings};

/// Time for running requests once new ones are no longer accepted, and then for the database to
/// close. Together with the default drain they stay below five seconds, after which an
/// orchestrator may kill the process.
const LAST_REQUESTS: Duration = Duration::from_millis(2500);
const CLOSE: Duration = Duration::from_secs(1);

/// The service, ready to be served.
#[derive(Debug)]
pub struct Server {
    shop: Shop,
    router: Router,
    drain: Duration,
    head_time: Duration,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
#[error("the shop cannot start")]
pub struct StartError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl StartError {
    fn new(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(source))
    }
}

impl Server {
    /// Opens the database, brings its schema up to date, and fills it if it is new; connects to
    /// Redis where the configuration names one.
    ///
    /// # Errors
    /// The database cannot be opened or written, or Redis cannot be reached.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let db = Db::connect(&config.database)
            .await
            .map_err(StartError::new)?;
        if config.seed && seed::fill(&db).await.map_err(StartError::new)? {
            tracing::info!("the database is new and has been filled with a made-up catalogue");
        }
        let keys = match config.cursor_keys {
            keys if keys.is_empty() => {
                vec![settings::cursor_key(&db).await.map_err(StartError::new)?]
            }
            keys => keys,
        };
        let redis = match &config.redis {
            Some(url) => {
                let id = settings::shop_id(&db).await.map_err(StartError::new)?;
                Some(Redis::connect(url, id).await.map_err(StartError::new)?)
            }
            None => None,
        };
        let shop = Shop::new(db, redis);
        let router = app::router(
            shop.clone(),
            Pagination::signed(keys),
            config.base,
            config.proxies,
        );
        Ok(Self {
            shop,
            router,
            drain: config.drain,
            head_time: config.head_time,
        })
    }

    /// All routes, to be called without a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Serves until `stop` completes, then drains: readiness turns 503 at once, new requests are
    /// still answered for the configured time, and the last ones get a few seconds more.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let connections = Connections::new(self.router, self.head_time);
        let drained = async {
            stop.await;
            self.shop.draining.start();
            tracing::info!(seconds = self.drain.as_secs(), "draining");
            sleep(self.drain).await;
        };
        tokio::select! {
            () = connections.accept(listener) => {}
            () = drained => {}
        }
        if timeout(LAST_REQUESTS, connections.finish()).await.is_err() {
            tracing::warn!("requests that were still running have been cut off");
        }
        if timeout(CLOSE, self.shop.db.close()).await.is_err() {
            tracing::warn!("the database was still busy");
        }
    }
}
