//! What turns: feeds that begin to fail, recover, end, move or fall silent, and the daemon itself. Operators may
//! subscribe to it: `/status/health.atom`, `.rss` and `.json`.
//!
//! Each turn is told once, as one entry, and a hundred are kept, in memory and in the database. What something is now
//! is compared with what was told of it last, so that nothing is told twice, not after a restart either, and what is
//! not told at once, since too much was, is told when there is room again. Nothing is kept of a feed of which nothing is told.
//!
//! - `conditions`: what a poll says of its feed, and whether somebody should know;
//! - `words`: title and text of an entry;
//! - `document`: the entries as documents, made when somebody asks.

mod conditions;
mod document;
#[cfg(test)]
mod tests;
mod words;

use super::Daemon;
use super::active::Active;
use super::exports::Unwritten;
use super::report::PollReport;
use crate::model::{About, FeedId, Identity, Transition, Turn};
use crate::publish::OutputFormat;
use crate::serve::Resource;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) use document::format_of;

/// Entries that are kept: some weeks of a newsroom of 150 feeds, and a document that no reader minds.
const MOST: usize = 100;

/// Entries of one feed, or of one part of the daemon, that are kept: one that fails and recovers for ever, slowly
/// enough to be told of each time, takes a twentieth of the document and pushes nobody else out.
const OF_ONE: usize = 6;

/// Turns of a feed that are told within a day: that it began to fail, and that it recovered. One that flips each hour
/// says no more by the fifth time than by the first. As it is when the day is over it is told then.
const OF_A_FEED_A_DAY: usize = 2;

/// The same of what is the daemon's: whoever edits feeds.toml has it refused a few times in a row.
const OF_OURS_A_DAY: usize = 6;

/// How long a file is refused before that is told: whoever edits it sees what is wrong, and has it mended sooner mostly.
const TRIED: SignedDuration = SignedDuration::from_mins(10);

/// Turns of feeds that are told within an hour: when a hundred turn at once there is one cause, and a list of them
/// would push out all else. What `status` says is complete.
const OF_FEEDS_AN_HOUR: usize = 20;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What something is now.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    turn: Turn,
    what: String,
    detail: String,
}

impl Condition {
    fn new(turn: Turn, what: &str, detail: impl Into<String>) -> Self {
        Self {
            turn,
            what: what.to_owned(),
            detail: detail.into(),
        }
    }

    fn well() -> Self {
        Self::new(Turn::Well, "", "")
    }

    /// Returns the same with what it was before, where it is well now.
    fn after(self, before: Turn) -> Self {
        match self.turn {
            Turn::Well => Self::new(Turn::Well, before.name(), self.detail),
            _ => self,
        }
    }
}

/// What was told, shared by the loop and by who answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Transitions(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    /// The oldest first.
    all: Vec<Transition>,
    /// Who tells it, once somebody does.
    teller: Option<(Arc<Active>, Identity)>,
    /// The documents that were asked for since the last turn.
    made: BTreeMap<OutputFormat, Arc<Resource>>,
}

impl Transitions {
    /// Goes on after what was told before.
    pub(super) fn remember(&self, told: Vec<Transition>) {
        let mut state = self.state();
        state.all = told;
        state.made.clear();
    }

    /// Tells it from now on as a configuration has it.
    pub(super) fn take_up(&self, active: Arc<Active>, identity: Identity) {
        let mut state = self.state();
        state.teller = Some((active, identity));
        state.made.clear();
    }

    /// Returns what was told last of something.
    pub(super) fn last(&self, about: &About) -> Turn {
        self.state()
            .last(about)
            .map_or(Turn::Well, |last| last.turn)
    }

    /// Takes in what something is now, and returns all that is told where that is more than before.
    fn turn(&self, about: &About, now: Timestamp, is: Condition) -> Option<Vec<Transition>> {
        let mut state = self.state();
        if !state.take(about, now, is) {
            return None;
        }
        state.made.clear();
        Some(state.all.clone())
    }

