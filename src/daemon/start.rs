//! Building a daemon and taking it apart: state directory, lock, database, server, writer.

use super::active::Active;
use super::ahead::Ahead;
use super::alive::Alive;
use super::chores::Chores;
use super::docket::Docket;
use super::errand::Errands;
use super::figures::Figures;
use super::gather::Gather;
use super::orders::Orders;
use super::proxies::Proxies;
use super::reload::Reloads;
use super::server::Server;
use super::wanted::Wanted;
use super::writer::WriterThread;
use super::{Daemon, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::model::Watch;
use crate::schedule::Network;
use crate::serve::{Shelf, Vitals};
use crate::store::{self, Onlooker, StateLock, Store, StoreError, Worker};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The state directory, claimed for this process.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    /// Keeps every other daemon out until it is dropped (R12).
    lock: StateLock,
    /// Who wants to know how far the opening of its database is.
    watch: Watch,
}

impl StateDir {
    /// Makes the directory where there is none (mode 0700), and locks it.
    ///
    /// # Errors
    /// When it cannot be made or written, and when another process holds it: the text names its pid.
    pub fn claim(path: &Path) -> Result<Self, StartError> {
        Ok(Self {
            lock: store::lock(path)?,
            path: path.to_owned(),
            watch: Watch::default(),
        })
    }

    /// The same, where somebody is told how far the opening of its database is.
    #[must_use]
    pub fn watched_by(self, watch: Watch) -> Self {
        Self { watch, ..self }
    }

    /// Notes by which feeds.toml the directory is filled from now on, and returns the one before, where that is another
    /// file and still there.
    ///
    /// Two configurations over one database publish each other's articles, and take each other's topics away.
    pub fn fill_by(&mut self, config: &Path, is_daemon: bool) -> Option<PathBuf> {
        let config = std::path::absolute(config).ok()?;
        let worker = Worker {
            is_daemon,
            config: config.clone(),
        };
        let noted = self.lock.note(worker);
        let before = noted
            .inspect_err(|error| tracing::debug!(%error, "it is not noted which feeds.toml is run"))
            .ok()??;
        let former = before.config.canonicalize().ok()?;
        let is_other = config.canonicalize().is_ok_and(|it| it != former);
        is_other.then_some(before.config)
    }
}

impl StateDir {
    /// Returns where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses a directory whose lock is not ours any more.
    pub(super) fn check_place(&self) -> Result<(), StoreError> {
        self.lock.check()
    }
}

/// Documents read at once: as many as a small machine has cores, since each is a tree in memory and
/// work without a pause. The others wait as bytes.
const READERS: usize = 4;

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
        let active = Arc::new(Active::new(config)?);
        let database = state.path.join(&active.config.storage.path);
        let figures = Figures::new(Arc::clone(&clock), database);
        let onlooker = figures.onlooker(Arc::clone(&clock));
        let (store, writer) = open(&active.config, &state, now, Some(onlooker))?;
        figures.look_at(store.gauges());
        let gather = Gather::new(store.clone());
        let mut daemon = Self {
            agenda: active.agenda(),
            ahead: Ahead::default(),
            active: Arc::clone(&active),
            store,
            clock: Arc::clone(&clock),
            shelf: Arc::new(Shelf::new()),
            vitals: Arc::new(Vitals::new()),
            server: None,
            writer,
            state,
            polls: JoinSet::new(),
            polling: HashMap::new(),
            parked: BTreeMap::new(),
            network: Network::default(),
            proxies: Proxies::default(),
            doubts: BTreeMap::new(),
            doubts_changed: false,
            rests_changed: false,
            newest_doubt: None,
            excused: BTreeSet::new(),
            forced: BTreeSet::new(),
            tries: BTreeSet::new(),
            probe_from: Timestamp::MIN,
            looked_at: (now, clock.uptime()),
            readers: Arc::new(Semaphore::new(READERS)),
            gather,
            failing: BTreeMap::new(),
            chores: Chores::new(now),
            store_rests_until: None,
            trouble: None,
            store_rest: SignedDuration::ZERO,
            place_from: clock.uptime(),
            reloads: Reloads::new(active.config.digest, now),
            docket: Docket::default(),
            errands: Errands::default(),
            orders: Orders::default(),
            wanted: Wanted::default(),
            watcher: None,
            alive: Alive::default(),
            transitions: figures.transitions(),
            figures,
        };
        daemon.remember_hosts(now)?;
        daemon.remember_transitions()?;
        daemon.take_up(active).await?;
        daemon.expect_outputs();
        if let Some(listener) = listener {
            daemon.publish_first().await;
            daemon.vitals.set_report(Arc::new(daemon.figures.clone()));
            let shelf = Arc::clone(&daemon.shelf);
            let server = Server::start(listener, shelf, Arc::clone(&daemon.vitals))?;
            daemon.server = Some(server);
        }
        Ok(daemon)
    }

    /// Takes in at which pace hosts are asked, as it was before.
    fn remember_hosts(&mut self, now: Timestamp) -> Result<(), StoreError> {
        for (host, pace) in self.store.hosts()? {
            self.agenda.remember(&host, pace, now);
        }
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
        // Nobody who asked for a reload gets a verdict any more.
        self.docket = Docket::default();
        self.give_up_wanted("the daemon stops", false);
        self.orders.stop(self.clock.as_ref()).await;
        // It has a way to the writer, too.
        self.alive = Alive::default();
        self.polls.shutdown().await;
        // Each has a way to the writer, which ends with the last who has one.
        self.parked.clear();
        self.gather.flush().await;
        self.chores.under_way.shutdown().await;
        self.chores.exports.stop(self.clock.as_ref()).await;
        self.chores.relabelling.shutdown().await;
        self.chores.hubs.under_way.shutdown().await;
        let notes = mem::take(&mut self.chores.notes);
        if let Err(error) = notes.save(&self.store, self.clock.now()).await {
            tracing::warn!("what hosts asked for and hubs were told is not remembered: {error}");
        }
        let Self {
            store,
            gather,
            writer,
            state,
            ..
        } = self;
        drop(gather);
        close(store, writer, state).await;
    }
}

/// Opens the database and gives its writer a thread.
pub(super) fn open(
    config: &Config,
    state: &StateDir,
    now: Timestamp,
    onlooker: Option<Box<dyn Onlooker>>,
) -> Result<(Store, WriterThread), StartError> {
    let authority = config.site.public_url.host_str().unwrap_or_default();
    let database = state.path.join(&config.storage.path);
    let (store, writer) = Store::open_watched(&database, authority, now, &state.watch)?;
    let writer = match onlooker {
        Some(onlooker) => writer.watched_by(onlooker),
        None => writer,
    };
    Ok((store, WriterThread::start(writer)?))
}

/// Waits until all is written that was handed to the writer, empties the write-ahead log into the
/// database, and lets the state directory go last.
pub(super) async fn close(store: Store, mut writer: WriterThread, state: StateDir) {
    if let Err(error) = store.checkpoint().await {
        tracing::warn!("the database keeps its write-ahead log: {error}");
    }
    drop(store);
    if !writer.end().await {
        tracing::error!("the writer panicked");
    }
    drop(state.lock);
}
