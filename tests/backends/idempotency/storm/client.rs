//! One of many clients that send the same request.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const REQUEST: &str = "POST /orders HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: the-one\r\n\
     Content-Type: application/json\r\nContent-Length: 15\r\nConnection: close\r\n\r\n\
     {\"product\": 7}\n";

/// What became of one client, or of all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: u32,
    pub(super) disconnects: u32,
    /// Sent again to the other instance, since the connection broke or was refused.
    pub(super) retries: u32,
    pub(super) conflicts: u32,
    pub(super) unavailable: u32,
    pub(super) answered: u32,
    pub(super) replays: u32,
    /// What successes said.
    pub(super) answers: BTreeSet<String>,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.disconnects += other.disconnects;
        self.retries += other.retries;
        self.conflicts += other.conflicts;
        self.unavailable += other.unavailable;
        self.answered += other.answered;
        self.replays += other.replays;
        self.answers.extend(other.answers);
    }
}

pub(super) struct Client {
    addresses: [SocketAddr; 2],
    random: fastrand::Rng,
    leaves: Option<Duration>,
    tally: Tally,
}

impl Client {
    pub(super) fn new(
        addresses: [SocketAddr; 2],
        random: fastrand::Rng,
        leaves: Option<Duration>,
    ) -> Self {
        Self {
            addresses,
            random,
            leaves,
            tally: Tally::default(),
        }
    }

    /// Sends the request until it is answered, or the client leaves in the middle of it.
    pub(super) async fn run(mut self) -> Tally {
        match self.leaves {
            None => self.stay().await,
            Some(after) => {
                if tokio::time::timeout(after, self.stay()).await.is_err() {
                    self.tally.disconnects += 1;
                }
            }
        }
        self.tally
    }

    async fn stay(&mut self) {
        let mut to = usize::from(self.random.bool());
        loop {
            self.tally.requests += 1;
            match exchange(self.addresses[to]).await {
                Ok(answer) if answer.status == 201 => {
                    self.tally.answered += 1;
                    self.tally.replays += u32::from(answer.is_replay);
                    self.tally.answers.insert(answer.body);
                    return;
                }
                Ok(answer) => match answer.status {
                    409 => self.tally.conflicts += 1,
                    503 => self.tally.unavailable += 1,
                    other => panic!("{other}: {}", answer.body),
                },
                Err(_) => {
                    self.tally.retries += 1;
                    to = 1 - to;
                }
            }
            let pause = Duration::from_millis(self.random.u64(20..200));
            tokio::time::sleep(pause).await;
        }
    }
}

struct Answer {
    status: u16,
    is_replay: bool,
    body: String,
}

async fn exchange(address: SocketAddr) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(REQUEST.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    parse(&answer).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// An answer that is whole.
fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let field = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(named, _)| *named == name)
            .map(|(_, value)| value)
    };
    let length: usize = field("content-length")?.parse().ok()?;
    (body.len() == length).then_some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        is_replay: field("idempotency-replayed") == Some("true"),
        body: body.to_owned(),
    })
}
