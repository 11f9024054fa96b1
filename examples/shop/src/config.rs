//! What the environment decides, read once and checked before anything starts.

use std::env::VarError;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use api_patterns::pagination::CursorKey;
use api_patterns::proxy::{BaseUrl, ForwardingHeaders, Proxies};
use tracing_subscriber::EnvFilter;

/// Every variable that has an effect: name, default, meaning. `--help` prints this table.
const VARIABLES: &[(&str, &str, &str)] = &[
    (
        "SHOP_ADDR",
        "127.0.0.1:3000",
        "address and port to listen on",
    ),
    (
        "DATABASE_URL",
        "sqlite://shop.db?mode=rwc",
        "sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/NAME",
    ),
    (
        "REDIS_URL",
        "(none: instances share their database alone)",
        "redis://USER:PASSWORD@HOST:PORT/NUMBER, or redis+unix:///SOCKET; then the answers to \
         repeated requests are found there before the database is asked",
    ),
    (
        "SHOP_SEED",
        "1",
        "fill a new database with a made-up catalogue; 0 leaves it empty",
    ),
    (
        "SHOP_PUBLIC_URL",
        "(none: links are relative)",
        "where clients find the shop, as https://shop.example/prefix; all links begin with it",
    ),
    (
        "SHOP_TRUSTED_PROXIES",
        "0",
        "number (0 to 16) of proxies in front, whose forwarding headers are believed; the log names \
         the client they tell of, and links follow them unless SHOP_PUBLIC_URL is set",
    ),
    (
        "SHOP_FORWARDING_HEADERS",
        "either",
        "which of them: x-forwarded, forwarded (RFC 7239) or either; the proxy must set or remove \
         all that are believed",
    ),
    (
        "SHOP_CURSOR_KEYS",
        "(one kept in the database)",
        "comma-separated keys of 16 bytes or more; the first signs cursors, all verify them",
    ),
    (
        "SHOP_DRAIN_SECS",
        "1",
        "seconds (0 to 300) for which requests are still answered after SIGTERM turned readiness off",
    ),
    (
        "SHOP_HEAD_SECS",
        "30",
        "seconds (1 to 300) after which a connection without a whole request head is closed",
    ),
    ("SHOP_LOG", "text", "log format: text or json"),
    ("RUST_LOG", "info", "log filter, as shop=debug,sqlx=warn"),
];

/// Variables of the finished service whose blocks do not stand yet: setting one earns a warning,
/// so nobody takes its silence for consent.
const NOT_YET: &[&str] = &[
    "S3_ENDPOINT",
    "S3_BUCKET",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "S3_REGION",
    "SHOP_RATE_LIMIT",
    "SHOP_JWT_SECRET",
    "SHOP_HEARTBEAT_SECS",
    "SHOP_KEEPALIVE_SECS",
    "SHOP_HISTORY",
    "SHOP_WEBHOOK_SECRET",
    "SHOP_WEBHOOK_ALLOW_LOOPBACK",
    "SHOP_JOB_WORKERS",
    "SHOP_JOB_LEASE_SECS",
    "SHOP_ECHO",
];

/// The checked configuration.
#[derive(Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    /// Which database to use.
    pub database: DatabaseUrl,
    /// Which Redis to use, if any.
    pub redis: Option<RedisUrl>,
    /// Whether a new database is filled.
    pub seed: bool,
    /// What links begin with: the public URL if there is one, else what trusted proxies say.
    pub base: BaseUrl,
    /// Whose forwarding headers are believed.
    pub proxies: Proxies,
    /// Keys of the cursors; empty means the one kept in the database.
    pub cursor_keys: Vec<CursorKey>,
    /// How long requests are still answered after readiness has turned 503.
    pub drain: Duration,
    /// How long a connection may take for a request head, idle time included.
    pub head_time: Duration,
    /// How log lines are written.
    pub log: LogFormat,
    /// Which log lines are written.
    pub log_filter: EnvFilter,
    /// Variables that are set and have no effect in this version.
    pub ignored: Vec<&'static str>,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// One readable line each.
    Text,
    /// One JSON object each.
    Json,
}

