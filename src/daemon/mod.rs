//! The composition root: wires the stages and the adapters together and runs them.
//!
//! The only module that spawns, waits and handles signals, and the only one that sees two neighbouring
//! stages; `leg` and `poll` are the spine. A [`Daemon`] is built from a configuration, a state directory, a clock
//! and a listener, all given by the caller, so that a test owns each of them:
//!
//! - [`Daemon::run_due`] polls what is due, publishes what changed and returns: what tests step;
//! - [`Daemon::poll_now`] polls what it is told to: what `merganser poll` does where no daemon runs. One that runs polls
//!   for it (`poll_for`, `wanted`);
//! - [`Daemon::run`] does the former whenever something is due, until it is told to stop.
//!
//! Invariants: at most one request to a host at once, and a bounded number of polls in all; a poll is
//! recorded whole or not at all; a configuration with problems never replaces a running one; the loop
//! of [`Daemon::run`] never waits for work, nor for feeds.toml to be read, so that signals and the watchdog are
//! always heard.

mod active;
mod ahead;
mod alive;
mod archive;
mod archive_sweep;
mod backfill;
mod by_hand;
mod chores;
mod close;
mod discreet;
mod docket;
mod errand;
mod error;
mod exports;
mod feed_needs;
mod figures;
mod files;
mod flood;
mod gather;
mod hubs;
mod inherited;
mod judge;
mod leg;
mod logs;
mod moved;
mod needs;
mod network;
mod news;
mod notes;
mod notify;
mod orders;
mod pages;
mod place;
mod plan;
mod plan_stories;
mod poll;
mod poll_for;
mod press;
mod proxies;
mod reading;
mod relabel;
mod reload;
mod replay;
mod report;
mod run;
mod search;
mod served;
mod server;
mod set_clock;
mod settled;
mod signals;
mod sources;
mod stale;
mod start;
mod staying;
mod step;
mod story_pages;
mod take_in;
mod take_up;
mod tend;
mod told;
mod topics;
mod transitions;
mod trouble;
mod validators;
mod verdict;
mod wanted;
mod watch;
mod writer;

use crate::clock::Clock;
use crate::config::Config;
use crate::model::{FeedId, Health};
use crate::publish::OutputFormat;
use crate::schedule::{Agenda, Network};
use crate::serve::{Resource, Shelf, Vitals};
use crate::store::Store;
use active::Active;
use ahead::Ahead;
use alive::Alive;
use chores::Chores;
use docket::Docket;
use errand::Errands;
use figures::Figures;
use gather::Gather;
use jiff::{SignedDuration, Timestamp};
use leg::{Ended, Leg};
use network::Doubtful;
use orders::Orders;
use proxies::Proxies;
use reload::Reloads;
use server::Server;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::{self, AbortHandle, JoinSet};
use transitions::Transitions;
use trouble::Trouble;
use wanted::Wanted;
use watch::Watcher;
use writer::WriterThread;

pub use by_hand::{PublishError, publish_files};
pub use error::StartError;
pub use feed_needs::{Ending, OFF, Standing, asked_at, is_own_output, word};
pub use files::files_behind;
pub use inherited::inherited_listener;
pub use logs::{LogForm, start_logging};
pub use moved::poll_target;
pub use notify::Starting;
pub use orders::NOT_TAKEN_UP;
pub use plan::{Change, Fate, Plan, PlanError, Remark, Side, plan};
pub use reload::{Environment, Reloaded, Source};
pub use replay::{PastEntry, Replay};
pub use report::{EndedAt, PollReport};
pub use run::RunError;
pub use search::{Finding, Search, search};
pub use signals::{Signal, Signals, Tidying, before_interrupt};
pub use start::StateDir;
pub use step::{Choice, Progress, must_not_be_asked};
pub use topics::{Topic, silent_topics, topics, topics_in_force};
pub use verdict::log_warnings;

