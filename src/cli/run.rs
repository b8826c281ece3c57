//! `merganser run`: the daemon.

use super::exit::Failure;
use super::places::environment;
use super::{Places, on_terminal};
use crate::clock::SystemClock;
use crate::config::{Config, Loaded};
use crate::daemon::{Daemon, Signals, Source, StateDir, start_logging};
use crate::serve;
use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// What is logged unless `MERGANSER_LOG` says otherwise: a line where a feed's fortune turns.
const LEVEL: &str = "info";

/// Threads for work that blocks, parsing above all: as many as there are cores on a small machine. The
/// number bounds how many documents are in memory as trees.
const BLOCKING_THREADS: usize = 4;

pub(super) fn run(places: &Places) -> Result<(), Failure> {
    log(LEVEL);
    let Loaded { config, warnings } = places.load()?;
    for warning in &warnings {
        tracing::warn!("feeds.toml: {}", warning.message);
    }
    let state = StateDir::claim(&places.state()?)?;
    runtime()?.block_on(run_daemon(config, state, &places.config()))
}

async fn run_daemon(config: Config, state: StateDir, path: &Path) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let listener = listen(config.server.listen).await?;
    let address = config.site.public_url.clone();
    let daemon = Daemon::build(config, state, Arc::new(SystemClock), Some(listener)).await?;
    tracing::info!("serving at {address}");
    let source = Source {
        path,
        environment: &environment,
    };
    daemon.run(&mut signals, &source).await;
    Ok(())
}

/// Takes the address that readers come to.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = serve::bind(address).await;
    let listener = listener.with_context(|| {
        format!(
            "cannot listen on {address}: change `listen` in [server], or stop what listens there"
        )
    })?;
    Ok(listener)
}

/// Starts logging to standard error. Under systemd, journald adds the time.
pub(super) fn log(level: &str) {
    start_logging(
        level,
        environment("JOURNAL_STREAM").is_some(),
        on_terminal(),
    );
}

/// Makes the runtime of the daemon, in which readers are answered while feeds are polled.
fn runtime() -> Result<Runtime, Failure> {
    finish(Builder::new_multi_thread())
}

/// Makes the runtime of a command that runs once. One thread: a third less CPU than several that wake
/// each other, measured over a thousand feeds that answer 304.
pub(super) fn runtime_for_once() -> Result<Runtime, Failure> {
    finish(Builder::new_current_thread())
}

fn finish(mut builder: Builder) -> Result<Runtime, Failure> {
    let runtime = builder
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .context("cannot start the asynchronous runtime")?;
    Ok(runtime)
}
