//! [`RedisConnection`]: a connection that heals.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Client, Cmd, Pipeline, RedisError, RedisFuture, RedisResult, Value,
};
use tokio::sync::watch;

/// After a connection was refused, the next attempt comes no earlier.
const PAUSE: Duration = Duration::from_millis(50);

/// Who waited for so long and then left has probably given up; earlier, lost interest.
const GIVEN_UP: Duration = Duration::from_millis(50);

/// A connection to Redis that its clones share, and that is made anew when it has failed: at the
/// next command, and as often as it takes.
///
/// It counts as failed when it breaks, when the server refuses it, and when an answer is overdue or
/// somebody gave up waiting for one after 50 ms or more, so that a connection whose other end is gone
/// without a word does not stay. Commands are not sent again here; whoever sent one knows whether
/// that is safe.
///
/// `redis::aio::ConnectionManager` does the first of these three, but keeps a refusal, as of a
/// server with too many clients, and a silent connection.
///
/// # Example
/// ```no_run
/// use api_patterns::idempotency::RedisStore;
/// use api_patterns::storage::RedisConnection;
///
/// # fn run() -> redis::RedisResult<()> {
/// let client = redis::Client::open("redis://127.0.0.1/")?;
/// let store = RedisStore::new(RedisConnection::new(client));
/// # let _ = store;
/// # Ok(()) }
/// ```
///
/// # Panics
/// Commands, outside of a tokio runtime.
#[derive(Clone)]
pub struct RedisConnection {
    client: Client,
    config: AsyncConnectionConfig,
    current: Arc<Mutex<Option<Arc<Attempt>>>>,
}

/// One connection, or the attempt to make it.
struct Attempt {
    outcome: watch::Receiver<Option<RedisResult<MultiplexedConnection>>>,
    has_failed: AtomicBool,
}

impl RedisConnection {
    /// Connects with the first command. An answer is overdue after 250 ms; an attempt to connect
    /// may take a second.
    pub fn new(client: Client) -> Self {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_response_timeout(Some(Duration::from_millis(250)));
        Self {
            client,
            config,
            current: Arc::default(),
        }
    }

    /// When an answer is overdue. Default: 250 ms. Nothing is shared with earlier clones.
    #[must_use]
    pub fn response_time_out(self, time_out: Duration) -> Self {
        self.with(|config| config.set_response_timeout(Some(time_out)))
    }

    /// How long an attempt to connect may take. Default: 1 s. Nothing is shared with earlier clones.
    #[must_use]
    pub fn connection_time_out(self, time_out: Duration) -> Self {
        self.with(|config| config.set_connection_timeout(Some(time_out)))
    }

    fn with(self, change: impl FnOnce(AsyncConnectionConfig) -> AsyncConnectionConfig) -> Self {
        Self {
            config: change(self.config),
            current: Arc::default(),
            ..self
        }
    }

    fn attempt(&self) -> Arc<Attempt> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(attempt) if !attempt.has_failed.load(Ordering::Acquire) => Arc::clone(attempt),
            _ => Arc::clone(current.insert(Arc::new(self.connect()))),
        }
    }

    /// In a task of its own: whoever waits for it may leave.
    fn connect(&self) -> Attempt {
        let (publish, outcome) = watch::channel(None);
        let (client, config) = (self.client.clone(), self.config.clone());
        tokio::spawn(async move {
            let connected = client.get_multiplexed_async_connection_with_config(&config);
            let connected = connected.await;
            if connected.is_err() {
                tokio::time::sleep(PAUSE).await;
            }
            publish.send_replace(Some(connected));
        });
        Attempt {
            outcome,
            has_failed: AtomicBool::new(false),
        }
    }
}

impl Attempt {
    async fn connection(&self) -> RedisResult<MultiplexedConnection> {
        let mut outcome = self.outcome.clone();
        let connected = outcome.wait_for(Option::is_some).await;
        match connected.as_deref() {
            Ok(Some(connected)) => connected.clone(),
            // Its task is gone, as is then its runtime.
            Ok(None) | Err(_) => Err(io::Error::from(io::ErrorKind::BrokenPipe).into()),
        }
    }

    fn fails(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    async fn made(&self) -> RedisResult<MultiplexedConnection> {
        self.connection().await.inspect_err(|_| self.fails())
    }

    /// An answer, noting if there will be none.
    async fn answered<T>(&self, answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
        let mut waiting = Waiting {
            on: self,
            since: Instant::now(),
            is_over: false,
        };
        let answer = answer.await;
        waiting.is_over = true;
        let breaks = |error: &RedisError| error.is_io_error() || error.is_unrecoverable_error();
        if answer.as_ref().is_err_and(breaks) {
            self.fails();
        }
        answer
    }
}

/// Somebody who waits for an answer.
struct Waiting<'a> {
    on: &'a Attempt,
    since: Instant,
    is_over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.is_over && self.since.elapsed() >= GIVEN_UP {
            self.on.fails();
        }
    }
}

impl ConnectionLike for RedisConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let attempt = self.attempt();
        Box::pin(async move {
            let mut connection = attempt.made().await?;
            let answer = connection.req_packed_command(command);
            attempt.answered(answer).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let attempt = self.attempt();
        Box::pin(async move {
            let mut connection = attempt.made().await?;
            let answers = connection.req_packed_commands(pipeline, offset, count);
            attempt.answered(answers).await
        })
    }

    fn get_db(&self) -> i64 {
        self.client.get_connection_info().redis_settings().db()
    }
}

impl fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConnection").finish_non_exhaustive()
    }
}
