//! Work beside polling: publishing what changed, removing what is too old. One at a time, in a task of
//! its own, since either may take seconds.

use super::Daemon;
use super::archive;
use super::exports::{Exports, Unwritten};
use super::files::Files;
use super::flood::Flood;
use super::hubs::Hubs;
use super::news::News;
use super::notes::{Notes, remember};
use super::press::{self, Cards, Press, PressError, Published};
use super::relabel;
use super::settled::Settled;
use super::stale::Stale;
use crate::serve::Shelf;
use crate::store::{Settings, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;
use tokio::task::{JoinError, JoinSet};

/// Least pause between two publishings: a round of a thousand feeds renders the outputs a few times and
/// not a thousand, and `Last-Modified`, which counts seconds, tells them apart.
const PUBLISH_PAUSE: SignedDuration = SignedDuration::from_secs(2);

/// How long a chore rests that failed.
const REST: SignedDuration = SignedDuration::from_mins(1);

/// How often what is too old is removed.
const RETAIN_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// So far may be what retention is reckoned to behind the clock without a word: a clock that was set is soon caught up with.
const SHORTLY: SignedDuration = SignedDuration::from_hours(48);

/// Documents that get all their forms at a time: some tenths of a second.
const PACKED_AT_ONCE: usize = 32;

/// What is to be done, when, and what is being done.
#[derive(Debug)]
pub(super) struct Chores {
    pub(super) stale: Stale,
    /// What is to be remembered of hosts and hubs.
    pub(super) notes: Notes,
    /// No publishing before this instant.
    publish_from: Timestamp,
    /// Whether the leads of articles may have to be chosen anew: feeds may have got another role or weight.
    leads_are_due: bool,
    /// Whether the rules in force may not have been applied to all that is stored.
    pub(super) rules_are_due: bool,
    /// They are not before this instant.
    pub(super) relabel_from: Timestamp,
    /// That, beside the other chores since it may take a minute; at most one.
    pub(super) relabelling: JoinSet<relabel::Outcome>,
    /// When retention is due next.
    retain_at: Timestamp,
    /// What came since.
    pub(super) flood: Flood,
    /// When what is served is to be written as files; `None`: it has not changed since.
    pub(super) files_from: Option<Timestamp>,
    /// How it is with them.
    pub(super) files: Files,
    /// Who writes them.
    pub(super) exports: Exports,
    /// Why they were not written when that was tried last.
    pub(super) files_fail: Option<Unwritten>,
    /// When they were written last.
    pub(super) files_at: Option<Timestamp>,
    /// What hubs are to be told of.
    pub(super) news: News,
    /// How many documents are served that lack forms in which they take less room on the wire.
    unpacked: usize,
    /// What the index says of each output.
    pub(super) cards: Cards,
    /// What is known of the archives of outputs.
    pub(super) archives: archive::Care,
    /// Who is to be told of news, beside all that: they may take their time.
    pub(super) hubs: Hubs,
    /// Whether the last publishing failed; a row of failures is logged once.
    press_fails: bool,
    /// At most one.
    pub(super) under_way: JoinSet<Done>,
}

/// What a chore came to.
#[derive(Debug)]
pub(super) enum Done {
    Published(Result<Published, PressError>),
    /// So many articles are told by another entry than before; `None`: no feed was to be looked at.
    Chosen(Result<Option<u64>, StoreError>),
    Retained(Result<u64, StoreError>),
    /// Documents that are served got the forms that they lacked; so many others still lack them.
    Packed(usize),
    /// What is to be remembered of hosts and hubs was stored.
    Remembered(Result<(), (StoreError, Notes)>),
    /// The database was tried after it failed.
    Tried(Result<(), StoreError>),
}

impl Chores {
    /// Starts with everything to be rendered and retention due.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            stale: Stale::everything(),
            notes: Notes::default(),
            publish_from: now,
            leads_are_due: false,
            rules_are_due: false,
            relabel_from: now,
            relabelling: JoinSet::new(),
            retain_at: now,
            flood: Flood::new(now),
            files_from: None,
            files: Files::default(),
            exports: Exports::default(),
            files_fail: None,
            files_at: None,
            news: News::default(),
            unpacked: 0,
            cards: Cards::new(),
            archives: archive::Care::default(),
            hubs: Hubs::default(),
            press_fails: false,
            under_way: JoinSet::new(),
        }
    }

    /// Moves every instant by `span`, because the clock was set.
    pub(super) fn shift(&mut self, span: SignedDuration) {
        self.publish_from = later(self.publish_from, span);
        self.relabel_from = later(self.relabel_from, span);
        self.retain_at = later(self.retain_at, span);
        self.files_from = self.files_from.map(|at| later(at, span));
        self.archives.again_at = self.archives.again_at.map(|at| later(at, span));
        self.flood.shift(span);
        self.hubs.shift(span);
    }

    /// Asks for the leads of articles to be chosen anew where feeds have another role, weight or owner.
    pub(super) fn choose_leads(&mut self) {
        self.leads_are_due = true;
    }

    /// Asks for everything to be rendered as soon as may be.
    pub(super) fn publish_all(&mut self, now: Timestamp) {
        self.stale = Stale::everything();
        self.publish_from = self.publish_from.min(now);
    }

    /// Has files that could not be written tried again at once: who reloads may have mended what hinders that.
    pub(super) fn try_files(&mut self, now: Timestamp) {
        self.files_from = self.files_from.map(|from| from.min(now));
    }
}

