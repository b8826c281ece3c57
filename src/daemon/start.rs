//! Building a daemon and taking it apart: state directory, lock, database, server, writer.

use super::active::Active;
use super::chores::Chores;
use super::gather::Gather;
use super::leg::Leg;
use super::writer::WriterThread;
use super::{Daemon, Polling, StartError, moved};
use crate::clock::Clock;
use crate::config::{Config, FeedSettings};
use crate::model::{FeedId, FeedState, Health};
use crate::schedule::{self, Agenda, End, Network};
use crate::serve::{self, Shelf, Vitals};
use crate::store::{self, StateLock, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{self, JoinHandle, JoinSet};

/// The state directory, claimed for this process.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    /// Keeps every other daemon out until it is dropped (R12).
    lock: StateLock,
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
        })
    }
}

/// The task that serves readers.
#[derive(Debug)]
pub(super) struct Server {
    task: JoinHandle<io::Result<()>>,
    stop: watch::Sender<bool>,
}

/// Documents read at once: as many as a small machine has cores, since each is a tree in memory and
/// work without a pause. The others wait as bytes.
const READERS: usize = 4;

/// States of feeds that are read at a time: less than a megabyte.
const STATES: usize = 1000;

/// How long readers that are being answered may hold up a stop.
const DRAIN: SignedDuration = SignedDuration::from_millis(1500);

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

    /// Waits until the server ends by itself, which it should not; for ever where there is none.
    pub(super) async fn ended(server: Option<&mut Self>) {
        match server {
            Some(server) => drop((&mut server.task).await),
            None => std::future::pending().await,
        }
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
        let active = Arc::new(Active::new(config)?);
        let (store, writer) = open(&active.config, &state, now)?;
        let gather = Gather::new(store.clone(), active.group_size());
        let mut daemon = Self {
            agenda: active.agenda(),
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
            doubts: Vec::new(),
            excused: BTreeSet::new(),
            probe_from: Timestamp::MIN,
            looked_at: (now, clock.uptime()),
            readers: Arc::new(Semaphore::new(READERS)),
            gather,
            failing: BTreeSet::new(),
            chores: Chores::new(now),
            store_rests_until: None,
            rejected: None,
        };
        for (host, pace) in daemon.store.hosts()? {
            daemon.agenda.remember(&host, pace, now);
        }
        daemon.take_up(active).await?;
        if let Some(listener) = listener {
            daemon.publish_first().await;
            let shelf = Arc::clone(&daemon.shelf);
            daemon.server = Some(Server::start(listener, shelf, Arc::clone(&daemon.vitals)));
        }
        Ok(daemon)
    }

    /// Puts a configuration in force: tells the store of its feeds and enters them in a new agenda.
    ///
    /// Polls of feeds that stay as they are go on; the others are dropped, before the store forgets what
    /// they were about. On a failure the old configuration and agenda stay, with the dropped feeds due.
    pub(super) async fn take_up(&mut self, active: Arc<Active>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let dropped = self.drop_polls(&active).await;
        let taken_up = self.agenda_of(&active, now).await;
        if taken_up.is_err() {
            for feed in dropped {
                self.reschedule(&feed, Some(now));
            }
        }
        let (mut agenda, failing) = taken_up?;
        let parked = mem::take(&mut self.parked).into_iter();
        let parked =
            parked.filter_map(|(number, leg)| Some((self.active.feed(number)?.id.clone(), leg)));
        let parked: Vec<(FeedId, Leg)> = parked.collect();
        for (number, leg) in parked
            .into_iter()
            .filter_map(|(id, leg)| Some((active.number(&id)?, leg)))
        {
            agenda.go_on(number, &leg.authority(), now);
            self.parked.insert(number, leg);
        }
        (self.agenda, self.failing) = (agenda, failing);
        self.network.set_hosts(active.hosts());
        self.gather.set_enough(active.group_size());
        self.active = active;
        Ok(())
    }

    /// Makes the agenda of a configuration, and the set of its feeds that fail.
    async fn agenda_of(
        &self,
        active: &Active,
        now: Timestamp,
    ) -> Result<(Agenda, BTreeSet<FeedId>), StoreError> {
        self.store.set_feeds(active.seeds(), now).await?;
        let under_way = self.under_way();
        let mut agenda = active.agenda();
        agenda.succeed(&self.agenda);
        let mut failing = BTreeSet::new();
        self.each_state(active, &mut |number, feed, state| {
            let host = under_way.get(&feed.id);
            if let Some(Some(host)) = host {
                agenda.occupy(number, host);
            }
            let seed = feed.id.as_str();
            let due_at = match self.running_due_at(feed) {
                None => schedule::due_at(state, &feed.policy, seed, now),
                due_at => due_at,
            };
            if let Some(adopted) = moved::authority(state) {
                agenda.rehost(number, &adopted);
            }
            if let Some(due_at) = due_at.filter(|_| feed.enabled && host.is_none()) {
                agenda.put(number, due_at);
            }
            if feed.enabled && matches!(state.health, Health::Failing | Health::Gone) {
                failing.insert(feed.id.clone());
            }
        })?;
        Ok((agenda, failing))
    }

    /// Hands the state of each feed to `each`, with its number: some at a time, since all of them would take
    /// more memory than everything else does.
    pub(super) fn each_state(
        &self,
        active: &Active,
        each: &mut dyn FnMut(usize, &FeedSettings, &FeedState),
    ) -> Result<(), StoreError> {
        let mut numbers = 0..;
        for feeds in active.config.feeds.chunks(STATES) {
            let ids: Vec<FeedId> = feeds.iter().map(|feed| feed.id.clone()).collect();
            let states = self.store.feed_states(&ids)?;
            for ((feed, state), number) in feeds.iter().zip(&states).zip(&mut numbers) {
                each(number, feed, state);
            }
        }
        Ok(())
    }

    /// Returns when a feed is due by the agenda that runs, if nothing about the feed changed: that knows
    /// more than what is stored, such as that the clock was set since (R7).
    fn running_due_at(&self, feed: &FeedSettings) -> Option<Timestamp> {
        let number = self.active.number(&feed.id)?;
        let due_at = self.agenda.due_at(number)?;
        (self.active.feed(number)? == feed).then_some(due_at)
    }

    /// Returns the feeds whose polls have begun and not ended, each with the host that it is asked of
    /// right now, if it is.
    fn under_way(&self) -> BTreeMap<FeedId, Option<Arc<str>>> {
        let polling = self.polling.values();
        let polling = polling.map(|poll| {
            let host = poll.began.as_ref().map(|(_, host)| Arc::clone(host));
            (poll.feed.clone(), host)
        });
        let parked = self
            .parked
            .keys()
            .filter_map(|number| self.active.feed(*number));
        let in_doubt = self.doubts.iter().map(|record| &record.feed);
        let waiting = parked.map(|feed| &feed.id).chain(in_doubt);
        polling
            .chain(waiting.map(|feed| (feed.clone(), None)))
            .collect()
    }

    /// Drops the polls of feeds that are not the same in another configuration, waits until they are
    /// gone, and returns the feeds.
    async fn drop_polls(&mut self, active: &Active) -> Vec<FeedId> {
        let is_same = |feed: &FeedId| {
            // What readers are shown of it changes nothing of what is asked.
            let settings = |active: &Active| {
                let mut feed = active.feed(active.number(feed)?)?.clone();
                feed.title = None;
                Some(feed)
            };
            settings(active).is_some_and(|feed| Some(feed) == settings(&self.active))
        };
        let changed = self.polling.iter().filter(|(_, poll)| !is_same(&poll.feed));
        let changed: Vec<task::Id> = changed.map(|(task, _)| *task).collect();
        let waiting = self
            .parked
            .keys()
            .filter_map(|number| self.active.feed(*number));
        // What waits would go on by the old settings, for hours where its host rests.
        let asks_alike = active.config.fetch == self.active.config.fetch;
        let gone: BTreeSet<FeedId> = waiting
            .map(|feed| &feed.id)
            .chain(self.doubts.iter().map(|record| &record.feed))
            .filter(|feed| !asks_alike || !is_same(feed))
            .cloned()
            .collect();
        self.doubts.retain(|record| !gone.contains(&record.feed));
        for number in gone.iter().filter_map(|feed| self.active.number(feed)) {
            self.parked.remove(&number);
            self.agenda.withdraw(number);
        }
        let dropped = changed.iter().filter_map(|task| self.polling.remove(task));
        let dropped: Vec<Polling> = dropped.collect();
        let now = self.clock.now();
        for poll in &dropped {
            poll.abort.abort();
            while !poll.abort.is_finished() {
                task::yield_now().await;
            }
            if let (Some(number), Some(_)) = (self.active.number(&poll.feed), &poll.began) {
                self.agenda.finish(number, End::Nothing, now);
            }
        }
        // What they brought must not be stored over what their feeds are now.
        self.gather.flush().await;
        dropped
            .into_iter()
            .map(|poll| poll.feed)
            .chain(gone)
            .collect()
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
        // Each has a way to the writer, which ends with the last who has one.
        self.parked.clear();
        self.gather.flush().await;
        self.chores.under_way.shutdown().await;
        let hosts = mem::take(&mut self.chores.hosts);
        if let Err(error) = self.store.save_hosts(hosts.into_iter().collect()).await {
            tracing::warn!("what hosts asked for is not remembered: {error}");
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
) -> Result<(Store, WriterThread), StartError> {
    let authority = config.site.public_url.host_str().unwrap_or_default();
    let database = state.path.join(&config.storage.path);
    let (store, writer) = Store::open(&database, authority, now)?;
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
