//! The thread that answers readers.
//!
//! In one runtime with the polls each request waits for its turn behind those that are ready. Beside a thousand feeds
//! polled without a pause, a third of the requests were answered that are answered otherwise; with a thread of its own
//! nine in ten are, and as many feeds are polled (wrk and the origin on the same two cores, gzip, 2026-11-27).

use super::StartError;
use crate::clock::Clock;
use crate::serve::{self, Shelf, Vitals};
use jiff::SignedDuration;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};

/// How long readers that are being answered may hold up a stop.
const DRAIN: SignedDuration = SignedDuration::from_millis(1500);

/// The thread at work. It ends with what drops this.
#[derive(Debug)]
pub(super) struct Server {
    /// Resolves when the thread is gone: with how serving ended, with an error when it panicked. A thread is not joined,
    /// since joining blocks.
    ended: oneshot::Receiver<io::Result<()>>,
    /// Says that nobody is to be accepted any more.
    stop: watch::Sender<bool>,
    /// Where readers reach it, where the system says so.
    pub(super) address: Option<SocketAddr>,
    /// Cuts off everybody when it is dropped.
    _cut: oneshot::Sender<()>,
}

impl Server {
    /// Gives the server its thread.
    pub(super) fn start(
        listener: TcpListener,
        shelf: Arc<Shelf>,
        vitals: Arc<Vitals>,
    ) -> Result<Self, StartError> {
        let address = listener.local_addr().ok();
        // It is of the runtime in which it was bound until then.
        let listener = listener.into_std().map_err(StartError::Server)?;
        let (stop, mut stopped) = watch::channel(false);
        let (tell, ended) = oneshot::channel();
        let (cut, is_cut) = oneshot::channel();
        let told = async move {
            // An error means that the daemon was dropped, which stops the server as well.
            drop(stopped.wait_for(|stop| *stop).await);
        };
        let serving = async move {
            let listener = TcpListener::from_std(listener)?;
            tokio::select! {
                served = serve::serve(listener, shelf, vitals, told) => served,
                _ = is_cut => Ok(()),
            }
        };
        let work = move || {
            // Of what panicked nothing is told.
            if let Some(served) = run(serving) {
                // Nobody listens when the daemon was dropped rather than stopped.
                drop(tell.send(served));
            }
        };
        let started = thread::Builder::new().name("server".to_owned()).spawn(work);
        started.map_err(StartError::Server)?;
        Ok(Self {
            ended,
            stop,
            address,
            _cut: cut,
        })
    }

    /// Waits until the server ends by itself, which it should not; for ever where there is none.
    pub(super) async fn ended(server: Option<&mut Self>) {
        let Some(server) = server else {
            return std::future::pending().await;
        };
        if let Ok(Err(error)) = (&mut server.ended).await {
            tracing::error!(%error, "the server failed");
        }
    }

    /// Accepts nobody any more and lets those finish who are being answered.
    pub(super) async fn stop(mut self, clock: &dyn Clock) {
        let _ = self.stop.send(true);
        let deadline = clock.now().saturating_add(DRAIN).unwrap_or_default();
        tokio::select! {
            ended = &mut self.ended => match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "the server failed"),
                Err(_) => tracing::error!("the server panicked"),
            },
            () = clock.wait_until(deadline) => {}
        }
    }
}

/// Serves on this thread until that ends; `None` when it panicked.
///
/// The runtime is made and taken apart here: where others wait for each other it may not be.
fn run(serving: impl Future<Output = io::Result<()>> + Send + 'static) -> Option<io::Result<()>> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(serve::DISK_READERS)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return Some(Err(error)),
    };
    // A task of its own, so that a panic does not take the runtime with it.
    let served = runtime.block_on(runtime.spawn(serving));
    // What reads from a disk that hangs is not waited for.
    runtime.shutdown_background();
    served.ok()
}