/// A database URL whose scheme is one the shop speaks. `Debug` hides it: it may hold a password.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole URL, password included.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether PostgreSQL is meant; SQLite otherwise.
    pub(crate) fn is_postgres(&self) -> bool {
        !self.0.starts_with("sqlite:")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

/// The address of a Redis. `Debug` hides it: it may hold a password.
#[derive(Clone)]
pub struct RedisUrl(redis::Client);

impl RedisUrl {
    /// What connects to it.
    pub(crate) fn client(&self) -> redis::Client {
        self.0.clone()
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl(..)")
    }
}

/// Every wrong value, one sentence each.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(Vec<String>);

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// Names each variable whose value is not allowed, and what is.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name))
    }

    /// Reads the configuration from any lookup; see [`from_env`](Self::from_env).
    ///
    /// # Errors
    /// Names each variable whose value is not allowed, and what is.
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Result<String, VarError>,
    ) -> Result<Self, ConfigError> {
        let mut vars = Variables {
            lookup,
            errors: Vec::new(),
        };
        let hops = vars.read("SHOP_TRUSTED_PROXIES", trusted_proxies);
        let headers = vars.read("SHOP_FORWARDING_HEADERS", forwarding_headers);
        let proxies = Proxies::hops(hops).headers(headers);
        let public_url = vars.read("SHOP_PUBLIC_URL", public_url);
        let config = Self {
            addr: vars.read("SHOP_ADDR", addr),
            database: vars.read("DATABASE_URL", database),
            redis: vars.read("REDIS_URL", redis_url),
            seed: vars.read("SHOP_SEED", seed),
            base: public_url.unwrap_or_else(|| forwarded(hops, &proxies)),
            proxies,
            cursor_keys: vars.read("SHOP_CURSOR_KEYS", cursor_keys),
            drain: vars.read("SHOP_DRAIN_SECS", drain),
            head_time: vars.read("SHOP_HEAD_SECS", head_time),
            log: vars.read("SHOP_LOG", log_format),
            log_filter: vars.read("RUST_LOG", log_filter),
            ignored: vars.set(NOT_YET),
        };
        match vars.errors {
            errors if errors.is_empty() => Ok(config),
            errors => Err(ConfigError(errors)),
        }
    }

    /// The text of `--help`.
    pub fn help() -> String {
        let mut text = String::from(
            "shop: a product and event service\n\n\
             Usage: shop [--help]\n\n\
             It is configured by environment variables:\n",
        );
        for (name, default, meaning) in VARIABLES {
            text += &format!("\n  {name}\n      {meaning}\n      default: {default}\n");
        }
        text
    }
}

struct Variables<L> {
    lookup: L,
    errors: Vec<String>,
}

impl<L: Fn(&str) -> Result<String, VarError>> Variables<L> {
    /// Parses one variable. A wrong value is noted and the default stands in for it, so that
    /// every mistake is reported at once.
    fn read<T>(&mut self, name: &str, parse: fn(Option<&str>) -> Result<T, String>) -> T {
        let value = match (self.lookup)(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => {
                self.errors.push(format!("{name} is not valid UTF-8"));
                None
            }
        };
        parse(value.as_deref()).unwrap_or_else(|allowed| {
            self.errors.push(format!("{name} must be {allowed}"));
            parse(None).expect("every default is valid")
        })
    }

