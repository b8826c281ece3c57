//! Building a daemon and taking it apart: state directory, lock, database, server, writer.

use super::active::Active;
use super::press::Stale;
use super::{Daemon, StartError, writer};
use crate::clock::Clock;
use crate::config::Config;
use crate::model::{FeedId, Health};
use crate::schedule;
use crate::serve::{self, Shelf, Vitals};
use crate::store::{self, StateLock, Store, StoreError};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The state directory, claimed for this process.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    /// Keeps every other daemon out until it is dropped (R12).
    lock: StateLock,
}

impl StateDir {
    /// Makes the directory where there is none, and locks it.
    ///
    /// # Errors
    /// When it cannot be made or written, and when another process holds it: the text names its pid.
    pub fn claim(path: &Path) -> Result<Self, StartError> {
        fs::create_dir_all(path).map_err(|cause| StartError::State {
            path: path.to_owned(),
            cause,
        })?;
        Ok(Self {
            lock: store::lock(path)?,
            path: path.to_owned(),
        })
    }
}

/// The task that serves readers.
#[derive(Debug)]
pub struct Server {
    task: JoinHandle<io::Result<()>>,
    stop: watch::Sender<bool>,
}

/// How long readers that are being answered may hold up a stop.
const DRAIN: SignedDuration = SignedDuration::from_secs(3);

impl Server {
    fn start(listener: TcpListener, shelf: Arc<Shelf>, vitals: Arc<Vitals>) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let told = async move {
            // An error means that the daemon was dropped, which stops the server as well.
            drop(stopped.wait_for(|stop| *stop).await);
        };
        #[expect(clippy::disallowed_methods, reason = "the one server of the daemon")]
        let task = tokio::spawn(serve::serve(listener, shelf, vitals, told));
        Self { task, stop }
    }

    /// Accepts nobody any more and lets those finish who are being answered.
    async fn stop(mut self, clock: &dyn Clock) {
        let _ = self.stop.send(true);
        let deadline = clock.now().saturating_add(DRAIN).unwrap_or_default();
        tokio::select! {
            ended = &mut self.task => match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "the server failed"),
                Err(error) => tracing::error!(%error, "the server panicked"),
            },
            () = clock.wait_until(deadline) => self.task.abort(),
        }
    }
}

impl Daemon {
    /// Builds a daemon over a claimed state directory.
    ///
    /// With a listener it serves readers from the first moment on, out of what is stored. Must be called
    /// within a tokio runtime.
    ///
    /// # Errors
    /// When the database cannot be used or the configuration does not compile; nothing has been changed
    /// then.
    pub async fn build(
        config: Config,
        state: StateDir,
        clock: Arc<dyn Clock>,
        listener: Option<TcpListener>,
    ) -> Result<Self, StartError> {
        let now = clock.now();
        let active = Arc::new(Active::new(config, None)?);
        let site = &active.config.site;
        let authority = site.public_url.host_str().unwrap_or_default();
        let database = state.path.join(&active.config.storage.path);
        let (store, writer) = Store::open(&database, authority, now)?;
        let writer = writer::spawn(writer)?;
        let mut daemon = Self {
            agenda: active.agenda(),
            active,
            store,
            clock,
            shelf: Arc::new(Shelf::new()),
            vitals: Arc::new(Vitals::new()),
            server: None,
            writer,
            state,
            polls: JoinSet::new(),
            polling: HashMap::new(),
            failing: BTreeSet::new(),
            stale: Stale::everything(),
            publish_from: now,
            retain_at: now,
            store_fails: false,
        };
        daemon.take_up().await?;
        if let Some(listener) = listener {
            daemon.publish().await;
            let shelf = Arc::clone(&daemon.shelf);
            daemon.server = Some(Server::start(listener, shelf, Arc::clone(&daemon.vitals)));
        }
        Ok(daemon)
    }

    /// Tells the store of the configured feeds and enters them in a new agenda, apart from those that
    /// are being polled: they enter when their poll is done.
    pub(super) async fn take_up(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.store.set_feeds(self.active.seeds(), now).await?;
        let feeds = &self.active.config.feeds;
        let ids: Vec<FeedId> = feeds.iter().map(|feed| feed.id.clone()).collect();
        let states = self.store.feed_states(&ids)?;
        let polling: BTreeSet<&FeedId> = self.polling.values().collect();
        let mut agenda = self.active.agenda();
        self.failing.clear();
        for (number, (feed, state)) in feeds.iter().zip(&states).enumerate() {
            if !feed.enabled {
                continue;
            }
            if state.health == Health::Failing {
                self.failing.insert(feed.id.clone());
            }
            let due_at = schedule::due_at(state, &feed.policy, feed.id.as_str(), now);
            if let Some(due_at) = due_at.filter(|_| !polling.contains(&feed.id)) {
                agenda.put(number, due_at);
            }
        }
        self.agenda = agenda;
        Ok(())
    }

    /// Takes the daemon apart: fetches are dropped, what was handed to the writer is written, the
    /// write-ahead log is emptied into the database (R13).
    ///
    /// A fetch that is cut off costs nothing: its feed is as due as before.
    pub async fn stop(mut self) {
        if let Some(server) = self.server.take() {
            server.stop(self.clock.as_ref()).await;
        }
        self.polls.shutdown().await;
        if let Err(error) = self.store.checkpoint().await {
            tracing::warn!(%error, "the database keeps its write-ahead log");
        }
        let Self {
            store,
            writer,
            state,
            ..
        } = self;
        drop(store);
        #[expect(clippy::disallowed_methods, reason = "joining a thread blocks")]
        let ended = tokio::task::spawn_blocking(move || writer.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the writer panicked");
        }
        drop(state.lock);
    }
}
