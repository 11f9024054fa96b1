//! [`RedisStore`]: records that instances share.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Extensions;
use redis::aio::ConnectionLike;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind};

use super::{Answer, Claim, Effects, Fence, Fingerprint, Key, Reservation, Store};
use crate::idempotency::Fronted;
use crate::storage::{RedisConnection, StoreError, StoreErrorKind, millis};

/// How long the fence of a record is remembered after its end: nobody is at work under an older one
/// by then.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Between two attempts within the time-out.
const PAUSE: Duration = Duration::from_millis(20);

/// Keeps records in Redis, for instances that share one: each operation is one script, with the
/// server's clock.
///
/// `C` is a connection whose clones share it and which is made anew when it breaks: a
/// [`RedisConnection`], redis' own `ConnectionManager`, or that to a cluster; a record is one key, so
/// that any node may hold it.
///
/// A record that Redis loses, because it was restarted without persistence, failed over to a
/// replica that lagged behind or evicts keys, is as if the request had never been: the next copy runs
/// again. Where an effect must not happen twice even then, put Redis
/// [in front of](Self::in_front_of) the database that the effect is in.
///
/// # Example
/// ```no_run
/// use api_patterns::idempotency::{IdempotencyLayer, RedisStore};
/// use api_patterns::storage::RedisConnection;
///
/// # fn run() -> redis::RedisResult<()> {
/// let connection = RedisConnection::new(redis::Client::open("redis://127.0.0.1/")?);
/// let layer = IdempotencyLayer::new(RedisStore::new(connection).prefix("shop:idempotency:"));
/// # let _ = layer;
/// # Ok(()) }
/// ```
///
/// # Failures
/// Each operation ends within the [`time_out`](Self::time_out). Within it, one that met a broken
/// connection, a server that is starting, or one that may only be read since a failover is tried
/// again; doing so is safe, as an operation that did happen is recognised.
#[derive(Clone)]
pub struct RedisStore<C = RedisConnection> {
    connection: C,
    prefix: Arc<str>,
    time_out: Duration,
}

impl<C> RedisStore<C> {
    /// Keeps records behind `connection`.
    pub fn new(connection: C) -> Self {
        Self {
            connection,
            prefix: "idempotency:".into(),
            time_out: Duration::from_millis(500),
        }
    }

    /// What the names of its keys begin with. Default: `idempotency:`.
    ///
    /// # Panics
    /// If it is not of 1 to 128 visible ASCII characters, or has braces, which would put all
    /// records on one node of a cluster.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        let visible = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}');
        assert!(
            (1..=128).contains(&prefix.len()) && prefix.bytes().all(visible),
            "a prefix is 1 to 128 visible ASCII characters but braces, not {prefix:?}"
        );
        self.prefix = prefix.into();
        self
    }

    /// Longest time for one operation, with all its attempts. Default: 500 ms.
    #[must_use]
    pub fn time_out(mut self, time_out: Duration) -> Self {
        self.time_out = time_out;
        self
    }

    /// Redis for quick answers, `behind` for the truth: see [`Fronted`].
    pub fn in_front_of<B>(self, behind: B) -> Fronted<Self, B> {
        Fronted::new(self, behind)
    }

    fn name(&self, key: &Key) -> String {
        let mut name = String::with_capacity(self.prefix.len() + 43);
        name.push_str(&self.prefix);
        URL_SAFE_NO_PAD.encode_string(key.as_bytes(), &mut name);
        name
    }
}

impl<C> fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("time_out", &self.time_out)
            .finish_non_exhaustive()
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Store for RedisStore<C> {
    type Work = ();

    fn begin(&self, _: &mut Extensions) {}

    async fn reserve(
        &self,
        key: &Key,
        fingerprint: &Fingerprint,
        lease: Duration,
    ) -> Result<Reservation, StoreError> {
        let (attempt, lease) = (attempt(), millis(lease));
        let reserved = self.run(&RESERVE, key, |command| {
            command.arg(fingerprint.as_bytes()).arg(lease);
            command.arg(attempt).arg(millis(REMEMBERED));
        });
        let (found, value): (u8, Vec<u8>) = reserved.await?;
        Ok(match found {
            0 => Reservation::Reserved(Fence(number(&value)?)),
            1 => Reservation::InFlight(Duration::from_millis(number(&value)?)),
            2 => Reservation::Mismatch,
            _ => Reservation::Done(Answer::from_bytes(value)?),
        })
    }

    async fn renew(&self, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
        let renewed = self.run(&RENEW, &claim.key, |command| {
            command.arg(claim.fence.0).arg(millis(lease));
            command.arg(millis(REMEMBERED));
        });
        renewed.await
    }

    async fn complete(
        &self,
        claim: &Claim,
        (): (),
        _: Effects,
        answer: &Answer,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        let (attempt, answer) = (attempt(), answer.to_bytes());
        let completed = self.run(&COMPLETE, &claim.key, |command| {
            command.arg(claim.fence.0).arg(millis(keep));
            command.arg(attempt).arg(&answer[..]);
        });
        completed.await
    }

    async fn release(&self, claim: &Claim, (): ()) -> Result<(), StoreError> {
        let released = self.run::<u8>(&RELEASE, &claim.key, |command| {
            command.arg(claim.fence.0).arg(millis(REMEMBERED));
        });
        released.await.map(drop)
    }

    async fn end(&self, (): (), _: Effects) -> Result<(), StoreError> {
        Ok(())
    }
}