impl Daemon {
    /// Returns when to look after the chores next; `None` while one is under way and nothing else is due.
    pub(super) fn next_chore_at(&self) -> Option<Timestamp> {
        let hubs = self.chores.hubs.next_at();
        self.next_in_row_at().into_iter().chain(hubs).min()
    }

    /// Returns when to start the next of those that run one at a time, and the rules.
    fn next_in_row_at(&self) -> Option<Timestamp> {
        let chores = &self.chores;
        let may_relabel = chores.relabelling.is_empty() && self.store_rests_until.is_none();
        let relabel = chores.rules_are_due && may_relabel;
        let relabel = relabel.then_some(chores.relabel_from);
        if !chores.under_way.is_empty() {
            return relabel;
        }
        if let Some(left) = chores.exports.in_row(self.clock.uptime()) {
            let left = SignedDuration::try_from(left).unwrap_or(SignedDuration::MAX);
            return relabel
                .into_iter()
                .chain([later(self.clock.now(), left)])
                .min();
        }
        let files = self.files_from();
        if self.store_rests_until.is_some() {
            return self.store_rests_until.into_iter().chain(files).min();
        }
        if !chores.notes.is_empty() || chores.leads_are_due || chores.unpacked > 0 {
            return Some(Timestamp::MIN);
        }
        let publish = (!chores.stale.is_empty()).then_some(chores.publish_from);
        let retain = [chores.retain_at].into_iter().chain(chores.flood.due_at());
        let archives = chores.archives.again_at;
        let publish = publish.into_iter().chain(files).chain(archives);
        publish.chain(retain).chain(relabel).min()
    }

    /// Returns when files are to be written; nothing where that is being done.
    pub(super) fn files_from(&self) -> Option<Timestamp> {
        let from = self.chores.files_from?;
        let directory = self.publish_dir();
        self.chores
            .exports
            .is_free(directory.as_deref())
            .then_some(from)
    }

    /// Starts the chore that is due, unless one is under way. While the database fails, trying it is the
    /// only one.
    pub(super) fn start_chore(&mut self, now: Timestamp) {
        self.start_relabelling();
        self.start_telling(now);
        let is_in_row = self.chores.exports.in_row(self.clock.uptime()).is_some();
        if !self.chores.under_way.is_empty() || is_in_row {
            return;
        }
        let files_are_due = self.files_from().is_some_and(|from| from <= now);
        let come_first = self.chores.files.come_first || self.store_rests_until.is_some();
        if files_are_due && come_first {
            return self.start_files();
        }
        if let Some(until) = self.store_rests_until {
            if until <= now {
                self.chores.under_way.spawn(try_out(self.store.clone()));
            }
            return;
        }
        let again = self.chores.archives.take_due(now);
        self.chores.stale.archives.outputs.extend(again);
        if !self.chores.notes.is_empty() {
            let notes = mem::take(&mut self.chores.notes);
            self.chores
                .under_way
                .spawn(remember(self.store.clone(), notes, now));
        } else if mem::take(&mut self.chores.leads_are_due) {
            self.chores
                .under_way
                .spawn(choose_leads(self.store.clone(), now));
        } else if self.chores.flood.due_at().is_some_and(|due| due <= now) {
            // Before it is published what will be gone.
            let settings = self.chores.flood.take(&self.active.config.storage, now);
            self.chores
                .under_way
                .spawn(trim(self.store.clone(), now, settings));
        } else if !self.chores.stale.is_empty() && self.chores.publish_from <= now {
            let stale = mem::take(&mut self.chores.stale);
            self.chores.publish_from = later(now, PUBLISH_PAUSE);
            let press = self.press(now);
            let publish = async move { Done::Published(press::publish(press, stale).await) };
            self.chores.under_way.spawn(publish);
        } else if mem::take(&mut self.chores.unpacked) > 0 {
            self.chores.under_way.spawn(pack(Arc::clone(&self.shelf)));
        } else if files_are_due {
            self.start_files();
        } else if self.chores.retain_at <= now {
            self.chores.retain_at = later(now, RETAIN_EVERY);
            self.chores.archives.looks_through = true;
            self.chores.flood.clear(now);
            let settings = self.active.config.storage.clone();
            self.chores
                .under_way
                .spawn(count_and_retain(self.store.clone(), now, settings));
        }
    }