    fn state(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn take(&mut self, about: &About, now: Timestamp, is: Condition) -> bool {
        let before = self.last(about).map_or(Turn::Well, |last| last.turn);
        let is_feed = matches!(about, About::Feed(_));
        if same(before, is.turn) {
            return false;
        }
        let is = is.after(before);
        let a_day = if is_feed {
            OF_A_FEED_A_DAY
        } else {
            OF_OURS_A_DAY
        };
        if self.count(now, DAY, &|it| it.about == *about) >= a_day {
            return false;
        }
        if is_feed && self.count(now, HOUR, &is_of_a_feed) >= OF_FEEDS_AN_HOUR {
            let told = self.count(now, DAY, &|it| it.about == About::Feeds);
            if told == 0 {
                self.add(&About::Feeds, now, Condition::new(Turn::Many, "", ""));
            }
            return told == 0;
        }
        self.add(about, now, is);
        true
    }

    /// Returns what was told last of something.
    fn last(&self, about: &About) -> Option<&Transition> {
        self.all.iter().rfind(|it| it.about == *about)
    }

    /// Counts what was told within a span.
    fn count(
        &self,
        now: Timestamp,
        span: SignedDuration,
        which: &dyn Fn(&Transition) -> bool,
    ) -> usize {
        let is_recent = |it: &&Transition| now.duration_since(it.at) < span;
        let recent = self.all.iter().filter(is_recent);
        recent.filter(|it| which(it)).count()
    }

    fn add(&mut self, about: &About, now: Timestamp, is: Condition) {
        // As the database has it; two of one instant would be one entry.
        let mut at = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        while self.all.iter().any(|it| it.about == *about && it.at == at) {
            at = at.saturating_add(MOMENT).unwrap_or(Timestamp::MAX);
        }
        self.all.push(Transition {
            at,
            about: about.clone(),
            turn: is.turn,
            what: is.what,
            detail: is.detail,
        });
        let mut of_one = self.all.iter().filter(|it| it.about == *about).count();
        self.all.retain(|it| {
            let is_over = it.about == *about && of_one > OF_ONE;
            of_one -= usize::from(is_over);
            !is_over
        });
        let excess = self.all.len().saturating_sub(MOST);
        self.all.drain(..excess);
    }
}

/// The least that is between two instants in the database.
const MOMENT: SignedDuration = SignedDuration::from_millis(1);

fn is_of_a_feed(told: &Transition) -> bool {
    matches!(told.about, About::Feed(_))
}

/// Tells whether something turned at all. That it moved says nothing against it.
fn same(before: Turn, now: Turn) -> bool {
    let is_well = |turn| matches!(turn, Turn::Well | Turn::Moved | Turn::Returned | Turn::Many);
    match now {
        Turn::Well => is_well(before),
        Turn::Moved | Turn::Returned => false,
        _ => before == now,
    }
}

impl Daemon {
    /// Goes on after what was told before this start.
    pub(super) fn remember_transitions(&self) -> Result<(), crate::store::StoreError> {
        self.transitions.remember(self.store.transitions()?);
        Ok(())
    }

    /// Tells how a feed turned by a poll.
    pub(super) fn tell_of_feed(&mut self, report: &PollReport) {
        let now = self.clock.now();
        let about = About::Feed(report.feed.clone());
        let before = self.transitions.last(&about);
        let discreet = &self.active.discreet;
        for is in conditions::of_feed(report, before, discreet, now) {
            self.tell_turn(&about, now, is);
        }
    }

    /// Tells how the daemon itself turned since it was asked last.
    pub(super) fn tell_of_us(&mut self) {
        let now = self.clock.now();
        let network = match self.network_down() {
            Some((since, next)) => {
                let since = since.strftime("Since %H:%M UTC").to_string();
                let next = next.map(|at| at.strftime("; tried again at %H:%M UTC").to_string());
                Condition::new(Turn::Failing, "", since + &next.unwrap_or_default())
            }
            None => Condition::well(),
        };
        self.tell_turn(&About::Network, now, network);
        let is_offline = self.network.down_since().is_some();
        self.figures.roads(is_offline, self.proxies.unreached());
        self.tell_doubts();
        self.tell_rests();
        if let Some((since, name)) = self.proxies.trouble() {
            let since = since.strftime("%H:%M UTC");
            let is = Condition::new(Turn::Failing, "", format!("{name} since {since}"));
            self.tell_turn(&About::Proxies, now, is);
        } else if self.proxies.are_known {
            self.tell_turn(&About::Proxies, now, Condition::well());
        }
        let database = match self.trouble.as_ref() {
            Some(trouble) => Condition::new(Turn::Failing, trouble.kind, &trouble.message),
            None => Condition::well(),
        };
        self.tell_turn(&About::Database, now, database);
        if let Some(file) = self.file_is(now) {
            self.tell_turn(&About::File, now, file);
        }
        if let Some(files) = self.files_are() {
            self.tell_turn(&About::Files, now, files);
        }
        let archives = self.archives_trouble();
        let archives = archives.map_or_else(Condition::well, |it| unwritten(&it));
        self.tell_turn(&About::Archives, now, archives);
        self.note_exports();
    }

    /// Returns how it is with feeds.toml; nothing while a refusal of it may be one of those that pass by themselves.
    fn file_is(&self, now: Timestamp) -> Option<Condition> {
        let Some(rejected) = &self.reloads.rejected else {
            return Some(Condition::well());
        };
        let is_tried = !rejected.has_failed && now.duration_since(rejected.since) < TRIED;
        let what = if rejected.has_failed { "failed" } else { "" };
        (!is_tried).then(|| Condition::new(Turn::Refused, what, &rejected.why))
    }

    /// Returns how it is with the files; nothing where nobody knows, since they are about to be written.
    fn files_are(&self) -> Option<Condition> {
        if let Some(trouble) = self.files_trouble() {
            return Some(unwritten(trouble));
        }
        if self.publish_dir().is_none() {
            return Some(Condition::new(Turn::Well, "", words::NO_FILES));
        }
        self.chores.files.are_written.then(Condition::well)
    }

    fn tell_turn(&mut self, about: &About, now: Timestamp, is: Condition) {
        if let Some(told) = self.transitions.turn(about, now, is) {
            self.chores.notes.transitions = Some(told);
        }
    }
}

fn unwritten(unwritten: &Unwritten) -> Condition {
    let what = if unwritten.is_kept { words::KEPT } else { "" };
    Condition::new(Turn::Failing, what, &unwritten.why)
}

/// Tells whether the address of a feed is one that readers are not told.
fn is_quiet(active: &Active, feed: &FeedId) -> bool {
    let number = active.number(feed);
    let feed = number.and_then(|number| active.feed(number));
    feed.is_none_or(|feed| !active.discreet.tells(feed))
}