impl<C: ConnectionLike + Clone> RedisStore<C> {
    /// Runs a script within the time-out, as often as it takes.
    async fn run<T: FromRedisValue>(
        &self,
        operation: &'static Operation,
        key: &Key,
        arguments: impl Fn(&mut Cmd) + Send + Sync,
    ) -> Result<T, StoreError> {
        let key = self.name(key);
        let call = Call {
            operation,
            key,
            arguments,
        };
        let mut connection = self.connection.clone();
        let mut last = None;
        let attempts = async {
            loop {
                match call.once(&mut connection).await {
                    Ok(value) => return Ok(value),
                    Err(error) if !passes(&error) => return Err(failed(error)),
                    Err(error) => {
                        if is_read_only(&error) {
                            leave(&mut connection).await;
                        }
                        last = Some(error);
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        match tokio::time::timeout(self.time_out, attempts).await {
            Ok(outcome) => outcome,
            Err(elapsed) => {
                let unavailable = StoreError::new(StoreErrorKind::Unavailable);
                Err(match last {
                    Some(error) => unavailable.with_source(error),
                    None => unavailable.with_source(elapsed),
                })
            }
        }
    }
}

macro_rules! operation {
    ($file:literal) => {
        Operation {
            code: include_str!($file),
            script: LazyLock::new(|| Script::new(include_str!($file))),
        }
    };
}

static RESERVE: Operation = operation!("redis/reserve.lua");
static RENEW: Operation = operation!("redis/renew.lua");
static COMPLETE: Operation = operation!("redis/complete.lua");
static RELEASE: Operation = operation!("redis/release.lua");

/// A script, and its digest.
struct Operation {
    code: &'static str,
    script: LazyLock<Script>,
}

/// A script with its arguments, the same at each attempt.
struct Call<F> {
    operation: &'static Operation,
    key: String,
    arguments: F,
}

impl<F: Fn(&mut Cmd)> Call<F> {
    async fn once<T>(&self, connection: &mut impl ConnectionLike) -> RedisResult<T>
    where
        T: FromRedisValue,
    {
        let by_digest = self.command("EVALSHA", self.operation.script.get_hash());
        match by_digest.query_async(connection).await {
            // Whole, and not by `SCRIPT LOAD`: this goes to the node that the key is on.
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                let whole = self.command("EVAL", self.operation.code);
                whole.query_async(connection).await
            }
            outcome => outcome,
        }
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(1).arg(&self.key);
        (self.arguments)(&mut command);
        command
    }
}

/// What an attempt is recognised by when it is made again.
fn attempt() -> u64 {
    // The keys of each state are new, and begin with what the operating system gives.
    RandomState::new().hash_one(())
}

/// Whether the same may succeed at once, or soon.
fn passes(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, TryAgain};
    match error.kind() {
        ErrorKind::Io | ErrorKind::ClusterConnectionNotFound => true,
        ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | TryAgain) => true,
        ErrorKind::Server(ServerErrorKind::ResponseError)
            if has(error, "max number of clients") =>
        {
            true
        }
        _ => error.is_unrecoverable_error() && !is_refusal(error) || is_read_only(error),
    }
}

fn has(error: &RedisError, words: &str) -> bool {
    error.detail().is_some_and(|detail| detail.contains(words))
}

fn is_refusal(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed | ErrorKind::Parse
    )
}

/// Whether the server has become a replica. Older ones wrap the words of a command within a script.
fn is_read_only(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        || error
            .detail()
            .is_some_and(|detail| detail.contains("READONLY "))
}

/// Ends the connection, so that the next one is made to whom the address names now.
async fn leave(connection: &mut impl ConnectionLike) {
    // The server closes it either way; what it says is of no interest.
    let _: RedisResult<()> = redis::cmd("QUIT").query_async(connection).await;
}

fn failed(error: RedisError) -> StoreError {
    let kind = match (error.kind(), error.code()) {
        (_, Some("OOM")) => StoreErrorKind::Full,
        (_, Some("BUSY")) => StoreErrorKind::Unavailable,
        (_, Some("WRONGTYPE")) | (ErrorKind::UnexpectedReturnType, _) => StoreErrorKind::Corrupt,
        _ => StoreErrorKind::Failed,
    };
    StoreError::new(kind).with_source(error)
}

fn number(digits: &[u8]) -> Result<u64, StoreError> {
    std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| StoreError::new(StoreErrorKind::Corrupt).with_source("no number"))
}