    /// Does all chores that are due, one after the other.
    pub(super) async fn do_chores(&mut self) {
        self.chores.publish_from = self.chores.publish_from.min(self.clock.now());
        loop {
            self.start_chore(self.clock.now());
            tokio::select! {
                Some(done) = self.chores.under_way.join_next() => self.finish_chore(done),
                Some(told) = self.chores.hubs.under_way.join_next() => self.finish_telling(told),
                written = self.chores.exports.end(), if self.chores.exports.in_row(self.clock.uptime()).is_some() => {
                    self.finish_files(written);
                }
                Some(done) = self.chores.relabelling.join_next() => {
                    self.finish_relabelling(done);
                    self.chores.publish_from = self.chores.publish_from.min(self.clock.now());
                }
                else => return,
            }
        }
    }

    /// Renders everything for the first time, before readers are let in.
    pub(super) async fn publish_first(&mut self) {
        let stale = mem::take(&mut self.chores.stale);
        let published = press::publish(self.press(self.clock.now()), stale).await;
        self.finish_chore(Ok(Done::Published(published)));
    }

    /// Removes what is too old, whenever that was done last: for who polls by hand.
    pub(super) async fn retain_now(&mut self) {
        let settings = self.active.config.storage.clone();
        let done = retain(self.store.clone(), self.clock.now(), settings).await;
        self.finish_chore(Ok(done));
    }

    /// Chooses anew which entries tell the articles of feeds that have another role or weight: for who polls
    /// by hand.
    pub(super) async fn choose_leads_now(&mut self) {
        self.chores.leads_are_due = false;
        let done = Done::Chosen(self.store.choose_leads(self.clock.now()).await);
        self.finish_chore(Ok(done));
    }

    pub(super) fn press(&self, now: Timestamp) -> Press {
        Press {
            store: self.store.clone(),
            active: Arc::clone(&self.active),
            shelf: Arc::clone(&self.shelf),
            edition: self.shelf.edition(),
            cards: self.chores.cards.clone(),
            files: BTreeMap::new(),
            stacks: archive::Stacks {
                directory: self.state.path().join(archive::DIRECTORY),
                are_ours: true,
                left: Cell::new(archive::AT_ONCE),
                failed: self.chores.archives.failed.clone(),
            },
            settled: Settled::of(&self.active),
            now,
        }
    }

    /// Takes in what a chore came to. What failed is tried again after a rest; until then readers are
    /// served what they were served before (U27).
    pub(super) fn finish_chore(&mut self, done: Result<Done, JoinError>) {
        let rest = later(self.clock.now(), REST);
        let published = match done {
            Ok(Done::Published(published)) => published,
            Ok(Done::Tried(Ok(()))) => return self.store_works(),
            Ok(Done::Tried(Err(error))) => {
                return self.store_failed(error.kind(), &error.to_string());
            }
            Ok(Done::Remembered(Err((error, mut notes)))) => {
                // What came meanwhile is newer.
                notes.append(mem::take(&mut self.chores.notes));
                self.chores.notes = notes;
                return self.store_failed(error.kind(), &error.to_string());
            }
            Ok(Done::Remembered(Ok(())) | Done::Chosen(Ok(None))) => return,
            Ok(Done::Packed(lacking)) => {
                self.chores.unpacked = lacking;
                return;
            }
            Ok(Done::Retained(retained)) => return self.finish_retention(retained, rest),
            Ok(Done::Chosen(Ok(Some(changed)))) => {
                if changed > 0 {
                    tracing::info!(
                        "{changed} articles are told by another feed, by `role` and `weight`"
                    );
                }
                // Other outlets may be independent than before.
                self.chores.stale = Stale::everything();
                return;
            }
            Ok(Done::Chosen(Err(error))) => {
                self.chores.stale = Stale::everything();
                self.chores.leads_are_due = true;
                return self.store_failed(error.kind(), &error.to_string());
            }
            Err(_) => Err(PressError::Panicked),
        };
        match published {
            Ok(published) => {
                self.chores.press_fails = false;
                self.figures.published(self.clock.now(), published.rendered);
                self.chores.cards = published.cards;
                self.chores.unpacked = published.unpacked;
                self.chores.news.add(published.changed, self.clock.uptime());
                self.chores.stale.archives.outputs.extend(published.behind);
                self.chores
                    .archives
                    .note(published.failed, self.clock.now(), rest);
                self.owe_news();
                let files_from = self.chores.files_from;
                self.chores.files_from = files_from.into_iter().chain([self.clock.now()]).min();
                self.news_served();
            }
            Err(error) => {
                self.chores.stale = Stale::everything();
                // What could not be remembered is served all the same.
                self.chores.unpacked = self.chores.unpacked.max(1);
                self.chores.publish_from = rest;
                if !mem::replace(&mut self.chores.press_fails, true) {
                    tracing::error!("the outputs stay as they were: {error}");
                }
            }
        }
        self.tell_vitals();
    }

