//! Hubs: telling those who hand our outputs on that there is news (W12).
//!
//! A hub is told after what changed is stored and served, so that it finds it when it comes (`news`). What changes
//! within [`PAUSE`] is told at once. A hub that does not hear is told later, ever more seldom; polls and
//! readers know nothing of it.
//!
//! What it heard is in the database, as a mark of the bytes: what a stop or a crash kept from it is told after the
//! next start. So a stop waits for no hub. Of what it is to hear again there is no mark.

use super::Daemon;
use super::active::Active;
use super::chores::later;
use crate::fetch::Unheard;
use crate::model::Failure;
use crate::store::Digest;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::{self, JoinError, JoinSet};
use url::Url;

/// Least pause between two rounds of news for one hub: a burst is one for who is told, and each makes the hub
/// fetch the output.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// The pause after the first failure; each further one doubles it.
const FIRST_REST: SignedDuration = SignedDuration::from_mins(1);

/// The longest pause.
const LONGEST_REST: SignedDuration = SignedDuration::from_hours(1);

/// Doublings after which the pause is the longest.
const DOUBLINGS: u32 = 6;

/// Topics that a hub may refuse one after the other before it counts as one that hears of none: each costs a request.
const REFUSALS: usize = 8;

/// What stands for the bytes of a document that a hub was told of, and for the hub; by path.
pub(super) type Marks = BTreeMap<String, Digest>;

/// What is to be told to whom.
#[derive(Debug, Default)]
pub(super) struct Hubs {
    /// The paths of documents of which it is not found out yet what was owed when the last run ended; nothing before the
    /// first look.
    pub(super) unsettled: Option<BTreeSet<String>>,
    known: BTreeMap<Url, Hub>,
    /// At most one for each hub.
    pub(super) under_way: JoinSet<Told>,
}

/// One hub.
#[derive(Debug)]
struct Hub {
    /// Outputs with news, by their addresses.
    topics: Topics,
    /// Those of them that it refused, which rest by themselves.
    refused: BTreeMap<String, Refused>,
    /// Not before this instant.
    from: Timestamp,
    /// In a row.
    failures: u32,
    /// The task that tells it, and what of; none where none does.
    being_told: Option<(task::Id, Topics)>,
}

/// What became of a topic that a hub refused.
#[derive(Debug)]
struct Refused {
    /// How often, in a row.
    times: u32,
    /// Not before this instant.
    from: Timestamp,
}

/// Outputs with news, by their addresses: path and mark of each.
type Topics = BTreeMap<String, (String, Digest)>;

/// What came of telling a hub.
#[derive(Debug)]
pub(super) struct Told {
    hub: Url,
    /// What it heard.
    heard: Marks,
    /// What it refused, with the last of its answers.
    refused: Option<(Topics, Failure)>,
    /// What it has not heard, as it hears of nothing, with the last of its answers.
    left: Result<(), (Topics, Failure)>,
}

/// Returns what stands for a document of this digest that a hub was told of.
pub(super) fn mark(hub: &Url, digest: &Digest) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(digest);
    hasher.update(hub.as_str().as_bytes());
    *hasher.finalize().as_bytes()
}

impl Hubs {
    /// Notes that an output has news for a hub.
    pub(super) fn note(&mut self, hub: &Url, topic: String, news: (String, Digest)) {
        let hub = self.known.entry(hub.clone()).or_insert_with(|| Hub {
            topics: Topics::new(),
            refused: BTreeMap::new(),
            from: Timestamp::MIN,
            failures: 0,
            being_told: None,
        });
        hub.topics.insert(topic, news);
    }

    /// Tells whether one has something to hear of an output beside what it is being told.
    pub(super) fn owe(&self, path: &str) -> bool {
        let mut topics = self.known.values().flat_map(|hub| hub.topics.values());
        topics.any(|(owed, _)| owed == path)
    }