    fn set(&self, names: &[&'static str]) -> Vec<&'static str> {
        names
            .iter()
            .copied()
            .filter(|name| !matches!((self.lookup)(name), Err(VarError::NotPresent)))
            .collect()
    }
}

fn addr(value: Option<&str>) -> Result<SocketAddr, String> {
    let value = value.unwrap_or("127.0.0.1:3000");
    value
        .parse()
        .map_err(|_| format!("an IP address and a port, as 127.0.0.1:3000, not {value:?}"))
}

fn database(value: Option<&str>) -> Result<DatabaseUrl, String> {
    let value = value.unwrap_or("sqlite://shop.db?mode=rwc");
    let scheme = value.split(':').next().unwrap_or_default();
    match scheme {
        // Each pooled connection would open an in-memory database of its own.
        "sqlite" if value.contains(":memory:") || value.contains("mode=memory") => {
            Err("a file when it names SQLite, as sqlite://shop.db?mode=rwc".to_owned())
        }
        "sqlite" | "postgres" | "postgresql" if value.len() > scheme.len() + 1 => {
            Ok(DatabaseUrl(value.to_owned()))
        }
        // The value is not repeated: it may hold a password.
        _ => Err("sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/NAME".to_owned()),
    }
}

fn redis_url(value: Option<&str>) -> Result<Option<RedisUrl>, String> {
    // The value is not repeated: it may hold a password.
    let wrong = |_| "redis://USER:PASSWORD@HOST:PORT/NUMBER or redis+unix:///SOCKET".to_owned();
    let client = value.map(redis::Client::open).transpose();
    Ok(client.map_err(wrong)?.map(RedisUrl))
}

fn seed(value: Option<&str>) -> Result<bool, String> {
    match value.unwrap_or("1") {
        "1" => Ok(true),
        "0" => Ok(false),
        other => Err(format!("0 or 1, not {other:?}")),
    }
}

fn public_url(value: Option<&str>) -> Result<Option<BaseUrl>, String> {
    // The value is not repeated: somebody may have put a password into it.
    let wrong = |_| {
        "http:// or https://, a host, maybe a port and a path, as https://shop.example/prefix"
            .to_owned()
    };
    value.map(BaseUrl::fixed).transpose().map_err(wrong)
}

fn trusted_proxies(value: Option<&str>) -> Result<usize, String> {
    let value = value.unwrap_or("0");
    match value.parse() {
        Ok(hops @ 0..=16) => Ok(hops),
        _ => Err(format!("a whole number from 0 to 16, not {value:?}")),
    }
}

fn forwarding_headers(value: Option<&str>) -> Result<ForwardingHeaders, String> {
    match value.unwrap_or("either") {
        "either" => Ok(ForwardingHeaders::Either),
        "x-forwarded" => Ok(ForwardingHeaders::XForwarded),
        "forwarded" => Ok(ForwardingHeaders::Forwarded),
        other => Err(format!("either, x-forwarded or forwarded, not {other:?}")),
    }
}

/// Without a proxy nobody vouches for `Host`, and links stay relative.
fn forwarded(hops: usize, proxies: &Proxies) -> BaseUrl {
    match hops {
        0 => BaseUrl::relative(),
        _ => BaseUrl::from_request(proxies.clone()),
    }
}

fn cursor_keys(value: Option<&str>) -> Result<Vec<CursorKey>, String> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    // The keys are secrets, so the sentence counts them and does not repeat them.
    let parse = |(nth, key): (usize, &str)| {
        CursorKey::new(key.trim().as_bytes()).map_err(|error| {
            format!(
                "comma-separated keys of 16 bytes or more; key {}: {error}",
                nth + 1
            )
        })
    };
    value.split(',').enumerate().map(parse).collect()
}

fn drain(value: Option<&str>) -> Result<Duration, String> {
    seconds(value.unwrap_or("1"), 0)
}

fn head_time(value: Option<&str>) -> Result<Duration, String> {
    seconds(value.unwrap_or("30"), 1)
}

fn seconds(value: &str, min: u64) -> Result<Duration, String> {
    match value.parse() {
        Ok(seconds) if (min..=300).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!(
            "a whole number of seconds from {min} to 300, not {value:?}"
        )),
    }
}

fn log_format(value: Option<&str>) -> Result<LogFormat, String> {
    match value.unwrap_or("text") {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("text or json, not {other:?}")),
    }
}

fn log_filter(value: Option<&str>) -> Result<EnvFilter, String> {
    let value = value.unwrap_or("info");
    EnvFilter::try_new(value)
        .map_err(|error| format!("a log filter, as shop=debug,sqlx=warn ({error})"))
}
