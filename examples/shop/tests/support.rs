//! Shops to call, one for each database.

use std::collections::{BTreeSet, HashMap};
use std::env::VarError;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use shop::{Config, Server};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tower::ServiceExt as _;

/// Environment of a shop, without touching that of the process.
pub(crate) type Vars = HashMap<String, String>;

/// The variables, from pairs.
pub(crate) fn vars<const N: usize>(pairs: [(&str, &str); N]) -> Vars {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The configuration that `vars` make.
pub(crate) fn config(vars: &Vars) -> Result<Config, shop::ConfigError> {
    Config::from_lookup(|name| vars.get(name).cloned().ok_or(VarError::NotPresent))
}

/// A database of its own for one test.
pub(crate) struct Database {
    /// What `DATABASE_URL` is for it.
    pub(crate) url: String,
    kind: Kind,
}

enum Kind {
    Sqlite(PathBuf),
    Postgres { server: String, schema: String },
}

impl Database {
    /// A new SQLite file.
    pub(crate) fn sqlite() -> Self {
        let path = std::env::temp_dir().join(unique());
        std::fs::create_dir(&path).expect("a new directory");
        let url = format!("sqlite://{}?mode=rwc", path.join("shop.db").display());
        Self {
            url,
            kind: Kind::Sqlite(path),
        }
    }

    /// A new schema, where there is a server.
    async fn postgres() -> Option<Self> {
        let server = variable("TEST_POSTGRES_URL")?;
        let schema = unique();
        execute(&server, format!("CREATE SCHEMA {schema}")).await;
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options[search_path]={schema}");
        Some(Self {
            url,
            kind: Kind::Postgres { server, schema },
        })
    }

    /// A shop in it, with `extra` variables.
    pub(crate) async fn shop(&self, extra: &Vars) -> Server {
        let mut vars = vars([("DATABASE_URL", &self.url), ("SHOP_SEED", "0")]);
        vars.extend(extra.clone());
        Server::start(config(&vars).expect("a valid configuration"))
            .await
            .expect("a shop")
    }

    async fn remove(self) {
        if let Kind::Postgres { server, schema } = &self.kind {
            execute(server, format!("DROP SCHEMA {schema} CASCADE")).await;
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kind::Sqlite(path) = &self.kind {
            drop(std::fs::remove_dir_all(path));
        }
    }
}

/// A name that no other test has.
pub(crate) fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nth = NEXT.fetch_add(1, Ordering::Relaxed);
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .expect("after 1970")
        .as_micros();
    format!("shop_{}_{now}_{nth}", std::process::id())
}

async fn execute(server: &str, statement: String) {
    let mut connection = PgConnection::connect(server)
        .await
        .expect("TEST_POSTGRES_URL can be reached");
    sqlx::query(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .expect("DDL");
}

/// A variable that a test needs; says so where it is missing, and fails where nothing may be skipped.
pub(crate) fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        assert!(
            std::env::var("TEST_NOTHING_SKIPPED").as_deref() != Ok("1"),
            "{name} is not set, and nothing may be skipped"
        );
        say_once(format!("skipped: {name} is not set"));
    }
    value
}

/// Past the capture of the test runner, which swallows what a passing test prints.
fn say_once(line: String) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().expect("nobody panics while holding it");
    if said.insert(line.clone()) {
        drop(writeln!(std::io::stderr(), "{line}"));
    }
}

/// Runs a test on each database that there is.
pub(crate) async fn on_each_database(test: impl AsyncFn(&Database)) {
    let sqlite = Database::sqlite();
    test(&sqlite).await;
    sqlite.remove().await;
    if let Some(postgres) = Database::postgres().await {
        test(&postgres).await;
        postgres.remove().await;
    }
}

/// Runs a test on an empty shop on each database.
pub(crate) async fn on_each_shop(test: impl AsyncFn(Router)) {
    on_each_database(async |database| test(database.shop(&Vars::new()).await.router()).await).await;
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// A header, or the empty text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a text header"))
    }

    /// The body of a problem with this status.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        problem
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }
}

/// Sends a request without a socket.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Reply {
    let response = router
        .clone()
        .oneshot(request)
        .await
        .expect("a router does not fail");
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("the whole body").to_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Reply {
        status: parts.status,
        headers: parts.headers,
        text,
    }
}

pub(crate) async fn get(router: &Router, uri: &str) -> Reply {
    send(
        router,
        Request::get(uri).body(Body::empty()).expect("a request"),
    )
    .await
}

pub(crate) async fn post(router: &Router, uri: &str, body: impl Into<Body>) -> Reply {
    let request = Request::builder()
        .method(Method::POST)
        .uri(uri)
        .header("content-type", "application/json");
    send(router, request.body(body.into()).expect("a request")).await
}

pub(crate) async fn post_json(router: &Router, uri: &str, body: &Value) -> Reply {
    post(router, uri, body.to_string()).await
}

/// The items of a page.
#[track_caller]
pub(crate) fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().expect("a page has items")
}

/// Sends a request with headers and a body.
pub(crate) async fn ask(
    router: &Router,
    request: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Reply {
    let (method, uri) = request.split_once(' ').expect("a method and an address");
    let start = Request::builder().method(method).uri(uri);
    let request = headers.iter().fold(start, |request, (name, value)| {
        request.header(*name, *value)
    });
    send(router, request.body(body.into()).expect("a request")).await
}

/// Adds a product and gives it back with its tag.
pub(crate) async fn add_product(router: &Router, sku: &str) -> (Value, String) {
    let body = json!({ "sku": sku, "name": "Lamp", "price_cents": 1999 });
    let reply = post_json(router, "/api/v1/products", &body).await;
    (reply.ok(201), reply.header("etag").to_owned())
}

/// How many products there are.
pub(crate) async fn count_products(router: &Router) -> u64 {
    let page = get(router, "/api/v1/products?include_total=true&limit=1").await;
    page.ok(200)["total"].as_u64().expect("a total")
}
