//! `cargo run -p shop` starts it on <http://127.0.0.1:3000/> with a made-up catalogue in
//! `shop.db`; `cargo run -p shop -- --help` lists what the environment can change.

use std::error::Error;
use std::process::ExitCode;

use shop::{Config, Server, telemetry};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {}
        ["--help" | "-h"] => {
            println!("{}", Config::help());
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!(
                "shop: takes no arguments but --help; it is configured by environment variables"
            );
            return ExitCode::from(2);
        }
    }
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut config = Config::from_env()?;
    telemetry::init(config.log, std::mem::take(&mut config.log_filter));
    for name in &config.ignored {
        tracing::warn!("{name} is set and has no effect in this version");
    }
    let addr = config.addr;
    let server = Server::start(config).await?;
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|error| format!("SHOP_ADDR: cannot listen on {addr}: {error}"))?;
    let addr = listener.local_addr()?;
    let stop = terminated()?;
    tracing::info!("listening on http://{addr}/");
    server.serve(listener, stop).await;
    tracing::info!("stopped");
    Ok(())
}

/// A future that completes at SIGTERM, which orchestrators send, or at Ctrl-C. Both are caught from
/// this call on, not from the first poll, so one that comes early is not lost.
fn terminated() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// An error and its causes on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Some errors write their cause themselves.
        let next = error.to_string();
        if !text.ends_with(&next) {
            text += &format!(": {next}");
        }
        cause = error.source();
    }
    text
}