/// A daemon that is built and waits to be run or stepped.
#[derive(Debug)]
pub struct Daemon {
    active: Arc<Active>,
    store: Store,
    clock: Arc<dyn Clock>,
    shelf: Arc<Shelf>,
    vitals: Arc<Vitals>,
    server: Option<Server>,
    writer: WriterThread,
    /// Held until all is written.
    state: StateDir,
    agenda: Agenda,
    ahead: Ahead,
    /// The requests under way, and polls that are being stored.
    polls: JoinSet<Option<Ended>>,
    /// What each of them is.
    polling: HashMap<task::Id, Polling>,
    /// Polls that wait for the host of their next request, by the numbers of their feeds.
    parked: BTreeMap<usize, Leg>,
    network: Network,
    /// Polls that reached nobody, until it is known whose fault that is.
    doubts: BTreeMap<FeedId, Doubtful>,
    /// Whether others are in doubt than were told last.
    doubts_changed: bool,
    /// Whether hosts are let rest otherwise than was told of their feeds last.
    rests_changed: bool,
    /// Whose poll came to be in doubt last.
    newest_doubt: Option<FeedId>,
    /// Feeds that were not reached while the network was down, and have not been since.
    excused: BTreeSet<FeedId>,
    /// Feeds that are tried, or are being tried, although the network is down: somebody asked for them.
    tries: BTreeSet<FeedId>,
    /// Feeds of which somebody wants everything by the poll that is under way, or in doubt.
    forced: BTreeSet<FeedId>,
    /// What is asked in the place of origins.
    proxies: Proxies,
    /// While the network is down: no attempt before this instant.
    probe_from: Timestamp,
    /// What the clock said when it was looked at last, and how long the machine had been up then.
    looked_at: (Timestamp, Duration),
    /// Lets so many documents be read at once.
    readers: Arc<Semaphore>,
    gather: Arc<Gather>,
    /// Feeds whose last poll failed, or that are gone, for the status line.
    failing: BTreeMap<FeedId, Health>,
    chores: Chores,
    /// Set while the database fails: no poll until it works again, which is tried at this instant.
    store_rests_until: Option<Timestamp>,
    /// What is the matter with it then.
    trouble: Option<Trouble>,
    /// How long it was let rest the last time.
    store_rest: SignedDuration,
    /// How long the machine has to be up for another look whether database and lock are still at their paths.
    place_from: Duration,
    reloads: Reloads,
    /// Who waits for a verdict on feeds.toml.
    docket: Docket,
    /// Reads it.
    errands: Errands,
    /// What commands ask for while the daemon runs.
    orders: Orders,
    /// The polls among it.
    wanted: Wanted,
    /// Sees when feeds.toml is saved; none where it is not watched.
    watcher: Option<Watcher>,
    alive: Alive,
    figures: Figures,
    /// What operators are told of how things turned.
    transitions: Transitions,
}

/// A request under way, or a poll that is being stored.
#[derive(Debug)]
struct Polling {
    feed: FeedId,
    abort: AbortHandle,
    /// Whom it is for; none when all that is left is to store it.
    host: Option<Arc<str>>,
    /// Whether it tells how the feed is now: not a document of its archive, nor what was in doubt before.
    is_of_now: bool,
}

impl Daemon {
    /// Returns the store, for reading.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns what readers are served.
    pub fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }

    /// Returns what operators are told of how feeds and the daemon turned.
    pub fn health(&self, format: OutputFormat) -> Option<Arc<Resource>> {
        self.transitions.document(format)
    }

    /// Returns the configuration in force.
    pub fn config(&self) -> &Config {
        &self.active.config
    }

    /// Returns how many outputs were rendered since the start.
    pub fn outputs_rendered(&self) -> u64 {
        self.figures.rendered()
    }

    /// Returns the earliest instant at which there is something to do for a feed.
    pub fn next_due_at(&self) -> Option<Timestamp> {
        let may_probe = |at: Timestamp| match self.network.down_since() {
            Some(_) => at.max(self.probe_from),
            None => at,
        };
        let due = self.agenda.next_at().map(may_probe);
        let next = due.into_iter().chain(self.next_try_at());
        next.chain(self.doubt_ends_at()).min()
    }
}
