//! Lines over a socket, by clients that send less than they should.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use api_patterns::bulk::BulkSettings;
use axum::Router;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::lines::app;

/// Serves an application while a client, that blocks, talks to it.
async fn talk<A: Send + 'static>(
    app: Router,
    client: impl FnOnce(SocketAddr) -> A + Send + 'static,
) -> A {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let answer = tokio::task::spawn_blocking(move || client(address)).await;
    server.abort();
    answer.expect("a client")
}

const HEAD: &[u8] = b"POST /items HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
      content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";

const LINE: &str = "{\"name\":\"a lamp\"}\n";

fn send_chunk(stream: &mut TcpStream, chunk: &str) -> std::io::Result<()> {
    write!(stream, "{:x}\r\n{chunk}\r\n", chunk.len())
}

/// A request whose body has a chunk for each hundred lines.
fn send_lines(stream: &mut TcpStream, lines: usize) -> std::io::Result<()> {
    let chunk = LINE.repeat(100);
    for _ in 0..lines / 100 {
        send_chunk(stream, &chunk)?;
    }
    stream.write_all(b"0\r\n\r\n")
}

/// All that arrives until the connection ends, however it does.
fn receive(mut stream: TcpStream) -> String {
    let (mut answer, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..length]);
    }
    String::from_utf8(answer).expect("text")
}

/// The client reads while it writes.
#[tokio::test(flavor = "multi_thread")]
async fn answers_are_read_while_lines_are_sent() {
    const LINES: usize = 20_000;
    let answer = talk(app(), |address| {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        let reading = stream.try_clone().expect("a second handle");
        let reader = std::thread::spawn(move || receive(reading));
        stream.write_all(HEAD).expect("it is sent");
        send_lines(&mut stream, LINES).expect("all lines are sent");
        reader.join().expect("a reader")
    });
    let answer = answer.await;
    assert!(answer.starts_with("HTTP/1.1 207 "), "{}", &answer[..100]);
    assert_eq!(answer.matches("{\"index\":").count(), LINES);
    let summary = format!("\"items\":{LINES},\"succeeded\":{LINES},\"failed\":0");
    assert!(answer.contains(&summary));
    assert!(answer.ends_with("0\r\n\r\n"), "the last chunk");
}

/// All that was done is told, and that it is not all: the last line says so, and the body is cut.
fn assert_told(answer: &str, lines: usize, code: &str) {
    assert_eq!(answer.matches("{\"index\":").count(), lines);
    let summary = answer.split("{\"summary\":").nth(1).expect("a summary");
    let counts = format!("{{\"items\":{lines},\"succeeded\":{lines},\"failed\":0,");
    assert!(summary.starts_with(&counts), "{summary}");
    assert!(
        summary.contains(&format!("\"code\":\"{code}\"")),
        "{summary}"
    );
    assert!(!answer.ends_with("\r\n0\r\n\r\n"), "the answer is cut off");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_chunk_leaves_the_answers_to_what_came_before() {
    for lines in [0, 1, 150, 1000, 20_000] {
        let answer = talk(app(), move |address| {
            let mut stream = TcpStream::connect(address).expect("the server listens");
            let reading = stream.try_clone().expect("a second handle");
            let reader = std::thread::spawn(move || receive(reading));
            stream.write_all(HEAD).expect("it is sent");
            let chunk = format!("{}{{\"na", LINE.repeat(lines));
            send_chunk(&mut stream, &chunk).expect("it is sent");
            stream.write_all(b"XX\r\n").expect("it is sent");
            reader.join().expect("a reader")
        });
        assert_told(&answer.await, lines, "incomplete_body");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_sender_is_told_what_was_done() {
    for lines in [1, 1000] {
        let late = RequestBodyTimeoutLayer::new(Duration::from_millis(300));
        let answer = talk(app().layer(late), move |address| {
            let mut stream = TcpStream::connect(address).expect("the server listens");
            stream.write_all(HEAD).expect("it is sent");
            let chunk = format!("{}{{\"na", LINE.repeat(lines));
            send_chunk(&mut stream, &chunk).expect("it is sent");
            receive(stream)
        });
        assert_told(&answer.await, lines, "incomplete_body");
    }
}

/// A server that closes a connection with data that it has not read resets it, and what the client
/// has not read by then is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_too_much_is_told_before_it_is_cut_off() {
    let app = app().layer(BulkSettings::new().max_stream_bytes(LINE.len() as u64 * 150));
    let answer = talk(app, |address| {
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.write_all(HEAD).expect("it is sent");
        // The answers to the few lines that are taken are not read until all are sent.
        for _ in 0..2000 {
            send_chunk(&mut stream, &LINE.repeat(100)).expect("the server still reads");
        }
        receive(stream)
    });
    assert_told(&answer.await, 100, "payload_too_large");
}