    /// Returns when one is to be told something next.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.known.values().filter_map(Hub::next_at).min()
    }

    /// Moves every instant by `span`, because the clock was set.
    pub(super) fn shift(&mut self, span: SignedDuration) {
        for hub in self.known.values_mut() {
            hub.from = later(hub.from, span);
            for refused in hub.refused.values_mut() {
                refused.from = later(refused.from, span);
            }
        }
    }

    /// Begins to tell those hubs whose time has come.
    fn start(&mut self, active: &Arc<Active>, now: Timestamp) {
        let named: BTreeSet<&Url> = active.hubs().collect();
        self.known
            .retain(|hub, it| it.being_told.is_some() || named.contains(hub));
        for (url, hub) in &mut self.known {
            if hub.next_at().is_none_or(|at| at > now) {
                continue;
            }
            let due = hub.take_due(now);
            hub.from = later(now, PAUSE);
            let topics = due.iter().cloned().collect();
            let telling = tell(Arc::clone(active), url.clone(), due);
            hub.being_told = Some((self.under_way.spawn(telling).id(), topics));
        }
    }

    /// Lets the hub be told again later whose task ended without a word: it may have heard some of it, and is told
    /// of all.
    fn let_go(&mut self, task: task::Id, now: Timestamp) {
        let is_its = |hub: &&mut Hub| hub.being_told.as_ref().is_some_and(|(its, _)| *its == task);
        if let Some(hub) = self.known.values_mut().find(is_its)
            && let Some((_, topics)) = hub.being_told.take()
        {
            hub.tell_later(topics, now);
        }
    }

    /// Takes in what a hub heard; returns how often it failed before, in a row, and whether it refused a topic for the
    /// first time.
    fn finish(&mut self, told: &Told, now: Timestamp) -> (u32, bool) {
        let Some(hub) = self.known.get_mut(&told.hub) else {
            return (0, false);
        };
        hub.being_told = None;
        let before = hub.failures;
        match &told.left {
            Ok(()) => hub.failures = 0,
            Err((topics, _)) => hub.tell_later(topics.clone(), now),
        }
        let refused = told.refused.iter().flat_map(|(topics, _)| topics);
        let mut is_first = false;
        for (topic, news) in refused {
            is_first |= hub.refuse(topic, news, now);
        }
        // Of what it heard nothing is owed, unless it is news again.
        let owed = &hub.topics;
        hub.refused.retain(|topic, _| owed.contains_key(topic));
        (before, is_first)
    }
}

impl Hub {
    /// Returns when it is to be told something next.
    fn next_at(&self) -> Option<Timestamp> {
        let waiting = self
            .topics
            .keys()
            .filter(|_| self.being_told.is_none())
            .map(|topic| self.rested(topic));
        waiting.min().map(|at| at.max(self.from))
    }

    /// Returns before when it is not told of a topic that it refused.
    fn rested(&self, topic: &str) -> Timestamp {
        let refused = self.refused.get(topic);
        refused.map_or(Timestamp::MIN, |refused| refused.from)
    }

    /// Takes what it may be told now: first what it refused least often, so that what it always refuses keeps nothing
    /// else from it.
    fn take_due(&mut self, now: Timestamp) -> Vec<(String, (String, Digest))> {
        let topics = std::mem::take(&mut self.topics);
        let (due, resting) = topics
            .into_iter()
            .partition::<Topics, _>(|(topic, _)| self.rested(topic) <= now);
        self.topics = resting;
        let mut due: Vec<_> = due.into_iter().collect();
        due.sort_by_key(|(topic, _)| self.refused.get(topic).map_or(0, |it| it.times));
        due
    }

    /// Takes back what it did not hear, to be told of it after a rest.
    fn tell_later(&mut self, topics: Topics, now: Timestamp) {
        for (topic, news) in topics {
            // What came meanwhile is newer.
            self.topics.entry(topic).or_insert(news);
        }
        self.from = later(now, rest(self.failures));
        self.failures = self.failures.saturating_add(1);
    }

    /// Takes back a topic that it refused, to be told of it after a rest of its own; tells whether this is the first time.
    fn refuse(&mut self, topic: &str, news: &(String, Digest), now: Timestamp) -> bool {
        let waiting = self.topics.entry(topic.to_owned());
        waiting.or_insert_with(|| news.clone());
        let refused = self.refused.entry(topic.to_owned()).or_insert(Refused {
            times: 0,
            from: now,
        });
        refused.from = later(now, rest(refused.times));
        refused.times = refused.times.saturating_add(1);
        refused.times == 1
    }
}

/// Returns how long a hub is left alone that failed so often before.
fn rest(failures: u32) -> SignedDuration {
    let factor = 1 << failures.min(DOUBLINGS);
    FIRST_REST.saturating_mul(factor).min(LONGEST_REST)
}

