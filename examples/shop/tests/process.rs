//! The program itself: how it starts, and how it ends.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::support::{Database, unique, variable};

/// Long enough for a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(30);

/// The body of an answer at `/health/live`.
const LIVE: &str = r#"{"status":"ok"}"#;
/// A request whose end does not come.
const HALF: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: sh";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command
        .env_clear()
        .env("SHOP_ADDR", "127.0.0.1:0")
        .env("SHOP_SEED", "0");
    command
}

/// A running shop; killed when a test fails.
struct Running {
    child: Child,
    addr: String,
    log: mpsc::Receiver<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let addr = lines
            .by_ref()
            .map(|line| line.expect("text"))
            .find_map(|line| {
                Some(
                    line.split_once("listening on http://")?
                        .1
                        .split('/')
                        .next()?
                        .to_owned(),
                )
            })
            .expect("it says where it listens");
        // Someone has to read on, or the pipe fills up and the program waits.
        let (reader, log) = mpsc::channel();
        std::thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| {
                // Most tests do not look.
                drop(reader.send(line));
            });
        });
        Self { child, addr, log }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.addr).expect("it accepts connections");
        stream
            .set_read_timeout(Some(SOON))
            .expect("a time that is not zero");
        stream
    }

    fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n"
        )
        .expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("an answer");
        reply
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .expect("kill runs")
                .success()
        );
    }

    fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(begun.elapsed() < SOON, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The status line of a request on a connection that stays open.
fn live(stream: &mut TcpStream) -> String {
    write!(stream, "GET /health/live HTTP/1.1\r\nhost: shop\r\n\r\n").expect("a request");
    let mut reply = Vec::new();
    while !reply.ends_with(LIVE.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        reply.extend(byte);
    }
    let reply = String::from_utf8(reply).expect("UTF-8");
    reply.lines().next().unwrap_or_default().to_owned()
}

/// Waits until the shop closes the connection.
fn closes(stream: &mut TcpStream) {
    // A reset is an end too: of a connection whose last bytes were not read.
    match stream.read_to_end(&mut Vec::new()) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[test]
fn sigterm_turns_readiness_off_answers_on_and_ends_with_success() {
    let database = Database::sqlite();
    let mut shop = Running::start(
        program()
            .env("DATABASE_URL", &database.url)
            .env("SHOP_DRAIN_SECS", "3"),
    );
    assert!(shop.get("/health/ready").starts_with("HTTP/1.1 200"));
    // A client that holds a connection open without a request does not hold up the end.
    let _idle = TcpStream::connect(&shop.addr).expect("a connection");
    shop.terminate();
    let begun = Instant::now();
    while !shop.get("/health/ready").starts_with("HTTP/1.1 503") {
        assert!(begun.elapsed() < SOON, "readiness is still on");
    }
    assert!(
        shop.get("/health/ready")
            .ends_with(r#"{"status":"draining"}"#)
    );
    assert!(shop.get("/health/live").starts_with("HTTP/1.1 200"));
    assert!(shop.get("/api/v1/products").starts_with("HTTP/1.1 200"));
    let status = shop.wait();
    assert!(status.success(), "{status}");
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "it did not drain"
    );
}

#[test]
fn open_connections_do_not_hold_up_the_end() {
    let database = Database::sqlite();
    let mut shop = Running::start(program().env("DATABASE_URL", &database.url));
    let mut idle = shop.connect();
    live(&mut idle);
    let mut half = shop.connect();
    half.write_all(HALF).expect("half a request");
    shop.terminate();
    let begun = Instant::now();
    assert!(live(&mut idle).ends_with("200 OK"), "it does not drain");
    closes(&mut idle);
    assert!(shop.wait().success());
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "an orchestrator would have killed it"
    );
    closes(&mut half);
}

#[test]
fn a_connection_without_a_whole_head_is_closed() {
    let database = Database::sqlite();
    let mut command = program();
    let shop = Running::start(
        command
            .env("DATABASE_URL", &database.url)
            .env("SHOP_HEAD_SECS", "1"),
    );
    let begun = Instant::now();
    let mut silent = shop.connect();
    let mut half = shop.connect();
    half.write_all(HALF).expect("half a request");
    let mut idle = shop.connect();
    live(&mut idle);
    // Each byte in time, but never the last.
    let mut slow = shop.connect();
    while slow.write_all(b"a").is_ok() {
        assert!(begun.elapsed() < SOON, "it waits for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "it does not wait"
    );
    for stream in [&mut silent, &mut half, &mut idle] {
        closes(stream);
    }
    assert!(shop.get("/health/live").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_connection_in_use_stays_open() {
    let database = Database::sqlite();
    let shop = Running::start(
        program()
            .env("DATABASE_URL", &database.url)
            .env("SHOP_HEAD_SECS", "2"),
    );
    let begun = Instant::now();
    let mut stream = shop.connect();
    while begun.elapsed() < Duration::from_millis(2500) {
        assert_eq!(live(&mut stream), "HTTP/1.1 200 OK");
        std::thread::sleep(Duration::from_millis(250));
    }
}

fn fails(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().expect("the program runs");
    (status.code(), String::from_utf8(stderr).expect("UTF-8"))
}

#[test]
fn a_wrong_value_stops_the_start_with_a_sentence() {
    let (code, error) = fails(program().env("SHOP_DRAIN_SECS", "soon"));
    assert_eq!(code, Some(1));
    assert_eq!(
        error,
        "shop: SHOP_DRAIN_SECS must be a whole number of seconds from 0 to 300, not \"soon\"\n"
    );
    let (code, error) = fails(program().env("DATABASE_URL", "sqlite:///no/such/directory/shop.db"));
    assert_eq!(code, Some(1));
    assert!(error.contains("DATABASE_URL"), "{error}");
    let (code, error) =
        fails(program().env("DATABASE_URL", "postgres://someone:secret@127.0.0.1:1/shop"));
    assert_eq!(code, Some(1));
    assert!(
        error.contains("DATABASE_URL") && error.contains("refused"),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
    let database = Database::sqlite();
    let (code, error) = fails(
        program()
            .env("DATABASE_URL", &database.url)
            .env("REDIS_URL", "redis://someone:secret@127.0.0.1:1"),
    );
    assert_eq!(code, Some(1));
    assert!(
        error.contains("REDIS_URL") && error.contains("refused"),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
    let taken = Running::start(program().env("DATABASE_URL", &database.url));
    let (code, error) = fails(
        program()
            .env("DATABASE_URL", &database.url)
            .env("SHOP_ADDR", &taken.addr),
    );
    assert_eq!(code, Some(1));
    assert!(error.contains("SHOP_ADDR"), "{error}");
}

#[test]
fn help_is_printed_and_other_arguments_are_not_understood() {
    let Output { status, stdout, .. } = program().arg("--help").output().expect("the program runs");
    assert!(status.success());
    assert_eq!(
        String::from_utf8(stdout).expect("UTF-8").trim_end(),
        shop::Config::help().trim_end()
    );
    assert_eq!(fails(program().arg("--port")).0, Some(2));
}

#[test]
fn a_shop_killed_while_it_is_filled_is_filled_by_the_next() {
    let database = Database::sqlite();
    let mut command = program();
    command
        .env("DATABASE_URL", &database.url)
        .env("SHOP_SEED", "1");
    // At whatever point this comes, the next start has to find all rows or none.
    for pause in [5, 50, 250] {
        let mut child = command
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(pause));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
    }
    let shop = Running::start(&mut command);
    assert!(
        shop.get("/api/v1/products?include_total=true&limit=1")
            .contains("\"total\":10000")
    );
    assert!(
        shop.get("/api/v1/events?include_total=true&limit=1")
            .contains("\"total\":50000")
    );
}

#[test]
fn the_log_names_the_client_as_far_as_proxies_are_trusted() {
    for (hops, client) in [("0", "127.0.0.1"), ("1", "192.0.2.1")] {
        let database = Database::sqlite();
        let shop = Running::start(
            program()
                .env("DATABASE_URL", &database.url)
                .env("SHOP_TRUSTED_PROXIES", hops),
        );
        let mut stream = shop.connect();
        let request =
            "GET /health/live HTTP/1.1\r\nhost: shop\r\nx-forwarded-for: 192.0.2.1\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("a request");
        let line = loop {
            let line = shop.log.recv_timeout(SOON).expect("a line for the request");
            if line.contains("/health/live") {
                break line;
            }
        };
        assert!(line.contains(&format!("client={client}")), "{line}");
    }
}

/// The answer to an event that is published under a key.
fn publish(addr: &str, key: &str) -> std::io::Result<String> {
    let body = format!(r#"{{"kind":"k","title":"{key}"}}"#);
    let mut stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(SOON))?;
    write!(
        stream,
        "POST /api/v1/events HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\
         content-type: application/json\r\nidempotency-key: {key}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

/// Publishes under a key until there is an answer, as a client does that is told to come again.
fn published(shop: &Running, key: &str) -> String {
    let begun = Instant::now();
    loop {
        let reply = publish(&shop.addr, key).expect("an answer");
        if !reply.starts_with("HTTP/1.1 409") {
            assert!(reply.starts_with("HTTP/1.1 201"), "{reply}");
            return reply;
        }
        assert!(reply.contains("retry-after: "), "{reply}");
        assert!(begun.elapsed() < SOON, "the lease does not end");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Publishes at one instance, which is sent a signal in the middle, and then at its neighbour.
fn survives(signal: &str, one: &mut Running, other: &Running) {
    const KEYS: usize = 60;
    let keys: Vec<_> = (0..KEYS).map(|_| unique()).collect();
    let answered = std::thread::scope(|scope| {
        let addr = &*one.addr;
        let clients = keys
            .iter()
            .map(|key| scope.spawn(move || publish(addr, key)));
        let clients: Vec<_> = clients.collect();
        // Some are answered, some are at work, some wait for their turn.
        let first = clients.into_iter().enumerate().map(|(nth, client)| {
            if nth == KEYS / 4 {
                let pid = one.child.id().to_string();
                let killed = Command::new("kill").args([signal, &pid]).status();
                assert!(killed.expect("kill runs").success());
            }
            client.join().expect("no panic").unwrap_or_default()
        });
        first.collect::<Vec<_>>()
    });
    one.wait();
    let mut repeated = 0;
    for (key, first) in keys.iter().zip(&answered) {
        let again = published(other, key);
        let body = |reply: &str| {
            reply
                .split_once("\r\n\r\n")
                .map(|(_, body)| body.to_owned())
        };
        if first.starts_with("HTTP/1.1 201") && first.ends_with('}') {
            assert_eq!(body(&again), body(first));
            assert!(again.contains("idempotency-replayed: true"), "{again}");
            repeated += 1;
        }
    }
    assert!(repeated > 0, "it was killed before the first answer");
    let page = other.get("/api/v1/events?include_total=true&limit=1");
    assert!(page.contains(&format!("\"total\":{KEYS}")), "{page}");
}

#[test]
fn an_instance_that_ends_leaves_each_effect_once_to_its_neighbour() {
    let redis = variable("TEST_REDIS_URL");
    for (signal, redis) in [("-KILL", None), ("-KILL", redis), ("-TERM", None)] {
        let database = Database::sqlite();
        let start = || {
            let mut command = program();
            command.env("DATABASE_URL", &database.url);
            if let Some(url) = &redis {
                command.env("REDIS_URL", url);
            }
            Running::start(&mut command)
        };
        let (mut one, other) = (start(), start());
        survives(signal, &mut one, &other);
    }
}