    /// Takes in what retention came to. Archives are looked through after it, once a day.
    fn finish_retention(&mut self, retained: Result<u64, StoreError>, rest: Timestamp) {
        match retained {
            Ok(0) => {}
            Ok(removed) => {
                tracing::info!(
                    "removed {removed} entries: older than `retention`, or over `max-entries`"
                );
                self.chores.stale = Stale::everything();
            }
            Err(error) => {
                // Some of it may have been done.
                self.chores.stale = Stale::everything();
                self.chores.retain_at = rest;
                return self.store_failed(error.kind(), &error.to_string());
            }
        }
        let looks_through = mem::take(&mut self.chores.archives.looks_through);
        self.chores.stale.archives.is_thorough |= looks_through;
    }

    /// Tells `/readyz` whether anything is wrong with us.
    pub(super) fn tell_vitals(&self) {
        let state = match (self.store_rests_until, self.chores.press_fails) {
            (Some(_), _) => Err("the database fails".to_owned()),
            (None, true) => Err("the outputs cannot be rendered".to_owned()),
            (None, false) => Ok(()),
        };
        self.vitals.set(state);
    }
}

async fn try_out(store: Store) -> Done {
    Done::Tried(store.try_out().await)
}

/// Makes forms that documents lack, until so many have got them: what changes meanwhile comes first.
async fn pack(shelf: Arc<Shelf>) -> Done {
    #[expect(clippy::disallowed_methods, reason = "compressing takes a while")]
    let packed = tokio::task::spawn_blocking(move || {
        let documents = shelf.all();
        let mut lacking = documents.values().filter(|it| !it.is_complete());
        let some = lacking.by_ref().take(PACKED_AT_ONCE);
        some.for_each(|it| it.complete());
        lacking.count()
    });
    // Forms that cannot be made are done without.
    Done::Packed(packed.await.unwrap_or(0))
}

async fn choose_leads(store: Store, now: Timestamp) -> Done {
    Done::Chosen(store.choose_leads(now).await)
}

async fn retain(store: Store, now: Timestamp, settings: Settings) -> Done {
    let until = match store.reckon_retention(now).await {
        Ok(until) => until,
        Err(error) => return Done::Retained(Err(error)),
    };
    let behind = now.duration_since(until);
    if behind > SHORTLY {
        tracing::warn!(
            "`retention` is reckoned to {1}, {0} days behind the clock, which went on by more than a month at once: nothing is \
             removed by that, and it catches up twice as fast as time passes; see that the clock is right",
            behind.as_hours() / 24,
            until.strftime("%Y-%m-%d")
        );
    }
    Done::Retained(store.retain((until, now), &settings).await)
}

/// Before what is too old is removed, counts what is stored: that is known from then on.
async fn count_and_retain(store: Store, now: Timestamp, settings: Settings) -> Done {
    match store.count_held().await {
        Ok(()) => retain(store, now, settings).await,
        Err(error) => Done::Retained(Err(error)),
    }
}

async fn trim(store: Store, now: Timestamp, settings: Settings) -> Done {
    Done::Retained(store.trim(now, &settings).await)
}

pub(super) fn later(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.saturating_add(span).unwrap_or(Timestamp::MAX)
}