/// Tells a hub of all, one after the other, until it does not hear. One that refuses a topic may hear of the next.
async fn tell(active: Arc<Active>, hub: Url, due: Vec<(String, (String, Digest))>) -> Told {
    let mut told = Told {
        hub,
        heard: Marks::new(),
        refused: None,
        left: Ok(()),
    };
    let mut in_a_row = 0;
    let mut due = due.into_iter();
    while let Some((topic, news)) = due.next() {
        match active.fetcher.tell_hub(&told.hub, &topic).await {
            Ok(()) => {
                in_a_row = 0;
                told.heard.extend([news]);
            }
            Err(Unheard {
                failure,
                refuses_topic,
            }) if refuses_topic && in_a_row < REFUSALS => {
                in_a_row += 1;
                let (topics, last) = told.refused.get_or_insert((Topics::new(), failure.clone()));
                topics.insert(topic, news);
                *last = failure;
            }
            Err(Unheard { failure, .. }) => {
                let left = due.chain([(topic, news)]).collect();
                told.left = Err((left, failure));
                break;
            }
        }
    }
    told
}

impl Daemon {
    /// Forgets what hubs heard of documents that no hub hands on in a configuration that is taken up.
    pub(super) fn forget_told(&mut self, next: &Active) {
        let known = next.hub_paths();
        let gone = self.active.hub_paths().into_iter();
        let gone = gone.filter(|path| !known.contains(path));
        self.chores.notes.told.extend(gone.map(|path| (path, None)));
    }

    /// Begins to tell hubs what is due.
    pub(super) fn start_telling(&mut self, now: Timestamp) {
        self.chores.hubs.start(&self.active, now);
    }

