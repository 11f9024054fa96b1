//! A connection that fails when it is told to.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What the proxy does with what a client sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Passes it on, and the answer back.
    Forward,
    /// Holds it back, until told otherwise.
    Stall,
    /// Passes nothing on over the connections there are; new ones work.
    Silence,
    /// Answers as a Redis that has too many clients, and ends the connection.
    TooMany,
    /// Answers as a replica of Redis does; whoever says `QUIT` and comes back finds a master.
    Demoted,
    /// Answers as a replica of Redis does.
    Replica,
    /// Ends the connection at the first message with these bytes.
    CutBefore(&'static str),
    /// Passes the first message with these bytes on, waits for the answer and ends the connection
    /// in its place.
    CutAfter(&'static str),
}

const READ_ONLY: &str = "-READONLY You can't write against a read only replica.\r\n";

pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    upstream: String,
    mode: Arc<watch::Sender<Mode>>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub(super) async fn start(upstream: String) -> Self {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        Self::start_at(any, upstream).await
    }

    async fn start_at(address: SocketAddr, upstream: String) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mode = Arc::new(watch::Sender::new(Mode::Forward));
        let task = tokio::spawn(serve(listener, upstream.clone(), Arc::clone(&mode)));
        Self {
            address,
            upstream,
            mode,
            task,
        }
    }

    pub(super) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    pub(super) fn mode(&self) -> Mode {
        *self.mode.borrow()
    }

    /// Ends all connections and refuses new ones.
    pub(super) async fn stop(self) -> Stopped {
        self.task.abort();
        let _ = self.task.await;
        Stopped {
            address: self.address,
            upstream: self.upstream,
        }
    }
}

pub(super) struct Stopped {
    address: SocketAddr,
    upstream: String,
}

impl Stopped {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn start(self) -> Proxy {
        Proxy::start_at(self.address, self.upstream).await
    }
}

async fn serve(listener: TcpListener, upstream: String, mode: Arc<watch::Sender<Mode>>) {
    // They end with this task.
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.expect("a connection");
        let server = TcpStream::connect(&upstream).await.expect("an upstream");
        connections.spawn(relay(client, server, Arc::clone(&mode)));
    }
}

async fn relay(mut client: TcpStream, mut server: TcpStream, mode: Arc<watch::Sender<Mode>>) {
    let mut changes = mode.subscribe();
    let (mut sent, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut sent) => {
                let Ok(len @ 1..) = read else { return };
                let goes_on = pass(&sent[..len], &mut client, &mut server, &mode, &mut changes);
                if !goes_on.await {
                    return;
                }
            }
            read = server.read(&mut answered) => {
                let Ok(len @ 1..) = read else { return };
                if client.write_all(&answered[..len]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// One message of the client; `false` ends the connection.
async fn pass(
    message: &[u8],
    client: &mut TcpStream,
    server: &mut TcpStream,
    mode: &watch::Sender<Mode>,
    changes: &mut watch::Receiver<Mode>,
) -> bool {
    let has = |word: &str| {
        message
            .windows(word.len())
            .any(|part| part == word.as_bytes())
    };
    let now = *mode.borrow();
    match now {
        Mode::Stall => {
            let moved = changes.wait_for(|mode| *mode != Mode::Stall).await.is_ok();
            moved && server.write_all(message).await.is_ok()
        }
        Mode::Silence => {
            mode.send_replace(Mode::Forward);
            // Until the client has enough.
            while client.read(&mut [0; 1024]).await.is_ok_and(|len| len > 0) {}
            false
        }
        Mode::TooMany => {
            let refusal = b"-ERR max number of clients reached\r\n";
            let _ = client.write_all(refusal).await;
            false
        }
        Mode::Demoted | Mode::Replica if has("QUIT") => {
            if now == Mode::Demoted {
                mode.send_replace(Mode::Forward);
            }
            false
        }
        Mode::Demoted | Mode::Replica => {
            // One for each command.
            let commands = 1 + message.windows(3).filter(|part| part == b"\r\n*").count();
            let refusals = READ_ONLY.repeat(commands);
            client.write_all(refusals.as_bytes()).await.is_ok()
        }
        Mode::CutBefore(word) if has(word) => {
            mode.send_replace(Mode::Forward);
            false
        }
        Mode::CutAfter(word) if has(word) => {
            mode.send_replace(Mode::Forward);
            // The answer says that it happened; the client does not get it.
            let sent = server.write_all(message).await;
            let answer = server.read(&mut [0; 1024]).await;
            assert!(sent.is_ok() && answer.is_ok_and(|len| len > 0));
            false
        }
        Mode::Forward | Mode::CutBefore(_) | Mode::CutAfter(_) => {
            server.write_all(message).await.is_ok()
        }
    }
}