    /// Takes in what a hub heard: a row of failures is logged once.
    pub(super) fn finish_telling(&mut self, told: Result<Told, JoinError>) {
        let told = match told {
            Ok(told) => told,
            Err(error) => {
                tracing::error!("telling a hub panicked: please report it");
                return self.chores.hubs.let_go(error.id(), self.clock.now());
            }
        };
        // What has left the configuration meanwhile was forgotten.
        let known = self.active.hub_paths();
        let heard = told.heard.iter().filter(|(path, _)| known.contains(*path));
        let heard = heard.map(|(path, mark)| {
            let is_settled = !self.is_to_hear_again(path);
            (path.clone(), is_settled.then_some(*mark))
        });
        let heard: Vec<_> = heard.collect();
        self.chores.notes.told.extend(heard);
        let (before, is_first) = self.chores.hubs.finish(&told, self.clock.now());
        let hub = told.hub.host_str().unwrap_or_default();
        self.figures
            .hub_told(told.left.is_ok() && told.refused.is_none());
        if let Some((_, failure)) = told.refused.filter(|_| is_first) {
            tracing::warn!(
                "the hub does not hear of an output: {}; it is told of others, and of this later",
                failure.message
            );
        }
        match told.left {
            Ok(()) if before > 0 => tracing::info!("the hub {hub} hears again"),
            Ok(()) => tracing::debug!("the hub {hub} was told"),
            Err((_, failure)) if before == 0 => {
                tracing::warn!(
                    "the hub does not hear: {}; it is told later",
                    failure.message
                );
            }
            Err((_, failure)) => tracing::debug!("the hub does not hear: {}", failure.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    const NOW: &str = "2026-11-24T06:00:00Z";

    fn hub() -> Url {
        "https://hub.example/".parse().unwrap()
    }

    fn news(path: &str) -> (String, Digest) {
        (path.to_owned(), [1; 32])
    }

    fn told(refused: Option<(Topics, Failure)>, left: Result<(), (Topics, Failure)>) -> Told {
        Told {
            hub: hub(),
            heard: Marks::new(),
            refused,
            left,
        }
    }

    /// A hub that was told of a topic and has answered so far.
    fn after(answers: &[bool]) -> (Hubs, u32) {
        let now = NOW.parse().unwrap();
        let mut hubs = Hubs::default();
        hubs.note(&hub(), "a".to_owned(), news("/a"));
        let mut before = 0;
        for heard in answers {
            let topics = Topics::from([("a".to_owned(), news("/a"))]);
            let failure = Failure::new(FailureKind::Http, "503");
            let left = if *heard {
                Ok(())
            } else {
                Err((topics, failure))
            };
            (before, _) = hubs.finish(&told(None, left), now);
        }
        (hubs, before)
    }

    #[test]
    fn w12_a_dead_hub_is_told_ever_more_seldom() {
        let now: Timestamp = NOW.parse().unwrap();
        for (failures, minutes) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)] {
            let (hubs, before) = after(&vec![false; failures]);
            let expected = now + SignedDuration::from_mins(minutes);
            assert_eq!(hubs.next_at(), Some(expected), "{failures}");
            assert_eq!(usize::try_from(before).unwrap(), failures - 1);
        }
        let (mut hubs, before) = after(&[false, false, true]);
        assert_eq!(before, 2);
        hubs.known.get_mut(&hub()).unwrap().topics.clear();
        assert_eq!(hubs.next_at(), None);
    }

    /// What it refuses rests by itself, ever longer, and comes after all else.
    #[test]
    fn w12_a_topic_that_is_refused_keeps_no_other_from_the_hub() {
        let now: Timestamp = NOW.parse().unwrap();
        let minutes = |minutes| now + SignedDuration::from_mins(minutes);
        let mut hubs = Hubs::default();
        let refused = || {
            Some((
                Topics::from([("a".to_owned(), news("/a"))]),
                Failure::new(FailureKind::Http, "400"),
            ))
        };
        hubs.note(&hub(), "a".to_owned(), news("/a"));
        for (at, rest, expected) in [(0, 1, (0, true)), (1, 2, (0, false)), (3, 4, (0, false))] {
            let due = hubs.known.get_mut(&hub()).unwrap().take_due(minutes(at));
            assert_eq!(due.len(), 1);
            assert_eq!(hubs.finish(&told(refused(), Ok(())), minutes(at)), expected);
            assert_eq!(hubs.next_at(), Some(minutes(at + rest)));
        }
        for topic in ["b", "c"] {
            hubs.note(&hub(), topic.to_owned(), news(topic));
        }
        assert_eq!(hubs.next_at(), Some(Timestamp::MIN), "others do not wait");
        let names =
            |due: Vec<(String, _)>| due.into_iter().map(|(topic, _)| topic).collect::<String>();
        let known = hubs.known.get_mut(&hub()).unwrap();
        assert_eq!(names(known.take_due(minutes(5))), "bc");
        known.topics.insert("b".to_owned(), news("/b"));
        assert_eq!(names(known.take_due(minutes(7))), "ba");
        hubs.finish(&told(None, Ok(())), minutes(7));
        assert!(hubs.known[&hub()].refused.is_empty(), "it heard");
    }

    #[test]
    fn w12_other_bytes_or_another_hub_are_news() {
        let other: Url = "https://other.example/".parse().unwrap();
        let one = mark(&hub(), &[1; 32]);
        assert_eq!(one, mark(&hub(), &[1; 32]));
        assert!(one != mark(&hub(), &[2; 32]) && one != mark(&other, &[1; 32]));
    }

    /// A task that panics costs its own hub a rest, and no hub any news.
    #[tokio::test]
    async fn w12_a_task_that_panics_loses_nothing() {
        let now: Timestamp = NOW.parse().unwrap();
        let other: Url = "https://other.example/".parse().unwrap();
        let mut hubs = Hubs::default();
        let told = hubs.under_way.spawn(std::future::pending()).id();
        let panicked = hubs.under_way.spawn(async { panic!("as it may") }).id();
        for (url, task) in [(&other, told), (&hub(), panicked)] {
            hubs.note(url, "a".to_owned(), news("/a"));
            hubs.note(url, "b".to_owned(), news("/b"));
            let known = hubs.known.get_mut(url).unwrap();
            known.being_told = Some((task, std::mem::take(&mut known.topics)));
        }
        hubs.note(&hub(), "a".to_owned(), ("/a".to_owned(), [2; 32]));
        let error = hubs.under_way.join_next().await.unwrap().unwrap_err();
        hubs.let_go(error.id(), now);
        let known = &hubs.known[&hub()];
        let back = Topics::from([
            ("a".to_owned(), ("/a".to_owned(), [2; 32])),
            ("b".to_owned(), news("/b")),
        ]);
        assert_eq!((&known.topics, known.failures), (&back, 1));
        assert_eq!(hubs.next_at(), Some(now + FIRST_REST));
        assert!(hubs.known[&other].being_told.is_some(), "it is told still");
    }

    #[test]
    fn w12_what_is_news_twice_is_told_once() {
        let mut hubs = Hubs::default();
        hubs.note(&hub(), "a".to_owned(), news("/a"));
        hubs.note(&hub(), "a".to_owned(), news("/a"));
        hubs.note(&hub(), "b".to_owned(), news("/b"));
        assert_eq!(hubs.known[&hub()].topics.len(), 2);
        assert_eq!(hubs.next_at(), Some(Timestamp::MIN));
    }

    /// What comes while it is told is owed, be it the same once more.
    #[test]
    fn w12_what_is_being_told_is_owed_where_it_came_again() {
        let mut hubs = Hubs::default();
        hubs.note(&hub(), "a".to_owned(), news("/a"));
        let known = hubs.known.get_mut(&hub()).unwrap();
        known.take_due(NOW.parse().unwrap());
        assert!(!hubs.owe("/a"));
        hubs.note(&hub(), "a".to_owned(), news("/a"));
        assert!(hubs.owe("/a") && !hubs.owe("/b"));
    }
}
